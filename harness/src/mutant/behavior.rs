//! The fault of one end, of any kind.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::fault::Fault;
use super::header::ParcelHeader;
use super::interruption::Interruption;
use super::mutation::Mutation;
use super::receiving::{FaultyResult, ReceiveFault, no_end};
use super::sending::SendFault;
use super::timing::Timing;
use crate::backend::{Failure, Outcome, Wait};

/// A send that takes longer had to wait for room.
const WAITED: Duration = Duration::from_millis(20);

/// How one end is wrong or odd.
pub(super) struct EndBehavior {
    pub(super) mutation: Mutation,
    pub(super) header: ParcelHeader,
    /// Held by the thread that uses the end, if only one may at a time.
    turn: Option<Arc<Mutex<()>>>,
    pub(super) sending: SendFault,
    pub(super) receiving: ReceiveFault,
    pub(super) timing: Timing,
}

impl EndBehavior {
    pub(super) fn new(mutation: Mutation, header: &ParcelHeader) -> EndBehavior {
        let Mutation { fault, .. } = mutation;
        let trigger = mutation.trigger();
        EndBehavior {
            mutation,
            header: *header,
            turn: (fault == Fault::OneAtATime && header.struck).then(Arc::default),
            sending: SendFault::new(fault, trigger, header.seed),
            receiving: ReceiveFault::new(fault, trigger, header.seed),
            timing: Timing::new(fault, trigger, header),
        }
    }

    /// Returns the behavior of the same end on another thread.
    pub(super) fn shared(&self) -> EndBehavior {
        EndBehavior {
            turn: self.turn.clone(),
            ..EndBehavior::new(self.mutation, &self.header)
        }
    }

    pub(super) fn fault(&self) -> Fault {
        self.mutation.fault
    }

    /// Notes that a call begins.
    pub(super) fn interruption(&self) -> Interruption {
        Interruption::watch(self.mutation)
    }

    /// Sends what the fault sends in place of `message`. Only the first of these messages can fail.
    pub(super) fn put(
        &mut self,
        message: &[u8],
        wait: Wait,
        mut put: impl FnMut(&[u8], Wait) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let turn = self.turn.clone();
        let _turn = turn.as_deref().map(locked);
        pause(self.timing.before_put());
        if let Some(failure) = self.sending.at_once(wait) {
            return Err(failure);
        }
        let fault = self.fault();
        let mut waited = None;
        if matches!(fault, Fault::LostWhenFull | Fault::DoubledByRetry) {
            match put(message, Wait::Never) {
                Err(failure) if failure.outcome == Outcome::Full => {
                    if self.sending.drops_for_want_of_room() {
                        return Ok(());
                    }
                    waited = Some(true);
                }
                // Without a try form, the duration shows whether it waited.
                Err(failure) if failure.outcome == Outcome::Refused => {}
                done => return done,
            }
        }
        if let Some(refused) = self.sending.resurrected()
            && put(refused, Wait::Never).is_ok()
        {
            self.sending.has_risen();
        }
        let asked = self.timing.asked(wait);
        let interruption = self.interruption();
        let began = Instant::now();
        let outgoing = self.sending.instead(message);
        let mut result = Ok(());
        for (place, message) in outgoing.iter().enumerate() {
            let sent = put(message, asked);
            if place == 0 {
                result = sent;
            }
        }
        interruption.ends()?;
        let waited = waited.unwrap_or_else(|| began.elapsed() > WAITED);
        if result.is_ok() && self.sending.repeats(waited) {
            // For the caller, the send has already succeeded.
            let _ = put(message, asked);
        }
        if self.timing.keeps(&result, wait) {
            block_forever();
        }
        pause(self.timing.after(&result, wait));
        self.sending.result(result, (), message)
    }

    pub(super) fn get<T>(
        &mut self,
        wait: Wait,
        mut get: impl FnMut(Wait) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let turn = self.turn.clone();
        let _turn = turn.as_deref().map(locked);
        pause(self.timing.before_get());
        if let Some(failure) = self.receiving.at_once(wait) {
            return Err(failure);
        }
        if self.receiving.is_deaf_at_first() {
            while get(Wait::Never).is_ok() {
                super::acted::note();
            }
        }
        let interruption = self.interruption();
        let got = self.get_as_fault(wait, &mut get);
        interruption.ends()?;
        let failed = got
            .as_ref()
            .is_err_and(|failure| failure.outcome == Outcome::Error);
        if failed && self.receiving.takes_more() {
            // The next item is on its way, if there is one.
            let _ = get(Wait::For(WAITED));
        }
        pause(self.timing.after(&got, wait));
        let result = got.as_ref().map(drop).map_err(Failure::clone);
        match report(self.receiving.instead(result, wait)) {
            Ok(()) => got,
            Err(failure) => Err(failure),
        }
    }

    /// Gets as the fault does: once, or with a try form first, or again and again.
    fn get_as_fault<T>(
        &mut self,
        wait: Wait,
        get: &mut impl FnMut(Wait) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if self.fault() == Fault::LostWakeUp && wait != Wait::Never {
            match get(Wait::Never) {
                Err(failure) if failure.outcome == Outcome::Empty => {
                    if self.receiving.sleeps() {
                        report(no_end(wait))?;
                    }
                }
                got => return got,
            }
        }
        let Some(nap) = self.timing.nap(wait) else {
            return get(self.timing.asked(wait));
        };
        let began = Instant::now();
        loop {
            let left = match wait {
                Wait::For(time) => time.saturating_sub(began.elapsed()),
                Wait::Deadline | Wait::Never => nap,
            };
            let got = get(Wait::For(nap.min(left)));
            let in_vain = |failure: &Failure| failure.outcome == Outcome::Timeout;
            if left <= nap && wait != Wait::Deadline || !got.as_ref().is_err_and(in_vain) {
                return got;
            }
        }
    }

    pub(super) fn poll(
        &mut self,
        wait: Wait,
        poll: impl FnOnce(Wait) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        pause(self.timing.before_get());
        let interruption = self.interruption();
        let result = poll(self.timing.asked(wait));
        interruption.ends()?;
        pause(self.timing.after(&result, wait));
        self.receiving.of_poll(result)
    }
}

fn locked(turn: &Mutex<()>) -> MutexGuard<'_, ()> {
    turn.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the result to the caller, now, later or never.
pub(super) fn report(report: FaultyResult) -> Result<(), Failure> {
    match report {
        FaultyResult::Now(result) => result,
        FaultyResult::After(time, failure) => {
            pause(time);
            Err(failure)
        }
        FaultyResult::Never => block_forever(),
    }
}

pub(super) fn pause(time: Duration) {
    if !time.is_zero() {
        thread::sleep(time);
    }
}

pub(super) fn block_forever() -> ! {
    loop {
        thread::park();
    }
}
