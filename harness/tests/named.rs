//! Named test functions, for test programs with a `main` of their own.

use std::num::NonZero;
use std::process::ExitCode;
use std::thread;

use libtest_mimic::{Arguments, Trial};

/// A test function with its name.
pub(crate) type Named = (&'static str, fn());

/// Returns the test of this module. It fails if the function panics.
pub(crate) fn trial(module: &str, &(name, test): &Named) -> Trial {
    Trial::test(format!("{module}::{name}"), move || {
        test();
        Ok(())
    })
}

/// Runs the tests that the arguments of `cargo test` select. Defaults to 2 tests at a time for each
/// CPU, because tests mostly wait.
pub(crate) fn run(tests: Vec<Trial>) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments
        .test_threads
        .get_or_insert_with(|| 2 * thread::available_parallelism().map_or(1, NonZero::get));
    libtest_mimic::run(&arguments, tests).exit_code()
}
