//! A process of a group, to which signals are sent only while it is that process.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::Member;
#[cfg(windows)]
pub use windows::Member;
