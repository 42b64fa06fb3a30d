//! The program, with the backends of this crate.

use std::process::ExitCode;

use ipc_conformance::cli;
use ipc_conformance::registry::Registry;

fn main() -> ExitCode {
    cli::main(Registry::builtin())
}
