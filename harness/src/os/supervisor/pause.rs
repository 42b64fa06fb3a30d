//! Stops and resumes processes.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{begin, go_on, progress};
#[cfg(windows)]
pub use windows::{begin, go_on, progress};

/// How far the stop of a process has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopProgress {
    /// A thread of it hasn't stopped yet: it may wait for a processor or a disk.
    UnderWay,
    /// No thread of it runs any more.
    Stopped,
    /// It exited first.
    Gone,
}
