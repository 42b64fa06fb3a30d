//! The harness's command line, with this crate's channels in it.

use std::process::ExitCode;

fn main() -> ExitCode {
    ipc_conformance::cli::main(paper_trail::registry())
}
