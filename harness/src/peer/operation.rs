//! One operation: recorded before and after the call, and reported if a step waits for it.

use super::thread::{StepResult, Thread};
use super::trouble::print_error;
use crate::backend::{Failure, Kind, Outcome};
use crate::history::{LibraryText, OperationKind};
use crate::os::clock;
use crate::os::supervisor::crash::crash;
use crate::peer::log::{BeginRecord, Begun, ReturnRecord};
use crate::peer::wire::FromPeer;
use crate::plan::{Content, Crash, End, Injection, Moment, NO_STEP};

impl Thread<'_> {
    /// Runs and records one operation.
    pub(super) fn operate(
        &mut self,
        begin: BeginRecord,
        call: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> StepResult<Outcome> {
        self.operate_with(begin, |thread| call(thread).map(|()| None))
    }

    /// Runs and records one operation that may return a content if it succeeds.
    pub(super) fn operate_with(
        &mut self,
        begin: BeginRecord,
        call: impl FnOnce(&mut Self) -> Result<Option<Content>, Failure>,
    ) -> StepResult<Outcome> {
        if begin.end.is_some() {
            self.delays.pause();
            self.trigger_fault(Moment::Before)?;
        }
        let begun = self.begin(begin)?;
        self.announce()?;
        if begin.end.is_some() {
            self.trigger_fault(Moment::Inside)?;
        }
        let result = call(self);
        let returned = clock::now();
        let content = match begin.kind {
            OperationKind::Get if result.is_ok() => Some(Content::of(&self.buffer)),
            _ => result.as_ref().ok().copied().flatten().or(begin.content),
        };
        let result = result.map(drop);
        let outcome = self.returned(&begun, returned, content, result);
        if let (OperationKind::Get, Some(content), Some(end)) = (begin.kind, content, begin.end)
            && !content.is_inline()
        {
            self.keep_corruption(&begun, end)?;
        }
        if begin.end.is_some() {
            self.trigger_fault(Moment::After)?;
        }
        Ok(outcome)
    }

    /// Records that this thread is about to call an operation.
    #[inline]
    pub(super) fn begin(&mut self, begin: BeginRecord) -> StepResult<Begun> {
        Ok(self.log_and_link.begin(begin.by(self.number))?)
    }

    /// Reports to the harness that a watched step has begun its first operation, if it just has.
    pub(super) fn announce(&mut self) -> StepResult {
        if let Some(step) = self.unannounced.take() {
            self.tell(&FromPeer::Started(step))?;
        }
        Ok(())
    }

    /// Records the result of an operation.
    pub(super) fn returned(
        &mut self,
        begun: &Begun,
        returned: u64,
        content: Option<Content>,
        result: Result<(), Failure>,
    ) -> Outcome {
        let (outcome, raw, definite) = match &result {
            Ok(()) => (Outcome::Ok, None, false),
            Err(failure) => (failure.outcome, failure.raw, failure.definite),
        };
        let done = ReturnRecord {
            outcome,
            content,
            raw,
            definite,
        };
        self.log_and_link.done(begun, returned, done);
        if let Err(failure) = result
            && LibraryText::explains(outcome)
        {
            // A log without room for it is full for the next operation too, which then says so.
            let _ = self.log_and_link.keep_said(begun, &failure.message);
            if outcome == Outcome::Error {
                print_error(&failure.message);
            }
        }
        outcome
    }

    /// Keeps the bytes of a long corrupt message from the first wrong one on. The record itself
    /// holds only the length and the hash of a long message.
    fn keep_corruption(&mut self, begun: &Begun, end: End) -> StepResult {
        let channel = &self.plan.channels[end.channel];
        // A stream's read may begin anywhere, so this process doesn't know what it should contain.
        if channel.kind != Kind::Stream
            && let Some(offset) = channel.codec.fault(&self.buffer)
        {
            self.log_and_link.keep_aside(begun, &self.buffer, offset)?;
        }
        Ok(())
    }

    /// Triggers the plan's fault if it is due. Only other processes can see whether an operation
    /// blocks, so the harness triggers a fault inside of one.
    fn trigger_fault(&mut self, moment: Moment) -> StepResult {
        match self.fault_trigger.advance(moment) {
            None => Ok(()),
            Some(_) if moment == Moment::Inside => Ok(self.tell(&FromPeer::Exposed)?),
            Some(Injection::Kill) => {
                let _never_returns = self.begin(BeginRecord::of(NO_STEP, OperationKind::Crash))?;
                crash(Crash::Kill)
            }
            Some(Injection::Pause) => {
                // The pause isn't the first operation of a watched step.
                let unannounced = self.unannounced.take();
                self.operate(BeginRecord::of(NO_STEP, OperationKind::Pause), |thread| {
                    thread.tell_and_wait(&FromPeer::Due)
                })?;
                self.unannounced = unannounced;
                Ok(())
            }
        }
    }
}
