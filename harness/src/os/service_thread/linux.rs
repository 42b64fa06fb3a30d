use std::path::PathBuf;

use rustix::thread::gettid;

use crate::os::supervisor::state_of;

pub(super) fn number() -> u32 {
    gettid().as_raw_pid().unsigned_abs()
}

/// Whether a thread of this process is busy. One that has no number yet waits to run.
pub(super) fn is_busy(number: u32) -> bool {
    let thread = PathBuf::from(format!("/proc/self/task/{number}"));
    number == 0 || state_of(&thread).is_some_and(|state| matches!(state, 'R' | 'D'))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::super::ServiceThread;
    use crate::os::patience::wait_until;

    #[test]
    fn a_thread_is_busy_while_it_computes_and_not_while_it_waits() {
        let (end, ended) = mpsc::channel::<()>();
        let waiting = ServiceThread::begin(move || {
            // It returns when the other end is dropped.
            let _ = ended.recv();
        })
        .unwrap();
        let (stop, stopped) = mpsc::channel::<()>();
        let computing = ServiceThread::begin(move || {
            while stopped.try_recv().is_err() {
                std::hint::spin_loop();
            }
        })
        .unwrap();
        assert!(computing.is_busy());
        let patience = Duration::from_secs(10);
        wait_until(patience, || [], || !waiting.is_busy());
        assert!(!waiting.is_busy());
        stop.send(()).unwrap();
        wait_until(patience, || [], || !computing.is_busy());
        assert!(!computing.is_busy());
        drop(end);
    }
}
