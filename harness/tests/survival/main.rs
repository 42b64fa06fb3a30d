//! Nothing is left, whatever happens: no process, no file, no folder.
//!
//! This program is several: the tests; with `SURVIVAL` in its environment, a harness that knows
//! the wrong backends here, or one that panics; and the processes that those start.

// Signals, groups and inherited descriptors are Unix's. On Windows all of a run is in job objects,
// and it is the system that keeps their promise.
#![cfg_attr(not(unix), allow(unused))]

#[cfg(unix)]
mod endings;
#[cfg(unix)]
mod interruptions;
#[cfg(unix)]
mod kills;
#[cfg(unix)]
#[path = "../named.rs"]
mod named;
#[cfg(unix)]
mod neighbours;
#[cfg(unix)]
mod pauses;
#[cfg(unix)]
mod residue;
#[cfg(unix)]
mod scene;
#[cfg(unix)]
mod stand_in;
#[cfg(unix)]
mod wrong;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    if let Some(stand_in) = stand_in::of_this_process() {
        return stand_in.run();
    }
    let tests = [
        endings::TESTS,
        interruptions::TESTS,
        kills::TESTS,
        neighbours::TESTS,
        pauses::TESTS,
        residue::TESTS,
    ];
    named::run(tests.into_iter().flatten().map(named::trial).collect())
}

#[cfg(not(unix))]
fn main() {}

/// Functions by their names.
#[cfg(unix)]
macro_rules! tests {
    ($($test:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::named::Named] = &[$((stringify!($test), $test)),+];
    };
}
#[cfg(unix)]
pub(crate) use tests;
