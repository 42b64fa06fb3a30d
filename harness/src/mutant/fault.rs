//! The faults and oddities that a backend can be given.

use std::fmt;

use super::trigger::Trigger;

mod fit;

/// What a fault is about: a heading of the table that says what killed which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// A message that was taken never arrives.
    Loss,
    /// A message arrives more than once, or though it was refused.
    Duplication,
    /// Messages arrive in another order.
    Order,
    /// A message isn't what it was.
    Content,
    /// The end comes too early, not at all, or isn't the end.
    End,
    /// Full, empty and timeouts aren't what they should be.
    Capacity,
    /// Somebody waits who needn't.
    Liveness,
    /// Something is left behind, or in wrong hands.
    Resources,
    /// What else libraries get wrong.
    Manners,
    /// Nothing is wrong: no promise is broken, and nobody may be accused.
    Control,
}

impl Family {
    /// The word for it in tables.
    pub fn word(self) -> &'static str {
        match self {
            Family::Loss => "loss",
            Family::Duplication => "duplication",
            Family::Order => "order",
            Family::Content => "content",
            Family::End => "end of stream",
            Family::Capacity => "capacity",
            Family::Liveness => "liveness",
            Family::Resources => "resources",
            Family::Manners => "manners",
            Family::Control => "control",
        }
    }
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $fault:ident, $name:literal, $family:ident, $about:literal;)*) => {
        /// One way to be wrong, or to be odd and still right.
        ///
        /// "Every third" counts what one end of one process sends, from its third message on.
        /// Where a [`Trigger`] says how often, that counts instead.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[doc = $doc])+ $fault,)*
        }

        impl Fault {
            /// Every fault, by family, the wrong ones first.
            pub const ALL: &[Fault] = &[$(Fault::$fault,)*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Fault::$fault => $name,)*
                }
            }

            /// What it does, for people.
            pub fn about(self) -> &'static str {
                match self {
                    $(Fault::$fault => $about,)*
                }
            }

            /// What it is about.
            pub fn family(self) -> Family {
                match self {
                    $(Fault::$fault => Family::$family,)*
                }
            }
        }
    };
}

