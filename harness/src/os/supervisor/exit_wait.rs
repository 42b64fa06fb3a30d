//! Waits with a time limit until a child exits, which neither `waitpid` nor the standard library does.
//! The child isn't reaped: its process id stays reserved.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(all(unix, not(target_os = "linux")))]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{child_exits_within, exits_within};
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) use unix::{child_exits_within, exits_within};
#[cfg(windows)]
pub(crate) use windows::child_exits_within;

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::child_exits_within;

    #[test]
    fn a_living_child_is_given_its_time_and_one_that_exits_ends_the_wait() {
        // Both read their standard input up to its end.
        let [program, arguments @ ..] = if cfg!(windows) {
            ["cmd", "/C", "set /p line="]
        } else {
            ["sh", "-c", "cat"]
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        assert!(!child_exits_within(&child, Duration::ZERO).unwrap());
        let time = Duration::from_millis(60);
        let began = Instant::now();
        assert!(!child_exits_within(&child, time).unwrap());
        // Windows counts in ticks of up to 16 ms.
        assert!(began.elapsed() + Duration::from_millis(16) >= time);
        drop(child.stdin.take());
        assert!(child_exits_within(&child, Duration::MAX).unwrap());
        assert!(child_exits_within(&child, Duration::ZERO).unwrap());
        assert!(child.wait().unwrap().code().is_some());
    }
}
