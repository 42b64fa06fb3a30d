//! Nothing is left, whatever happens: no process, no file, no folder.
//!
//! With `SURVIVAL` in its environment, this program is a harness that knows the wrong backends here, or
//! one that panics, or a process that those start.

mod endings;
// Signals are Unix's.
#[cfg(unix)]
mod interruptions;
mod kills;
mod neighbours;
mod pauses;
mod residue;
#[cfg_attr(
    windows,
    expect(dead_code, reason = "of what it does, interruptions alone need some")
)]
pub(crate) mod scene;
mod stand_in;
mod wrong;

use libtest_mimic::Trial;

use crate::named;

pub(crate) use stand_in::of_this_process;

/// The tests of all files here.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let tests = [
        endings::TESTS,
        #[cfg(unix)]
        interruptions::TESTS,
        kills::TESTS,
        neighbours::TESTS,
        pauses::TESTS,
        residue::TESTS,
    ];
    let tests = tests.into_iter().flatten();
    tests.map(|test| named::trial("survival", test))
}

/// Functions by their names.
macro_rules! tests {
    ($($(#[$attribute:meta])* $test:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::named::Named] =
            &[$($(#[$attribute])* (stringify!($test), $test)),+];
    };
}
pub(crate) use tests;
