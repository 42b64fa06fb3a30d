//! What a mutant reports in place of what it received.

use std::io;
use std::time::Duration;

use super::acted;
use super::fault::Fault;
use super::trigger::{Chance, Trigger};
use crate::backend::{Failure, Outcome, Wait};

/// The result that the caller sees.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FaultyResult {
    /// This result, at once.
    Now(Result<(), Failure>),
    /// This failure, after this time.
    After(Duration, Failure),
    /// The call never returns.
    Never,
}

/// The fault of one end's receives.
#[derive(Debug)]
pub(super) struct ReceiveFault {
    fault: Fault,
    chance: Chance,
    received: u64,
    ended: bool,
    deaf: bool,
    /// Whether the first receive has begun.
    begun: bool,
    /// The last received message, until it is received again.
    last: Option<Vec<u8>>,
    /// Whether the last poll found the end ready.
    polled: bool,
    /// Whether malformed input was passed on as a message.
    welcomed: bool,
}

impl ReceiveFault {
    pub(super) fn new(fault: Fault, trigger: Trigger, seed: u64) -> ReceiveFault {
        ReceiveFault {
            fault,
            chance: Chance::new(trigger, seed),
            received: 0,
            ended: false,
            deaf: false,
            begun: false,
            last: None,
            polled: false,
            welcomed: false,
        }
    }

    /// Returns the failure that is reported without calling the sound backend, if any.
    pub(super) fn at_once(&mut self, wait: Wait) -> Option<Failure> {
        self.polled = false;
        match self.fault {
            Fault::EarlyEnd if self.received >= 2 => {
                self.ended |= self.chance.strikes();
                self.ended.then(Failure::end)
            }
            Fault::EndOnce if self.ended => {
                let error = io::Error::from(io::ErrorKind::BrokenPipe);
                Some(Failure::from_io(Outcome::Gone, &error))
            }
            Fault::EmptyWithItems if wait == Wait::Never && self.chance.strikes() => {
                Some(Failure::new(Outcome::Empty, "not every time"))
            }
            _ => None,
        }
    }

    /// Returns whether what is there already is dropped, once.
    pub(super) fn is_deaf_at_first(&mut self) -> bool {
        self.fault == Fault::DeafAtFirst && !std::mem::replace(&mut self.begun, true)
    }

    /// Called at a half close. Returns whether this direction closes too and receives nothing more.
    pub(super) fn goes_deaf(&mut self) -> bool {
        self.deaf |= self.fault == Fault::WholeClose && self.chance.is_due();
        self.deaf
    }

    /// Returns the result of a receive after [`goes_deaf`](Self::goes_deaf).
    pub(super) fn deaf(&self, wait: Wait) -> Option<FaultyResult> {
        self.deaf.then(|| {
            acted::note();
            no_end(wait)
        })
    }

    /// Returns whether a receive that has to wait is never woken.
    pub(super) fn sleeps(&mut self) -> bool {
        self.fault == Fault::LostWakeUp && self.chance.strikes()
    }

    /// Returns whether a failed receive takes the next message too.
    pub(super) fn takes_more(&mut self) -> bool {
        self.fault == Fault::LostAfterFailure && self.chance.strikes()
    }

    /// Remembers a received message.
    pub(super) fn took(&mut self, message: &[u8]) {
        if matches!(self.fault, Fault::DataAfterEnd | Fault::Redelivered) {
            self.last = Some(message.to_vec());
        }
    }

    /// Returns the message that is received again after end of stream.
    pub(super) fn again(&mut self) -> Option<Vec<u8>> {
        let may = self.fault == Fault::DataAfterEnd && self.ended && self.last.is_some();
        self.last.take_if(|_| may && self.chance.strikes())
    }

    /// Returns the message that is received again after the sender was killed.
    pub(super) fn redelivered(&mut self) -> Option<Vec<u8>> {
        let may = self.fault == Fault::Redelivered && self.last.is_some();
        self.last.take_if(|_| may && self.chance.strikes())
    }

    /// Returns whether this failure is passed on as an empty message. That happens once: nothing follows
    /// malformed input, so a receive loop would never end otherwise.
    pub(super) fn welcomes(&mut self, failure: &Failure) -> bool {
        let is_nonsense = self.fault == Fault::NonsenseWelcome && failure.outcome == Outcome::Error;
        if !is_nonsense || self.welcomed {
            return false;
        }
        self.welcomed = self.chance.strikes();
        self.welcomed
    }

    /// Returns the result of a receive after the sender was killed.
    pub(super) fn end_of_killed(&mut self, end: Failure, wait: Wait) -> FaultyResult {
        if self.fault == Fault::EndlessKill && self.chance.strikes() {
            return no_end(wait);
        }
        FaultyResult::Now(Err(end))
    }

    /// Returns the result of a poll whose sound result is this.
    pub(super) fn of_poll(&mut self, result: Result<(), Failure>) -> Result<(), Failure> {
        let may_forget = self.fault == Fault::Forgetful && std::mem::take(&mut self.polled);
        if may_forget && result.is_ok() && self.chance.strikes() {
            return Err(Failure::new(Outcome::Empty, "nothing there"));
        }
        self.polled = result.is_ok();
        result
    }

