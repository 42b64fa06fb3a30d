//! The names of a plan's threads.

/// The beginning of the names of threads that a `threads` step starts; the thread's number follows.
/// It is short because systems cut longer names.
pub(super) const PLAN_THREAD: &str = "plan-thread-";

/// Returns the name of the thread with this number in a `threads` step. [`super::views`] finds the
/// thread by this name.
pub fn thread_name(number: u16) -> String {
    format!("{PLAN_THREAD}{number}")
}