faults! {
    /// Breaks: each item arrives once.
    Lost, "lost", Loss, "every third message is lost";
    /// Breaks: each item arrives once.
    LostFirst, "lost-first", Loss, "the first message of each sender is lost";
    /// Breaks: what was sent arrives, though its sender has closed.
    LostLast, "lost-last", Loss, "a message leaves with the next one, and the last before the close never";
    /// Breaks: who finds no room waits for it, or is told.
    LostWhenFull, "lost-when-full", Loss, "what finds no room is lost";
    /// Breaks: who is killed while it gets takes one item along at most.
    LostPrefetched, "lost-prefetched", Loss, "a consumer that is killed takes three items along that it hadn't got";
    /// Breaks: each item arrives once, however many put.
    LostAtOnce, "lost-at-once", Loss, "of two puts at nearly the same time one is lost";

    /// Breaks: each item arrives once.
    Doubled, "doubled", Duplication, "every third message arrives twice";
    /// Breaks: each item arrives once.
    DoubledByRetry, "doubled-by-retry", Duplication, "who had to wait for room sends again, as if a signal had undone it";
    /// Breaks: one consumer gets an item.
    GivenTwice, "given-twice", Duplication, "every third item is given to the next consumer too";
    /// Breaks: a killed producer's items arrive once.
    Redelivered, "redelivered", Duplication, "the last message of a killed sender arrives again";
    /// Breaks: what was refused never arrives.
    Resurrected, "resurrected", Duplication, "what was refused arrives with the next message";

    /// Breaks: messages of one sender arrive in its order.
    Swapped, "swapped", Order, "every third message changes places with the next";
    /// Breaks: what was put when another put was done comes out behind it.
    Overtaking, "overtaking", Order, "an item overtakes one that another producer put before it";
    /// Breaks: messages of one sender arrive in its order.
    Lifo, "lifo", Order, "of more than three messages the last comes out first";
    /// Breaks: messages of one sender arrive in its order.
    Relaxed, "relaxed", Order, "any of the first four messages comes out next";
    /// Breaks: messages of one sender arrive in its order.
    TwoLanes, "two-lanes", Order, "short messages overtake long ones";
    /// Breaks: messages of one sender arrive in its order.
    SwappedAtWrap, "swapped-at-wrap", Order, "every sixteenth message changes places with the next, as where a ring begins again";

    /// Breaks: messages arrive as they were sent.
    Corrupt, "corrupt", Content, "one bit of every third message is flipped";
    /// Breaks: messages arrive whole.
    CutAtPage, "cut-4096", Content, "of a longer message only 4,096 bytes arrive";
    /// Breaks: messages arrive whole.
    CutAtPipe, "cut-65536", Content, "of a longer message only 65,536 bytes arrive";
    /// Breaks: an empty message is a message.
    EmptySwallowed, "empty-swallowed", Content, "an empty message is none";
    /// Breaks: one send is one receive.
    Merged, "merged", Content, "every third message becomes one with the next";
    /// Breaks: one send is one receive.
    Split, "split", Content, "every third message becomes two";
    /// Breaks: messages arrive as they were sent.
    StaleTail, "stale-tail", Content, "behind a shorter message comes the tail of the one before";
    /// Breaks: bytes are bytes.
    Translated, "translated", Content, "a newline becomes a carriage return and a newline, and nothing of a NUL is left";
    /// Breaks: messages arrive whole.
    ByteOrder, "byte-order", Content, "a message's length is read in the other byte order";

    /// Breaks: no end before the last writer is gone.
    EarlyEnd, "early-end", End, "the end is reported behind two messages";
    /// Breaks: no end before all is drained.
    EndBeforeDrain, "end-before-drain", End, "the end is reported before what came in front of it";
    /// Breaks: the end is reported.
    MissingEnd, "missing-end", End, "the end is never reported";
    /// Breaks: the end is reported to all.
    EndForOne, "end-for-one", End, "the end is reported to one consumer only";
    /// Breaks: the end stays the end.
    DataAfterEnd, "data-after-end", End, "behind the end comes the last message again";
    /// Breaks: the end comes, however the last writer went.
    EndlessKill, "endless-kill", End, "the end is never reported where the last sender was killed";
    /// Breaks: a failure is told to who can act on it.
    Mute, "mute", End, "what fails to be sent is reported as sent";

    /// Breaks: no more items than the capacity.
    CapacityPlusOne, "capacity-plus-one", Capacity, "there is room for one item too many";
    /// Breaks: as many items as the capacity.
    CapacityMinusOne, "capacity-minus-one", Capacity, "there is room for one item too few";
    /// Breaks: full is full.
    FullWithRoom, "full-with-room", Capacity, "every second put that doesn't wait finds no room";
    /// Breaks: empty is empty.
    EmptyWithItems, "empty-with-items", Capacity, "every second get that doesn't wait finds nothing";
    /// Breaks: what doesn't wait returns at once.
    Stubborn, "stubborn", Capacity, "forms that don't wait do";
    /// Breaks: a timed form waits as long as it was told.
    Hasty, "hasty", Capacity, "timed forms give up after half of their time";
    /// Breaks: a timed form gives up in time.
    Endless, "endless", Capacity, "a timed get waits for as long as it takes";

    /// Breaks: who waits is woken.
    LostWakeUp, "lost-wake-up", Liveness, "who waits for a message is never woken";
    /// Breaks: who waits is served.
    Starved, "starved", Liveness, "the first consumer that waits is never served";

    /// Breaks: a process has as many handles in the end as at its beginning.
    LeakedHandle, "leaked-handle", Resources, "every end leaves handles open";
    /// Breaks: no name stays behind.
    LeakedName, "leaked-name", Resources, "a channel leaves a file behind";
    /// Breaks: every process ends with the run.
    Orphan, "orphan", Resources, "a helper process stays for ever";
    /// Breaks: only who was given an end has it.
    Inherited, "inherited", Resources, "ends are inherited by every process that is started";

    /// Breaks: the end stays the end.
    EndOnce, "end-once", Manners, "the end is reported once only";
    /// Breaks: the end is reported as the end.
    EndAsError, "end-as-error", Manners, "the end is reported as an error";
    /// Breaks: an operation that can be done is done.
    Hang, "hang", Manners, "the third get never returns";
    /// Breaks: who has closed one direction hears in the other.
    WholeClose, "whole-close", Manners, "closing one direction closes both";
    /// Breaks: a process exits as it was told to.
    AbortAtExit, "abort-at-exit", Manners, "a process that used it dies at its exit";
    /// Breaks: who waits for room is released when nobody can make any.
    Unwoken, "unwoken", Manners, "a put that nobody is left for never returns";
    /// Breaks: what one thread waits for doesn't stop another.
    OneAtATime, "one-at-a-time", Manners, "an end does one thing at a time, for all threads";
    /// Breaks: a wait tells of all.
    FirstReady, "first-ready", Manners, "a poll of several ends reports the first that is ready";
    /// Breaks: sending to nobody is an error, and the process lives on.
    Fatal, "fatal", Manners, "sending to nobody ends the process";
    /// Breaks: what one end sends arrives at the other.
    Echo, "echo", Manners, "every third message comes back to who sent it";
    /// Breaks: what is there stays there until it is taken.
    Forgetful, "forgetful", Manners, "a poll forgets what the one before said";
    /// Breaks: a queue without a bound takes what is put.
    Small, "small", Manners, "a queue without a bound holds ten items";
    /// Breaks: a live name is taken.
    StolenName, "stolen-name", Manners, "who listens at a live name takes it over";
    /// Breaks: whoever has connected is accepted.
    LostClient, "lost-client", Manners, "the first client that is accepted is dropped for the next";
    /// Breaks: what is malformed is an error.
    NonsenseWelcome, "nonsense-welcome", Manners, "what is malformed arrives as an empty message, once";
    /// Breaks: who doesn't know the key is denied.
    KeyIgnored, "key-ignored", Manners, "nobody is asked for a key";
    /// Breaks: who is denied hears of it.
    Untold, "untold", Manners, "whoever connects and is denied is never told";
    /// Breaks: who doesn't know the key keeps nobody else from being accepted.
    Unforgiving, "unforgiving", Manners, "who has denied somebody accepts nobody any more";

    /// Pauses of up to 2 ms before operations, from the run's seed.
    Delays, "delays", Control, "random pauses";
    /// What was cut comes together again.
    Dribble, "dribble", Control, "everything moves in tiny pieces";
    /// Who wakes and finds nothing waits on.
    Spurious, "spurious", Control, "who waits wakes for nothing and waits again, many times";
    /// Puts return when their batch is in; a pipe's reader takes some messages at a time.
    Batched, "batched", Control, "messages move several at a time";
    /// Nobody is promised a share.
    Unfair, "unfair", Control, "one consumer is served late";
    /// A put takes effect somewhere between its beginning and its end.
    EmptyMeanwhile, "empty-meanwhile", Control, "a queue is empty while the first put is under way";
    /// What overlaps has no order.
    EitherOrder, "either-order", Control, "puts at the same time are done in any order";
    /// It may have got it.
    LostWithGetter, "lost-with-getter", Control, "a consumer killed while it gets takes the next item along";
    /// It may have been done.
    Surfacing, "surfacing", Control, "a put whose producer is killed in it is done all the same";
    /// It may not have been done.
    NeverSurfacing, "never-surfacing", Control, "a put whose producer is killed in it is never done";
    /// A timeout says how long at least.
    LateTimeouts, "late-timeouts", Control, "timed forms return late";
}

