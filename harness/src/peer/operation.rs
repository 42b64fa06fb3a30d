//! One operation: recorded before and behind, and announced where somebody waits for it.

use std::time::Duration;

use super::complain;
use super::interpreter::{Done, Peer};
use crate::backend::Failure;
use crate::channel::{End, Kind};
use crate::clock;
use crate::content::Content;
use crate::history::OperationKind;
use crate::log::{Begin, Return};
use crate::outcome::Outcome;
use crate::plan::{Moment, ProcessIndex};
use crate::wire::Word;

impl Peer {
    /// Does and records one operation.
    pub(super) fn operate(
        &mut self,
        begin: Begin,
        call: impl FnOnce(&mut Peer) -> Result<(), Failure>,
    ) -> Done<Outcome> {
        if begin.end.is_some() {
            self.delays.pause();
            self.suffer(Moment::Before)?;
        }
        let begun = self.log.begin(begin)?;
        if let Some(step) = self.unannounced.take() {
            self.tell(&Word::Started(step))?;
        }
        if begin.end.is_some() {
            self.suffer(Moment::Inside)?;
        }
        let result = call(self);
        let returned = clock::now();
        let (outcome, raw, definite) = match &result {
            Ok(()) => (Outcome::Ok, None, false),
            Err(failure) => (failure.outcome, failure.raw, failure.definite),
        };
        let content = match begin.kind {
            OperationKind::Get if result.is_ok() => Some(Content::of(&self.buffer)),
            _ => begin.content,
        };
        self.log.done(
            &begun,
            returned,
            Return {
                outcome,
                content,
                raw,
                definite,
            },
        );
        if let (OperationKind::Get, Some(content), Some(end)) = (begin.kind, content, begin.end)
            && !content.is_inline()
        {
            self.look_into(end)?;
        }
        if begin.end.is_some() {
            self.suffer(Moment::After)?;
        }
        if let Err(failure) = result
            && outcome == Outcome::Error
        {
            complain(&failure.message);
        }
        Ok(outcome)
    }

    /// Keeps what a long message holds where it isn't as it was made: of it the record has only
    /// length and hash.
    fn look_into(&mut self, end: End) -> Done {
        let channel = &self.plan.channels[end.channel];
        // Of a stream's reads nobody knows here where they begin.
        if channel.kind != Kind::Stream
            && let Some(offset) = channel.codec.fault(&self.buffer)
        {
            self.log.keep_aside(&self.buffer, offset)?;
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

    pub(super) fn of(seed: u64, process: ProcessIndex) -> Delays {
        let mixed = seed ^ (process as u64 + 1).rotate_left(32);
        Delays((seed != 0).then(|| fastrand::Rng::with_seed(mixed)))
    }

    fn pause(&mut self) {
        if let Some(random) = &mut self.0
            && random.u32(0..Delays::RARITY) == 0
        {
            std::thread::sleep(Delays::LONGEST.mul_f64(random.f64()));
        }
    }
}
