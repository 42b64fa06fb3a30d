//! The cases as tests of `cargo test`, for this crate's backends and for any other crate's.
//!
//! In: a registry of backends. Out: one test for each case and backend, found when the test target
//! runs. This room decides nothing about results: it calls the runner, and prints the judge's pages.
//!
//! A test target with `harness = false` needs no more than this:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use ipc_conformance::registry::Registry;
//!
//! fn main() -> ExitCode {
//!     // Add your own backends by `.with(…)`.
//!     ipc_conformance::testing::main(Registry::new())
//! }
//! ```

mod arguments;
mod output;
mod suite;
mod test;
mod test_run;
mod variables;

use std::process::ExitCode;

pub use suite::{PendingGolden, Suite};
pub use variables::{CI_VARIABLE, LOGS_VARIABLE, PERMUTATIONS_VARIABLE};

use crate::registry::Registry;

/// Makes a whole test program of one or several backends: `main`, which runs the cases on them.
///
/// See the [`prelude`](crate::prelude) for an example. The program is a test target with
/// `harness = false`.
#[macro_export]
macro_rules! conformance {
    ($($backend:expr),+ $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::testing::main($crate::registry::Registry::new()$(.with($backend))+)
        }
    };
}

/// Runs the cases on these backends, as the arguments of `cargo test` ask for.
///
/// The processes of a trial execute this same program, and take their role in this call. So `main`
/// must do nothing before it.
pub fn main(registry: Registry) -> ExitCode {
    Suite::new(registry).main()
}