    /// Returns the result of a receive whose sound result is this.
    pub(super) fn instead(&mut self, result: Result<(), Failure>, wait: Wait) -> FaultyResult {
        match &result {
            Ok(()) => {
                self.received += 1;
                if self.fault == Fault::Hang && self.chance.strikes() {
                    return FaultyResult::Never;
                }
            }
            Err(failure) if failure.outcome == Outcome::End => {
                self.ended = true;
                if self.fault == Fault::MissingEnd && self.chance.strikes() {
                    return no_end(wait);
                }
                if self.fault == Fault::EndAsError && self.chance.strikes() {
                    let error = io::Error::from(io::ErrorKind::ConnectionReset);
                    return FaultyResult::Now(Err(error.into()));
                }
            }
            Err(_) => {}
        }
        FaultyResult::Now(result)
    }
}

/// Returns the result of a receive as if a sender were still alive.
pub(super) fn no_end(wait: Wait) -> FaultyResult {
    match wait {
        Wait::Deadline => FaultyResult::Never,
        Wait::Never => FaultyResult::Now(Err(Failure::new(Outcome::Empty, "nothing there"))),
        Wait::For(time) => {
            FaultyResult::After(time, Failure::new(Outcome::Timeout, "nothing came in time"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receiving(fault: Fault) -> ReceiveFault {
        ReceiveFault::new(fault, fault.habit(), 0)
    }

    /// Returns what a caller sees of this many items and then the end of stream; `-` if a call never
    /// returns.
    fn seen(fault: Fault, items: usize, wait: Wait) -> Vec<&'static str> {
        let mut receiving = receiving(fault);
        let mut seen = Vec::new();
        for call in 0..5 {
            let report = match receiving.at_once(wait) {
                Some(failure) => FaultyResult::Now(Err(failure)),
                None if call < items => receiving.instead(Ok(()), wait),
                None => receiving.instead(Err(Failure::end()), wait),
            };
            seen.push(match report {
                FaultyResult::Now(Ok(())) => "ok",
                FaultyResult::Now(Err(failure)) | FaultyResult::After(_, failure) => {
                    failure.outcome.word()
                }
                FaultyResult::Never => "-",
            });
        }
        seen
    }

    #[test]
    fn a_sound_end_is_final() {
        let expected = ["ok", "ok", "end", "end", "end"];
        assert_eq!(seen(Fault::Lost, 2, Wait::Deadline), expected);
    }

    #[test]
    fn an_early_end_comes_after_two_items_and_is_final() {
        let expected = ["ok", "ok", "end", "end", "end"];
        assert_eq!(seen(Fault::EarlyEnd, 5, Wait::Deadline), expected);
    }

    #[test]
    fn a_missing_end_blocks_or_reports_empty() {
        let seen = |wait| seen(Fault::MissingEnd, 1, wait)[1];
        assert_eq!(seen(Wait::Deadline), "-");
        assert_eq!(seen(Wait::Never), "empty");
        assert_eq!(seen(Wait::For(Duration::from_millis(1))), "timeout");
    }

    #[test]
    fn after_an_end_once_receives_report_gone() {
        let expected = ["ok", "end", "gone", "gone", "gone"];
        assert_eq!(seen(Fault::EndOnce, 1, Wait::Deadline), expected);
    }

    #[test]
    fn an_end_as_error_is_reported_as_an_error() {
        let expected = ["ok", "error", "error", "error", "error"];
        assert_eq!(seen(Fault::EndAsError, 1, Wait::Deadline), expected);
    }

    #[test]
    fn the_third_get_never_returns() {
        let expected = ["ok", "ok", "-", "ok", "ok"];
        assert_eq!(seen(Fault::Hang, 5, Wait::Deadline), expected);
    }

    #[test]
    fn every_second_try_reports_empty() {
        let expected = ["ok", "empty", "ok", "empty", "ok"];
        assert_eq!(seen(Fault::EmptyWithItems, 5, Wait::Never), expected);
        assert_eq!(seen(Fault::EmptyWithItems, 5, Wait::Deadline), ["ok"; 5]);
    }

    #[test]
    fn a_forgetful_poll_alternates() {
        let mut receiving = receiving(Fault::Forgetful);
        let mut is_ready = || receiving.of_poll(Ok(())).is_ok();
        assert_eq!([is_ready(), is_ready(), is_ready()], [true, false, true]);
        assert_eq!(receiving.at_once(Wait::Deadline), None);
        assert!(receiving.of_poll(Ok(())).is_ok(), "a receive lies between");
    }

    #[test]
    fn after_the_end_the_last_message_comes_once_more() {
        let mut receiving = receiving(Fault::DataAfterEnd);
        receiving.took(b"a");
        receiving.took(b"b");
        assert_eq!(receiving.again(), None);
        receiving.instead(Err(Failure::end()), Wait::Deadline);
        assert_eq!(receiving.again(), Some(b"b".to_vec()));
        assert_eq!(receiving.again(), None);
    }

    #[test]
    fn an_empty_get_does_not_count() {
        let mut receiving = receiving(Fault::Hang);
        let empty = || Err(Failure::new(Outcome::Empty, "nothing there"));
        for _ in 0..9 {
            assert_eq!(
                receiving.instead(empty(), Wait::Never),
                FaultyResult::Now(empty())
            );
        }
    }
}
