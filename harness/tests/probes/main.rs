//! Each capability that a backend declares is probed: some case needs it, and fails where it is
//! declared and isn't there.
//!
//! This program is the tests, and the processes that they start on backends that claim too much.

mod bites;
mod claims;
mod lacking;
#[path = "../named.rs"]
mod named;
mod needs;

use std::process::ExitCode;

fn main() -> ExitCode {
    ipc_conformance::peer::hook(&claims::registry());
    claims::this_is_the_harness();
    let needs = needs::TESTS.iter().map(named::trial);
    named::run(needs.chain(bites::tests()).collect())
}
