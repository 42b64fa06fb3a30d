//! The faults of mutants, and the oddities of controls.

use std::fmt;

use super::trigger::Trigger;

mod fit;

/// A group of faults: a heading of the table of killed mutants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// A message that was accepted never arrives.
    Loss,
    /// A message arrives more than once, or although it was refused.
    Duplication,
    /// Messages arrive in another order.
    Order,
    /// A message arrives changed.
    Content,
    /// End of stream comes too early, never, or isn't final.
    End,
    /// Full, empty or a timeout is reported wrongly.
    Capacity,
    /// An operation waits although it could return.
    Liveness,
    /// A resource is left behind, or belongs to a process that shouldn't have it.
    Resources,
    /// Other mistakes of libraries.
    Manners,
    /// Odd but legal: no promise is broken, and the judges must report no control.
    Control,
}

impl Family {
    /// Returns the heading in tables.
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
        /// "Every third" counts the messages that one end of one process sends: the third, the
        /// sixth, and so on. A [`Trigger`] in the fault's name replaces that.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Fault {
            $($(#[doc = $doc])+ $fault,)*
        }

        impl Fault {
            /// Every fault, by family, the wrong ones first.
            pub(crate) const ALL: &[Fault] = &[$(Fault::$fault,)*];

            /// Returns the name.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Fault::$fault => $name,)*
                }
            }

