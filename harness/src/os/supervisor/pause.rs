//! Stops and resumes processes.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{go_on, stop};
#[cfg(windows)]
pub use windows::{go_on, stop};
