//! The command line, with the backends of this crate.

use std::process::ExitCode;

use ipc_conformance::backend::registry::Registry;
use ipc_conformance::cli;

fn main() -> ExitCode {
    cli::main(Registry::builtin())
}
