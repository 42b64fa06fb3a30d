//! This crate's channels keep what queues and pipes promise.

use std::process::ExitCode;

fn main() -> ExitCode {
    ipc_conformance::testing::main(paper_trail::registry())
}
