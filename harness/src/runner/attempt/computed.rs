//! Computes on a thread of its own, so that an interruption needn't wait for the result.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use std::{io, panic, thread};

/// How long an interruption may remain unnoticed.
const LOOK: Duration = Duration::from_millis(100);

/// Returns what `compute` returns; none if `interrupted` returns true before that. Then the thread is
/// abandoned: it ends with its computation, or with the program.
///
/// # Errors
/// If the operating system can't start a thread.
///
/// # Panics
/// If `compute` panics, with the same payload.
pub(super) fn computed<T: Send + 'static>(
    compute: impl FnOnce() -> T + Send + 'static,
    interrupted: impl Fn() -> bool,
) -> io::Result<Option<T>> {
    let (result, results) = channel();
    let thread = thread::Builder::new().spawn(move || {
        // Nobody receives it after an interruption.
        let _ = result.send(compute());
    })?;
    loop {
        match results.recv_timeout(LOOK) {
            Ok(result) => return Ok(Some(result)),
            Err(RecvTimeoutError::Timeout) if interrupted() => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Ok(()) => unreachable!("a thread that doesn't panic sends its result"),
                Err(payload) => panic::resume_unwind(payload),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_returned_although_nothing_interrupts() {
        assert_eq!(computed(|| 7, || false).unwrap(), Some(7));
    }

    #[test]
    fn an_interruption_does_not_wait_for_a_computation_that_never_ends() {
        let (_never, end) = channel::<()>();
        assert_eq!(computed(move || end.recv().is_ok(), || true).unwrap(), None);
    }

    #[test]
    #[should_panic = "in the computation"]
    fn a_panic_in_the_computation_is_a_panic_of_the_caller() {
        let _ = computed(|| panic!("in the computation"), || false);
    }
}
