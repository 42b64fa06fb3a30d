//! Adapters, honest and hostile, through the built program.
//!
//! With `adapter` as its first argument, this program is an adapter of the kind that the second names.
//! With `peer`, it is a process of the honest adapter.

mod honest;
mod hostile;
mod hostility;
mod known;
mod runs;
mod schemas;
mod trying;

use std::process::ExitCode;

use libtest_mimic::Trial;

use crate::named;

/// Runs what the arguments say that this process is, unless it is the tests.
pub(crate) fn of_this_process() -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["adapter", "honest"] => Some(honest::serve()),
        ["adapter", manner] => Some(hostile::serve(manner)),
        ["peer"] => Some(honest::peer::live()),
        _ => None,
    }
}

/// The tests of all files here.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let tests = [
        hostility::TESTS,
        known::TESTS,
        runs::TESTS,
        schemas::TESTS,
        trying::TESTS,
    ];
    let tests = tests.into_iter().flatten();
    tests.map(|test| named::trial("adapters", test))
}

/// The command of the adapter of this kind.
pub(crate) fn command(kind: &str) -> String {
    let this = std::env::current_exe().expect("this program knows where it is");
    let this = this.display().to_string();
    format!("{} adapter {kind}", shell_words::quote(&this))
}

/// Functions by their names.
macro_rules! tests {
    ($($test:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::named::Named] = &[$((stringify!($test), $test)),+];
    };
}
pub(crate) use tests;
