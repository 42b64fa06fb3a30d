//! Nothing is left, whatever happens: no process, no file, no folder.
//!
//! This program is several: the tests; with `SURVIVAL` in its environment, a harness that knows
//! the wrong backends here, or one that panics; and the processes that those start.

mod endings;
// Signals are Unix's.
#[cfg(unix)]
mod interruptions;
mod kills;
#[path = "../named.rs"]
mod named;
mod neighbours;
mod pauses;
mod residue;
#[cfg_attr(
    windows,
    expect(dead_code, reason = "of what it does, interruptions alone need some")
)]
mod scene;
mod stand_in;
mod wrong;

fn main() -> std::process::ExitCode {
    if let Some(stand_in) = stand_in::of_this_process() {
        return stand_in.run();
    }
    let tests = [
        endings::TESTS,
        #[cfg(unix)]
        interruptions::TESTS,
        kills::TESTS,
        neighbours::TESTS,
        pauses::TESTS,
        residue::TESTS,
    ];
    named::run(tests.into_iter().flatten().map(named::trial).collect())
}

/// Functions by their names.
macro_rules! tests {
    ($($(#[$attribute:meta])* $test:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::named::Named] =
            &[$($(#[$attribute])* (stringify!($test), $test)),+];
    };
}
pub(crate) use tests;
