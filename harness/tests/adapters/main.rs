//! Adapters, honest and hostile, through the built program.
//!
//! This program is several: the tests; with `adapter` as its first argument, an adapter of the kind
//! that the second names; and with `peer`, a process of the honest one.

// Who descends from a harness is seen by a pipe that all of them inherit, which is Unix's way.
#![cfg_attr(not(unix), allow(unused))]

#[cfg(unix)]
mod honest;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod hostility;
#[cfg(unix)]
mod known;
#[cfg(unix)]
#[path = "../named.rs"]
mod named;
#[cfg(unix)]
mod runs;
#[cfg(unix)]
#[path = "../survival/scene.rs"]
#[expect(
    dead_code,
    reason = "it watches all sorts of harnesses, and these tests need some of it"
)]
mod scene;
#[cfg(unix)]
mod schemas;
#[cfg(unix)]
mod stand_in;
#[cfg(unix)]
mod trying;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["adapter", "honest"] => return honest::serve(),
        ["adapter", manner] => return hostile::serve(manner),
        ["peer"] => return honest::peer::live(),
        _ => {}
    }
    let tests = [
        hostility::TESTS,
        known::TESTS,
        runs::TESTS,
        schemas::TESTS,
        trying::TESTS,
    ];
    named::run(tests.into_iter().flatten().map(named::trial).collect())
}

#[cfg(not(unix))]
fn main() {}

/// The command of the adapter of this kind.
#[cfg(unix)]
pub(crate) fn command(kind: &str) -> String {
    let this = std::env::current_exe().expect("this program knows where it is");
    let this = this.display().to_string();
    format!("{} adapter {kind}", shell_words::quote(&this))
}

/// Functions by their names.
#[cfg(unix)]
macro_rules! tests {
    ($($test:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::named::Named] = &[$((stringify!($test), $test)),+];
    };
}
#[cfg(unix)]
pub(crate) use tests;
