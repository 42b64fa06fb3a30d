//! For test targets with a `main` of their own: functions as tests, each under its own name.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// A test and its name.
pub(crate) type Named = (&'static str, fn());

/// The test that fails if the function panics.
pub(crate) fn trial(&(name, test): &Named) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// Runs what the arguments of `cargo test` ask for.
pub(crate) fn run(tests: Vec<Trial>) -> ExitCode {
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}
