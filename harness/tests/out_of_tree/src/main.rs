//! The harness's command line, with this crate's backends.

use std::process::ExitCode;

fn main() -> ExitCode {
    ipc_conformance::cli::main(paper_trail::registry())
}
