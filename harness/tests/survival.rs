//! A run leaves no process, file or folder, however it ends.
//!
//! With `SURVIVAL` in its environment, this program is a harness with the wrong backends of these
//! tests, a harness that panics, or a process that they start.

mod endings;
// Only Unix has signals.
#[cfg(unix)]
mod interruptions;
mod kills;
mod neighbours;
#[cfg(target_os = "linux")]
mod outside;
mod pauses;
mod residue;
#[cfg_attr(
    windows,
    expect(
        dead_code,
        reason = "only the tests of interruptions use some functions"
    )
)]
pub(crate) mod scene;
mod stand_in;
mod wrong;

use libtest_mimic::Trial;

use crate::named;

pub(crate) use stand_in::of_this_process;

/// Returns the tests of all modules.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let tests = [
        endings::TESTS,
        #[cfg(unix)]
        interruptions::TESTS,
        kills::TESTS,
        neighbours::TESTS,
        #[cfg(target_os = "linux")]
        outside::TESTS,
        pauses::TESTS,
        residue::TESTS,
    ];
    let tests = tests.into_iter().flatten();
    tests.map(|test| named::trial("survival", test))
}

/// Pairs each test function with its name.
macro_rules! tests {
    ($($(#[$attribute:meta])* $test:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::named::Named] =
            &[$($(#[$attribute])* (stringify!($test), $test)),+];
    };
}
pub(crate) use tests;
