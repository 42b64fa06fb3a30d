//! The cases as a test of `cargo test`, for this crate's backends and for any other crate's.
//!
//! A test target with `harness = false` has one trial for each case on each backend, found when it
//! runs:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use ipc_conformance::registry::Registry;
//!
//! fn main() -> ExitCode {
//!     // `.with(…)` the backends of your own.
//!     ipc_conformance::testing::main(Registry::new())
//! }
//! ```

mod suite;
mod variables;

use std::process::ExitCode;

pub use suite::{PendingGolden, Suite};
pub use variables::{CI_VARIABLE, LOGS_VARIABLE, PERMUTATIONS_VARIABLE};

use crate::registry::Registry;

/// Runs the cases on these backends, as the arguments of `cargo test` say.
///
/// Processes that a trial starts execute this same program: it becomes one of them here where it
/// was started as one, so nothing may happen in `main` before this.
pub fn main(registry: Registry) -> ExitCode {
    Suite::new(registry).main()
}
