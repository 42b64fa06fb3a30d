//! The program `ipc-conformance` with the backends of this crate: `cargo run -- run`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ipc_conformance::cli::main(toy_conformance::registry())
}