            /// Returns what the fault does, for people.
            pub(crate) fn about(self) -> &'static str {
                match self {
                    $(Fault::$fault => $about,)*
                }
            }

            /// Returns the group.
            pub(crate) fn family(self) -> Family {
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
    /// Breaks: every sent message arrives, although its sender has closed.
    LostLast, "lost-last", Loss, "a message leaves with the next one, and the last before the close never";
    /// Breaks: a put into a full queue waits or fails.
    LostWhenFull, "lost-when-full", Loss, "a message that finds no room is lost";
    /// Breaks: a consumer that is killed during a get loses at most one item.
    LostPrefetched, "lost-prefetched", Loss, "a consumer that is killed loses three items that it hadn't received";
    /// Breaks: a get that fails takes one item.
    LostAfterFailure, "lost-after-failure", Loss, "a get that fails takes the next item with it";
    /// Breaks: each item arrives once, also with several producers.
    LostAtOnce, "lost-at-once", Loss, "of two puts at nearly the same time one is lost";
    /// Breaks: what was sent before the receiver is ready is received.
    DeafAtFirst, "deaf-at-first", Loss, "what was sent before the first receive is dropped";

    /// Breaks: each item arrives once.
    Doubled, "doubled", Duplication, "every third message arrives twice";
    /// Breaks: each item arrives once.
    DoubledByRetry, "doubled-by-retry", Duplication, "a put that waited for room sends again, as if a signal had interrupted it";
    /// Breaks: an item is received by one consumer.
    GivenTwice, "given-twice", Duplication, "every third item is given to the next consumer too";
    /// Breaks: a killed producer's items arrive once.
    Redelivered, "redelivered", Duplication, "the last message of a killed sender arrives again";
    /// Breaks: a refused message never arrives.
    Resurrected, "resurrected", Duplication, "a refused message arrives with the next message";

    /// Breaks: messages of one sender arrive in its order.
    Swapped, "swapped", Order, "every third message changes places with the next";
    /// Breaks: an item put after another put returned is received after it.
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
    /// Breaks: an empty message arrives.
    EmptySwallowed, "empty-swallowed", Content, "an empty message never arrives";
    /// Breaks: one send is one receive.
    Merged, "merged", Content, "every third message becomes one with the next";
    /// Breaks: one send is one receive.
    Split, "split", Content, "every third message becomes two";
    /// Breaks: messages arrive as they were sent.
    StaleTail, "stale-tail", Content, "a shorter message ends with the tail of the one before";
    /// Breaks: bytes are bytes.
    Translated, "translated", Content, "a newline becomes a carriage return and a newline, and NULs are removed";
    /// Breaks: messages arrive whole.
    ByteOrder, "byte-order", Content, "a message's length is read in the wrong byte order";

    /// Breaks: no end of stream before the last writer closes.
    EarlyEnd, "early-end", End, "the end is reported after two messages";
    /// Breaks: no end of stream before every message is received.
    EndBeforeDrain, "end-before-drain", End, "the end is reported before the last messages";
    /// Breaks: end of stream is reported.
    MissingEnd, "missing-end", End, "the end is never reported";
    /// Breaks: every consumer sees end of stream.
    EndForOne, "end-for-one", End, "the end is reported to one consumer only";
    /// Breaks: end of stream is final.
    DataAfterEnd, "data-after-end", End, "after the end the last message comes again";
    /// Breaks: end of stream is reported, also after the last writer was killed.
    EndlessKill, "endless-kill", End, "the end is never reported if the last sender was killed";
    /// Breaks: a failed send is reported.
    Mute, "mute", End, "a message that can't be sent is reported as sent";

    /// Breaks: no more items than the capacity.
    CapacityPlusOne, "capacity-plus-one", Capacity, "there is room for one item too many";
    /// Breaks: as many items as the capacity.
    CapacityMinusOne, "capacity-minus-one", Capacity, "there is room for one item too few";
    /// Breaks: full is reported only of a full queue.
    FullWithRoom, "full-with-room", Capacity, "every second put that doesn't wait finds no room";
    /// Breaks: empty is reported only of an empty queue.
    EmptyWithItems, "empty-with-items", Capacity, "every second get that doesn't wait finds nothing";
    /// Breaks: a try form returns at once.
    Stubborn, "stubborn", Capacity, "try forms wait";
    /// Breaks: a timed form waits for its whole timeout.
    Hasty, "hasty", Capacity, "timed forms give up after half of their timeout";
    /// Breaks: a timed form returns when its timeout is over.
    Endless, "endless", Capacity, "a timed get waits without end";

    /// Breaks: a waiting receive is woken.
    LostWakeUp, "lost-wake-up", Liveness, "a receive that waits is never woken";
    /// Breaks: every waiting consumer is served.
    Starved, "starved", Liveness, "the first consumer that waits is never served";

    /// Breaks: a process has as many handles at its exit as at its start.
    LeakedHandle, "leaked-handle", Resources, "every end leaves handles open";
    /// Breaks: no name is left after the run.
    LeakedName, "leaked-name", Resources, "a channel leaves a file behind";
    /// Breaks: no process outlives the run.
    Orphan, "orphan", Resources, "a helper process never exits";
    /// Breaks: only the processes that were given an end have it.
    Inherited, "inherited", Resources, "every started process inherits the ends";

    /// Breaks: end of stream is final.
    EndOnce, "end-once", Manners, "the end is reported only once";
    /// Breaks: end of stream is reported as such.
    EndAsError, "end-as-error", Manners, "the end is reported as an error";
    /// Breaks: an operation that can be done returns.
    Hang, "hang", Manners, "the third get never returns";
    /// Breaks: after a half close the other direction still receives.
    WholeClose, "whole-close", Manners, "closing one direction closes both";
    /// Breaks: a process exits with its own code.
    AbortAtExit, "abort-at-exit", Manners, "a process that used the backend aborts at its exit";
    /// Breaks: a put that waits for room returns when the last consumer has exited.
    Unwoken, "unwoken", Manners, "a put never returns after the last consumer has exited";
    /// Breaks: a waiting thread doesn't block another thread.
    OneAtATime, "one-at-a-time", Manners, "an end does one operation at a time, for all threads";
    /// Breaks: polling several ends reports all that are ready.
    FirstReady, "first-ready", Manners, "a poll of several ends reports only the first that is ready";
    /// Breaks: sending without a receiver is an error, and the process lives on.
    Fatal, "fatal", Manners, "sending without a receiver ends the process";
    /// Breaks: a call goes on after a signal.
    Interrupted, "interrupted", Manners, "a call that a signal interrupts fails";
    /// Breaks: a join returns after every item is marked as done.
    EarlyJoin, "early-join", Manners, "a join returns at once";
    /// Breaks: a join with a timeout waits for its whole timeout.
    HastyJoin, "hasty-join", Manners, "a join of a process gives up after half of its timeout";
    /// Breaks: one mark too many is an error.
    DoneTooOften, "done-too-often", Manners, "an item may be marked as done more often than one was put";
    /// Breaks: a queue at rest says how many items it holds.
    Miscounted, "miscounted", Manners, "a queue counts one item too many, and is never full";
    /// Breaks: a message arrives at the other end.
    Echo, "echo", Manners, "every third message comes back to its sender";
    /// Breaks: an end that is ready stays ready until a receive.
    Forgetful, "forgetful", Manners, "a poll forgets the result of the one before";
    /// Breaks: a queue without a bound accepts every item.
    Small, "small", Manners, "a queue without a bound holds ten items";
    /// Breaks: the name of a live listener is taken.
    StolenName, "stolen-name", Manners, "a second listener takes over a live name";
    /// Breaks: every connected client is accepted.
    LostClient, "lost-client", Manners, "the first client to be accepted is dropped for the next";
    /// Breaks: malformed input is an error.
    NonsenseWelcome, "nonsense-welcome", Manners, "malformed input arrives as an empty message, once";
    /// Breaks: a message arrives whole, however its bytes are split on the way.
    OneReadOnly, "one-read-only", Manners, "the rest of a message that arrives in parts is dropped";
    /// Breaks: a client without the key is denied.
    KeyIgnored, "key-ignored", Manners, "no client is asked for a key";
    /// Breaks: a denied client sees that.
    Untold, "untold", Manners, "a denied client waits without end";
    /// Breaks: after a denied client, others are still accepted.
    Unforgiving, "unforgiving", Manners, "after a denied client, no other is accepted";

    /// Pauses of up to 2 ms before operations, from the run's seed.
    Delays, "delays", Control, "random pauses";
    /// The pieces are put together again.
    Dribble, "dribble", Control, "everything moves in tiny pieces";
    /// A receive that wakes and finds nothing waits on.
    Spurious, "spurious", Control, "a waiting receive often wakes for nothing and waits again";
    /// Puts return when their batch is complete; a pipe's reader takes some messages at a time.
    Batched, "batched", Control, "messages move several at a time";
    /// No consumer is promised a share.
    Unfair, "unfair", Control, "one consumer is served late";
    /// A put takes effect between its begin and its end.
    EmptyMeanwhile, "empty-meanwhile", Control, "a queue is empty during the first put";
    /// Puts that overlap have no order.
    EitherOrder, "either-order", Control, "puts that overlap take effect in any order";
    /// The consumer may have received the item.
    LostWithGetter, "lost-with-getter", Control, "a consumer that is killed during a get loses the next item";
    /// The put may have taken effect.
    Surfacing, "surfacing", Control, "a put takes effect although its producer is killed during it";
    /// The put may not have taken effect.
    NeverSurfacing, "never-surfacing", Control, "a put never takes effect if its producer is killed during it";
    /// A timeout is a minimum.
    LateTimeouts, "late-timeouts", Control, "timed forms return late";
}

impl Fault {
    /// Separates a backend's name and a fault's, as in `std/pipe~lost`.
    pub(crate) const MARK: char = '~';

    /// Returns the fault with this name.
    pub(crate) fn from_name(name: &str) -> Option<Fault> {
        let mut all = Fault::ALL.iter().copied();
        all.find(|fault| fault.name() == name)
    }

    /// Returns whether the fault breaks a promise. The others are controls.
    pub(crate) fn is_wrong(self) -> bool {
        self.family() != Family::Control
    }

    /// Returns whether a stall is the fault itself, and not only a possible result of it: end of
    /// stream is missing, a waiter isn't woken, or a timed form never returns. A run that stalls is
    /// then evidence against the backend.
    pub(crate) fn hangs(self) -> bool {
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

    /// Returns how often the fault shows without a trigger in its name.
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
    #[case(Family::Loss, 8)]
    #[case(Family::Duplication, 5)]
    #[case(Family::Order, 6)]
    #[case(Family::Content, 9)]
    #[case(Family::End, 7)]
    #[case(Family::Capacity, 7)]
    #[case(Family::Liveness, 2)]
    #[case(Family::Resources, 4)]
    #[case(Family::Manners, 24)]
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
