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

use std::process::ExitCode;

pub use suite::{PendingGolden, Suite};

use crate::registry::Registry;

/// Set to anything, it makes each permutation a trial of its own.
pub const PERMUTATIONS_VARIABLE: &str = "IPC_CONFORMANCE_PERMUTATIONS";

/// Set to anything, as on machines for continuous integration, it makes what can't be had there fail.
pub const CI_VARIABLE: &str = "CI";

/// Set to a folder, it has each test write the event log of its trials there, for
/// `ipc-conformance merge` to make one of all of them. So a runner that gives each test a process of
/// its own, or spreads them over machines, yields the same log as one run.
pub const LOGS_VARIABLE: &str = "IPC_CONFORMANCE_LOGS";

/// Runs the cases on these backends, as the arguments of `cargo test` say.
///
/// Processes that a trial starts execute this same program: it becomes one of them here where it
/// was started as one, so nothing may happen in `main` before this.
pub fn main(registry: Registry) -> ExitCode {
    Suite::new(registry).main()
}
