//! The cases as tests, one for each case and backend: `cargo test`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ipc_conformance::testing::main(toy_conformance::registry())
}
