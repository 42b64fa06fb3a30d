//! What the operating system says that processes wait in.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::views;
#[cfg(target_os = "linux")]
pub use linux::views;

/// What begins the names of the threads that `threads` steps start; behind it stands the number.
/// Systems cut names short, so it is.
const PLAN_THREAD: &str = "plan-thread-";

/// The name of the thread with this number that a `threads` step starts, by which it is known again.
pub fn thread_name(number: u16) -> String {
    format!("{PLAN_THREAD}{number}")
}
