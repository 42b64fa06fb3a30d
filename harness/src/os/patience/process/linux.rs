use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::os::patience::hindrance::Hindrance;
use crate::os::supervisor::state_of;

/// Returns what keeps this process from running; none if there is no such process.
pub(crate) fn hindrance(pid: u32) -> Option<Hindrance> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let mut all = Hindrance {
        delay: Duration::ZERO,
        is_held: false,
    };
    for thread in threads.flatten() {
        let thread = thread.path();
        all.delay += delay(&thread).unwrap_or_default();
        all.is_held |= state_of(&thread).is_some_and(|state| matches!(state, 'D' | 'T' | 't'));
    }
    Some(all)
}

/// Returns how long this thread has waited for a processor since it started.
pub(crate) fn own_delay() -> Duration {
    delay(Path::new("/proc/thread-self")).unwrap_or_default()
}

/// Returns how long a thread has waited for a processor: the second number, in nanoseconds.
fn delay(thread: &Path) -> Option<Duration> {
    let statistics = fs::read_to_string(thread.join("schedstat")).ok()?;
    let delay = statistics.split(' ').nth(1)?.parse().ok()?;
    Some(Duration::from_nanos(delay))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_exists_has_waited_for_a_processor() {
        let own = hindrance(std::process::id()).unwrap();
        assert!(own.delay > Duration::ZERO);
    }

    #[test]
    fn nothing_hinders_a_process_that_does_not_exist() {
        assert_eq!(hindrance(0), None);
    }
}
