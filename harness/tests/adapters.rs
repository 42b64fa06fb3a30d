//! Honest and hostile adapters, run by the built program.
//!
//! With the arguments `adapter KIND`, this program is an adapter of that kind. With `peer`, it is a
//! process of the honest adapter.

mod honest;
mod hostile;
mod hostility;
mod known;
mod runs;
mod scattered;
mod schemas;
mod trying;

use std::process::ExitCode;

use libtest_mimic::Trial;

use crate::named;

/// Runs the adapter or process that the arguments ask for. Returns none if this process runs the
/// tests.
pub(crate) fn of_this_process() -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["adapter", "honest"] => Some(honest::serve()),
        ["adapter", "scatters"] => {
            scattered::scatter();
            Some(honest::serve())
        }
        ["adapter", "answers-start", ref lines @ ..] => Some(hostile::recite(false, lines)),
        ["adapter", "answers-run", ref lines @ ..] => Some(hostile::recite(true, lines)),
        ["adapter", manner] => Some(hostile::serve(manner)),
        ["peer"] => Some(honest::peer::live()),
        _ => None,
    }
}

/// Returns the tests of all modules.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let tests = [
        hostility::TESTS,
        known::TESTS,
        runs::TESTS,
        schemas::TESTS,
        trying::TESTS,
    ];
    let tests = tests.into_iter().flatten();
    let tests = tests.map(|test| named::trial("adapters", test));
    tests.chain(hostility::trials())
}

/// Returns the command that starts the adapter of this kind.
pub(crate) fn command(kind: &str) -> String {
    let this = std::env::current_exe().expect("the system knows this program's path");
    let this = this.display().to_string();
    format!("{} adapter {kind}", shell_words::quote(&this))
}

/// Pairs each test function with its name.
macro_rules! tests {
    ($($test:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::named::Named] = &[$((stringify!($test), $test)),+];
    };
}
pub(crate) use tests;
