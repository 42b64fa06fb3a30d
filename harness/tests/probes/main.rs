//! Each capability that a backend declares is probed: some case needs it, and fails where it is
//! declared and isn't there.

mod needs;
#[path = "../named.rs"]
mod named;

use std::process::ExitCode;

fn main() -> ExitCode {
    named::run(needs::TESTS.iter().map(named::trial).collect())
}
