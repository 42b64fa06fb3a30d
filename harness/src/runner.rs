//! Runs trials, each one permutation on one backend, in real processes.
//!
//! In: trials, options, and a [`Session`] that all runs of a harness process share. Out: [`Event`]s in
//! the order of the trials, whatever runs at once, or the history of one run. Every run goes through
//! one loop, in `run_loop.rs`. The processes that it serves are the harness's own (`own.rs`) or those
//! of an adapter (`adapted.rs`). The runner formats nothing, reads no files of cases, and leaves
//! verdicts to [`crate::judge`].
//!
//! [`Event`]: crate::event::Event

mod adapted;
mod attempt;
mod exits;
mod failure;
pub mod interrupt;
mod observe;
mod options;
mod own;
mod run_loop;
mod session;
mod subject;
mod trial;
mod trials;

pub use attempt::attempt;
pub use failure::RunFailure;
pub use observe::{observe, observe_column};
pub use options::{Options, REVIEWED_STALL, STALL, jobs_here, stall_here};
pub use session::{Session, SessionError};
pub use subject::Subject;
pub use trial::{NotRun, Trial};
pub use trials::{header, run, run_in};
