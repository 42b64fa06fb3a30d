//! One operation: recorded before and behind, and announced where somebody waits for it.

use std::time::Duration;

use super::complain;
use super::interpreter::{Done, Thread};
use crate::backend::{End, Failure, Kind, Outcome};
use crate::history::OperationKind;
use crate::os::clock;
use crate::peer::log::{Begin, Begun, Return};
use crate::peer::wire::Word;
use crate::plan::content::Content;
use crate::plan::{Moment, ProcessIndex};

impl Thread<'_> {
    /// Does and records one operation.
    pub(super) fn operate(
        &mut self,
        begin: Begin,
        call: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Done<Outcome> {
        self.operate_with(begin, |thread| call(thread).map(|()| None))
    }

    /// The same of one that shows something where it is ok.
    pub(super) fn operate_with(
        &mut self,
        begin: Begin,
        call: impl FnOnce(&mut Self) -> Result<Option<Content>, Failure>,
    ) -> Done<Outcome> {
        if begin.end.is_some() {
            self.delays.pause();
            self.suffer(Moment::Before)?;
        }
        let begun = self.begin(begin)?;
        self.announce()?;
        if begin.end.is_some() {
            self.suffer(Moment::Inside)?;
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
            self.look_into(&begun, end)?;
        }
        if begin.end.is_some() {
            self.suffer(Moment::After)?;
        }
        Ok(outcome)
    }

    /// Records that an operation of this thread is about to be done.
    #[inline]
    pub(super) fn begin(&mut self, begin: Begin) -> Done<Begun> {
        Ok(self.desk.begin(begin.by(self.number))?)
    }

    /// Tells the harness that a watched step has begun its first operation, if it just has.
    pub(super) fn announce(&mut self) -> Done {
        if let Some(step) = self.unannounced.take() {
            self.tell(&Word::Started(step))?;
        }
        Ok(())
    }

    /// Records what came of an operation.
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
        let done = Return {
            outcome,
            content,
            raw,
            definite,
        };
        self.desk.done(begun, returned, done);
        if let Err(failure) = result
            && outcome == Outcome::Error
        {
            complain(&failure.message);
        }
        outcome
    }

    /// Keeps what a long message holds where it isn't as it was made: of it the record has only
    /// length and hash.
    fn look_into(&mut self, begun: &Begun, end: End) -> Done {
        let channel = &self.plan.channels[end.channel];
        // Of a stream's reads nobody knows here where they begin.
        if channel.kind != Kind::Stream
            && let Some(offset) = channel.codec.fault(&self.buffer)
        {
            self.desk.keep_aside(begun, &self.buffer, offset)?;
        }
        Ok(())
    }
}

/// Pauses before operations that follow from a seed, so that schedules differ.
pub(super) struct Delays(Option<fastrand::Rng>);

impl Delays {
    /// One pause in so many operations.
    const RARITY: u32 = 4;
    const LONGEST: Duration = Duration::from_micros(300);

    pub(super) fn of(seed: u64, process: ProcessIndex, thread: u16) -> Delays {
        let who = process as u64 + 1 + (u64::from(thread) << 16);
        let mixed = seed ^ who.rotate_left(32);
        Delays((seed != 0).then(|| fastrand::Rng::with_seed(mixed)))
    }

    pub(super) fn pause(&mut self) {
        if let Some(random) = &mut self.0
            && random.u32(0..Delays::RARITY) == 0
        {
            std::thread::sleep(Delays::LONGEST.mul_f64(random.f64()));
        }
    }
}
