//! Tests that start the built program and wait until all its processes have exited.
//!
//! They are in one program because a test observes the end of its processes by a pipe, and each
//! process that starts meanwhile inherits this pipe. Programs that other tests start may live longer.
//!
//! This program is also the program that the tests start; see the modules.

#[cfg(unix)]
mod adapters;
#[cfg(target_os = "linux")]
mod leftovers;
mod named;
#[cfg(unix)]
mod shortage;
mod survival;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(stand_in) = survival::of_this_process() {
        return stand_in.run();
    }
    #[cfg(unix)]
    if let Some(code) = adapters::of_this_process() {
        return code;
    }
    #[cfg(target_os = "linux")]
    if let Some(code) = leftovers::of_this_process() {
        return code;
    }
    let tests = survival::trials();
    #[cfg(unix)]
    let tests = tests.chain(adapters::trials()).chain(shortage::trials());
    #[cfg(target_os = "linux")]
    let tests = tests.chain(leftovers::trials());
    named::run(tests.collect())
}