impl Fault {
    /// What stands between a backend's name and its fault's, as in `std/pipe~lost`.
    pub const MARK: char = '~';

    /// The fault with this name.
    pub fn from_name(name: &str) -> Option<Fault> {
        let mut all = Fault::ALL.iter().copied();
        all.find(|fault| fault.name() == name)
    }

    /// Whether it breaks a promise; the others keep them all, and must not be accused.
    pub fn is_wrong(self) -> bool {
        self.family() != Family::Control
    }

    /// Whether that nothing moves any more is what it does, and not only what may come of it: an end
    /// is missing, somebody isn't woken, or a timed form never gives up. Then a run that stalls is
    /// evidence against it.
    pub fn hangs(self) -> bool {
        let ends_missing = [
            Fault::MissingEnd,
            Fault::EndForOne,
            Fault::EndlessKill,
            Fault::Inherited,
        ];
        let waits = [
            Fault::Endless,
            Fault::Hang,
            Fault::Unwoken,
            Fault::OneAtATime,
            Fault::Untold,
            Fault::Unforgiving,
        ];
        self.family() == Family::Liveness || ends_missing.contains(&self) || waits.contains(&self)
    }

    /// How often it shows where nothing else is said.
    pub(super) fn habit(self) -> Trigger {
        match self {
            Fault::Lost
            | Fault::Doubled
            | Fault::GivenTwice
            | Fault::Swapped
            | Fault::Corrupt
            | Fault::Merged
            | Fault::Split
            | Fault::Hang
            | Fault::Echo => Trigger::Every(3),
            Fault::FullWithRoom | Fault::EmptyWithItems => Trigger::Every(2),
            Fault::SwappedAtWrap => Trigger::Every(16),
            _ => Trigger::Always,
        }
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

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Family::Loss, 6)]
    #[case(Family::Duplication, 5)]
    #[case(Family::Order, 6)]
    #[case(Family::Content, 9)]
    #[case(Family::End, 7)]
    #[case(Family::Capacity, 7)]
    #[case(Family::Liveness, 2)]
    #[case(Family::Resources, 4)]
    #[case(Family::Manners, 18)]
    #[case(Family::Control, 11)]
    fn there_are_so_many_of_a_family(#[case] family: Family, #[case] expected: usize) {
        let of_family = Fault::ALL.iter().filter(|fault| fault.family() == family);
        assert_eq!(of_family.count(), expected);
    }

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        assert_eq!(names.len(), Fault::ALL.len());
        for fault in Fault::ALL {
            assert_eq!(Fault::from_name(fault.name()), Some(*fault));
        }
    }

    #[test]
    fn families_stand_together() {
        let families: Vec<Family> = Fault::ALL.iter().map(|fault| fault.family()).collect();
        assert!(families.is_sorted());
    }
}
