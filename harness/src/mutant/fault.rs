//! The faults and oddities that a backend can be given.

use std::fmt;
use std::sync::Arc;

use super::Mutant;
use crate::backend::{Backend, std_pipe};
use crate::capability::{Capabilities, Capability};
use crate::channel::Kind;
use crate::system::System;

/// One way to be wrong, or to be odd and still right.
///
/// "Every third" counts what one end of one process sends, from its third message on; nothing
/// about a wrong backend is left to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Every third message is reported as sent, and never is. Breaks: each item arrives once.
    Lost,
    /// Every two-hundredth message is reported as sent, and never is. Breaks: each item arrives once.
    LostOneInTwoHundred,
    /// Every third message is sent twice. Breaks: each item arrives once.
    Doubled,
    /// Every third message is sent behind the next one of its producer. Breaks: items of one
    /// producer arrive in its order.
    Swapped,
    /// One bit of every third message is flipped. Breaks: items arrive as they were sent.
    Corrupt,
    /// The last byte of every third message is missing, and of every longer message all behind
    /// byte 4,096. Breaks: items arrive whole.
    Cut,
    /// Every third message becomes one with the next. Breaks: one send is one receive.
    Merged,
    /// Behind two messages the end is reported, whoever still lives. Breaks: no end before the
    /// last writer is gone and all is drained.
    EarlyEnd,
    /// At the end a receive finds nothing, or waits for ever. Breaks: the end is reported.
    MissingEnd,
    /// The end is reported once, and then that the peer is gone. Breaks: the end stays the end.
    EndOnce,
    /// An error is reported where the end is. Breaks: the end is reported as the end.
    EndAsError,
    /// There is room for one item more than was asked for. Breaks: no more items than the
    /// capacity.
    CapacityPlusOne,
    /// The third item that a process gets is taken, and its get never returns. Breaks: an
    /// operation that can be done is done.
    Hang,
    /// A put that is to be told that nobody is left waits for ever. Breaks: who waits for room is
    /// released when nobody can make any.
    Unwoken,
    /// A timed get waits until something comes, however long that takes. Breaks: a timed form
    /// gives up in time.
    Endless,
    /// An end does one thing at a time, whichever thread asks. Breaks: what one thread waits for
    /// doesn't stop another.
    OneAtATime,
    /// Of several ends that a poll asks, only the first that is ready is reported. Breaks: a wait
    /// tells of all.
    FirstReady,
    /// A put, send or write that fails is reported as done. Breaks: a failure is told to who can act
    /// on it.
    Mute,
    /// Sending to nobody ends the process. Breaks: it is an error, and the process lives on.
    Fatal,
    /// Every third message comes back to who sent it. Breaks: what one end sends arrives at the
    /// other.
    Echo,
    /// Timed forms give up after half of their time. Breaks: they wait as long as they were told.
    Hasty,
    /// Forms that don't wait do. Breaks: they return at once.
    Stubborn,
    /// Every second form that doesn't wait finds nothing, and no room. Breaks: empty is empty, and
    /// full is full.
    Shy,
    /// A poll that was told that something is there is told next that nothing is. Breaks: it is
    /// there until it is taken.
    Forgetful,
    /// A queue without a bound holds ten items. Breaks: it takes what is put.
    Small,
    /// Odd but legal: random pauses of up to 2 ms before operations, from the run's seed.
    Delays,
    /// Odd but legal: everything is written and read in tiny pieces.
    Dribble,
    /// Odd but legal: one consumer is served late, but is.
    Unfair,
    /// Odd but legal: a timed form returns well after its timeout.
    LateTimeouts,
}

impl Fault {
    /// Every fault, the wrong ones first.
    pub const ALL: [Fault; 29] = [
        Fault::Lost,
        Fault::LostOneInTwoHundred,
        Fault::Doubled,
        Fault::Swapped,
        Fault::Corrupt,
        Fault::Cut,
        Fault::Merged,
        Fault::EarlyEnd,
        Fault::MissingEnd,
        Fault::EndOnce,
        Fault::EndAsError,
        Fault::CapacityPlusOne,
        Fault::Hang,
        Fault::Unwoken,
        Fault::Endless,
        Fault::OneAtATime,
        Fault::FirstReady,
        Fault::Mute,
        Fault::Fatal,
        Fault::Echo,
        Fault::Hasty,
        Fault::Stubborn,
        Fault::Shy,
        Fault::Forgetful,
        Fault::Small,
        Fault::Delays,
        Fault::Dribble,
        Fault::Unfair,
        Fault::LateTimeouts,
    ];

