//! This crate's queue and pipe keep their promises.

use std::process::ExitCode;

fn main() -> ExitCode {
    ipc_conformance::testing::main(paper_trail::registry())
}
