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
pub(crate) mod interrupt;
mod observe;
mod options;
mod own;
mod run_loop;
mod session;
mod shortage;
mod subject;
mod trial;
mod trials;
mod turns;

pub(crate) use attempt::SIMPLIFIES;
pub use attempt::attempt;
pub(crate) use failure::RunFailure;
pub use observe::observe;
pub(crate) use observe::observe_column;
pub use options::{Options, STALL};
pub(crate) use options::{REVIEWED_STALL, jobs_here};
pub use session::Session;
pub(crate) use session::SessionError;
pub use subject::Subject;
pub(crate) use trial::NotRun;
pub use trial::Trial;
pub(crate) use trials::header;
pub use trials::{run, run_in};