    /// What stands between a backend's name and its fault's, as in `std/pipe~lost`.
    pub const MARK: char = '~';

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Lost => "lost",
            Fault::LostOneInTwoHundred => "lost-one-in-200",
            Fault::Doubled => "doubled",
            Fault::Swapped => "swapped",
            Fault::Corrupt => "corrupt",
            Fault::Cut => "cut",
            Fault::Merged => "merged",
            Fault::EarlyEnd => "early-end",
            Fault::MissingEnd => "missing-end",
            Fault::EndOnce => "end-once",
            Fault::EndAsError => "end-as-error",
            Fault::CapacityPlusOne => "capacity-plus-one",
            Fault::Hang => "hang",
            Fault::Unwoken => "unwoken",
            Fault::Endless => "endless",
            Fault::OneAtATime => "one-at-a-time",
            Fault::FirstReady => "first-ready",
            Fault::Mute => "mute",
            Fault::Fatal => "fatal",
            Fault::Echo => "echo",
            Fault::Hasty => "hasty",
            Fault::Stubborn => "stubborn",
            Fault::Shy => "shy",
            Fault::Forgetful => "forgetful",
            Fault::Small => "small",
            Fault::Delays => "delays",
            Fault::Dribble => "dribble",
            Fault::Unfair => "unfair",
            Fault::LateTimeouts => "late-timeouts",
        }
    }

    /// The fault with this name.
    pub fn from_name(name: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// What it does, for people.
    pub fn about(self) -> &'static str {
        match self {
            Fault::Lost => "every third message is lost",
            Fault::LostOneInTwoHundred => "every two-hundredth message is lost",
            Fault::Doubled => "every third message arrives twice",
            Fault::Swapped => "every third message changes places with the next",
            Fault::Corrupt => "one bit of every third message is flipped",
            Fault::Cut => {
                "the last byte of every third message is missing, and all behind byte 4,096"
            }
            Fault::Merged => "every third message becomes one with the next",
            Fault::EarlyEnd => "the end is reported behind two messages",
            Fault::MissingEnd => "the end is never reported",
            Fault::EndOnce => "the end is reported once only",
            Fault::EndAsError => "the end is reported as an error",
            Fault::CapacityPlusOne => "there is room for one item too many",
            Fault::Hang => "the third get never returns",
            Fault::Unwoken => "a put that nobody is left for never returns",
            Fault::Endless => "a timed get waits for as long as it takes",
            Fault::OneAtATime => "an end does one thing at a time, for all threads",
            Fault::FirstReady => "a poll of several ends reports the first that is ready",
            Fault::Mute => "what fails to be sent is reported as sent",
            Fault::Fatal => "sending to nobody ends the process",
            Fault::Echo => "every third message comes back to who sent it",
            Fault::Hasty => "timed forms give up after half of their time",
            Fault::Stubborn => "forms that don't wait do",
            Fault::Shy => "every second form that doesn't wait finds nothing, and no room",
            Fault::Forgetful => "a poll forgets what the one before said",
            Fault::Small => "a queue without a bound holds ten items",
            Fault::Delays => "random pauses",
            Fault::Dribble => "everything moves in tiny pieces",
            Fault::Unfair => "one consumer is served late",
            Fault::LateTimeouts => "timed forms return late",
        }
    }

    /// Whether it breaks a promise; the others keep them all, and must not be accused.
    pub fn is_wrong(self) -> bool {
        !matches!(
            self,
            Fault::Delays | Fault::Dribble | Fault::Unfair | Fault::LateTimeouts
        )
    }

    /// Whether it makes any difference to channels of this kind.
    pub fn applies_to(self, kind: Kind) -> bool {
        match (self, kind) {
            (_, Kind::Endpoint | Kind::Process) => false,
            (Fault::Merged | Fault::OneAtATime | Fault::Unwoken, kind) => kind != Kind::Stream,
            (Fault::FirstReady, kind) => kind == Kind::Pipe,
            (Fault::Dribble | Fault::Fatal, kind) => kind != Kind::Queue,
            (
                Fault::CapacityPlusOne | Fault::Unfair | Fault::Shy | Fault::Small | Fault::Endless,
                kind,
            ) => kind == Kind::Queue,
            // Of these, what is judged on a pipe says it all.
            (Fault::Echo | Fault::Forgetful, kind) => kind == Kind::Pipe,
            (Fault::Hasty | Fault::Stubborn, kind) => kind != Kind::Stream,
            (_, _) => true,
        }
    }

    /// This backend with this fault; none where the fault would make no difference to it.
    pub fn on(self, backend: Arc<dyn Backend>) -> Option<Arc<dyn Backend>> {
        let key = backend.key();
        let capabilities = backend.capabilities(System::current())?;
        let differs = self.applies_to(key.kind)
            && self.shows_with(&capabilities)
            && (self != Fault::Dribble || key.kind == Kind::Stream || key == std_pipe::pipe_key());
        differs.then(|| Arc::new(Mutant::new(backend, self)) as Arc<dyn Backend>)
    }

    /// Whether the fault can show on a backend that does all this.
    fn shows_with(self, capabilities: &Capabilities) -> bool {
        let any_of: &[Capability] = match self {
            Fault::EarlyEnd | Fault::MissingEnd | Fault::EndOnce | Fault::EndAsError => {
                &[Capability::EndOnClose]
            }
            Fault::CapacityPlusOne => &[Capability::Capacity],
            Fault::OneAtATime => &[Capability::Threads],
            Fault::FirstReady => &[Capability::PollSeveral],
            Fault::Unfair => &[Capability::SeveralConsumers],
            Fault::Endless => &[Capability::TimedGet],
            Fault::LateTimeouts | Fault::Hasty => &[Capability::TimedGet, Capability::TimedPut],
            Fault::Stubborn | Fault::Shy => &[Capability::TryGet, Capability::TryPut],
            Fault::Forgetful => &[Capability::Poll],
            Fault::Echo => &[Capability::Duplex],
            _ => return true,
        };
        any_of.iter().any(|need| capabilities.has(*need))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn twenty_five_are_wrong_and_four_are_merely_odd() {
        let wrong = Fault::ALL.into_iter().filter(|fault| fault.is_wrong());
        assert_eq!(wrong.count(), 25);
        assert_eq!(Fault::ALL.len(), 29);
    }

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Fault::ALL.into_iter().map(Fault::name).collect();
        assert_eq!(names.len(), Fault::ALL.len());
        for fault in Fault::ALL {
            assert_eq!(Fault::from_name(fault.name()), Some(fault));
        }
    }

    #[test]
    fn every_fault_applies_to_a_backend_of_ours() {
        use crate::registry::Registry;
        for fault in Fault::ALL {
            let registry = Registry::builtin();
            let mutants: Vec<_> = registry
                .iter()
                .filter_map(|backend| fault.on(Arc::clone(backend)))
                .collect();
            assert!(!mutants.is_empty(), "{fault} applies to nothing");
        }
    }
}
