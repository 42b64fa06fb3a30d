//! The random choices of a case. Smaller choices make simpler cases, so that a failing case shrinks.

use proptest::prelude::*;

use crate::case::model::ChannelKind;

/// The choices of one case. Numbers are reduced to what is possible, so every recipe makes a case.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(super) kind: ChannelKind,
    /// One for each process but the first.
    pub(super) others: Vec<Origin>,
    pub(super) channels: Vec<Layout>,
    pub(super) moves: Vec<Move>,
    /// Replicas that share the work of one queue, beside the other processes.
    pub(super) pool: Option<Pool>,
    pub(super) sweep: Option<SweepChoice>,
}

/// How a process comes into being.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// Which earlier process starts it, if any does.
    pub(super) starter: Option<u8>,
    pub(super) method: u8,
    /// Whether its starter begins with that, or waits until the process is needed.
    pub(super) early: bool,
    pub(super) joined: bool,
}

/// Where a channel's ends are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) a: u8,
    pub(super) b: u8,
    /// More processes at the ends of a queue, or one more holder of a pipe's writing end.
    pub(super) more: u8,
    pub(super) duplex: bool,
    pub(super) capacity: Option<u8>,
}

/// One move: a deed, and choices of which the deed takes those that it needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) deed: Deed,
    pub(super) lane: u8,
    pub(super) pick: u8,
    pub(super) n: u8,
    pub(super) size: Size,
    pub(super) style: u8,
}

/// What happens in a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Put,
    Get,
    /// A get that is blocked when the put begins.
    WaitedGet,
    /// A bounded queue is full, and a put finds no room or waits for it.
    Full,
    /// A try form, a timed form or a poll finds nothing.
    AskInVain,
    /// A try form, a timed form or a poll finds something.
    AskReady,
    /// A get that may find an item or none.
    AskAnyhow,
    /// The writing ends close, and the reader receives everything and then the end.
    End,
    /// The reading ends close, and the sender learns of it.
    Gone,
    /// A process uses an end that it has closed itself.
    AfterClose,
    /// A process asks a queue about its content.
    Hint,
    /// All items of a queue are marked as done, and a process waits for that.
    JoinQueue,
    /// A process puts an item that can't be encoded.
    Unsendable,
    /// Requests and replies over a duplex channel.
    Replies,
    /// Two threads of one process, one of which sends while the other receives.
    Threads,
    /// Several consumers get at once what is there.
    Together,
    Meet,
    Connect,
    Pause,
    /// A process is sent a signal.
    Signal,
    /// A join of a living process gives up, and one after its exit doesn't.
    TimedJoin,
    Kill,
    /// A process exits or crashes.
    Exit,
    Idle,
    Print,
}

/// The length of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Size {
    /// A number as it is.
    Number,
    Empty,
    One,
    Small,
    /// Around 4,096 bytes, up to which a write to a pipe is atomic.
    Page(i8),
    /// More than a pipe holds.
    Pipe(i8),
    Large,
}

/// Producers and consumers that are replicas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool {
    pub(super) producers: u8,
    pub(super) consumers: u8,
    pub(super) each: u8,
    pub(super) by_close: bool,
}

/// A sweep, if the case allows one.
#[derive(Clone, Copy, Debug)]
pub(super) struct SweepChoice {
    pub(super) pauses: bool,
    pub(super) victim: u8,
    pub(super) moment: u8,
}

/// Recipes for cases of 1 to 6 processes and of all kinds of channels.
pub(crate) fn recipe() -> impl Strategy<Value = Recipe> {
    let kinds = prop_oneof![
        4 => Just(ChannelKind::Queue),
        4 => Just(ChannelKind::Pipe),
        3 => Just(ChannelKind::Stream),
        2 => Just(ChannelKind::Endpoint),
    ];
    let others = prop::collection::vec(origin(), 0..5);
    let channels = prop::collection::vec(layout(), 1..4);
    let moves = prop::collection::vec(a_move(), 1..14);
    let pool = prop::option::weighted(0.15, pool());
    let sweep = prop::option::weighted(0.35, sweep());
    (kinds, others, channels, moves, pool, sweep).prop_map(
        |(kind, others, channels, moves, pool, sweep)| Recipe {
            kind,
            others,
            channels,
            moves,
            pool,
            sweep,
        },
    )
}

fn origin() -> impl Strategy<Value = Origin> {
    let starter = prop::option::weighted(0.35, any::<u8>());
    (starter, any::<u8>(), any::<bool>(), any::<bool>()).prop_map(
        |(starter, method, early, joined)| Origin {
            starter,
            method,
            early,
            joined,
        },
    )
}

fn layout() -> impl Strategy<Value = Layout> {
    let capacity = prop::option::weighted(0.5, 0..4u8);
    (
        any::<u8>(),
        any::<u8>(),
        any::<u8>(),
        any::<bool>(),
        capacity,
    )
        .prop_map(|(a, b, more, duplex, capacity)| Layout {
            a,
            b,
            more,
            duplex,
            capacity,
        })
}

fn a_move() -> impl Strategy<Value = Move> {
    (
        deed(),
        any::<u8>(),
        any::<u8>(),
        any::<u8>(),
        size(),
        any::<u8>(),
    )
        .prop_map(|(deed, lane, pick, n, size, style)| Move {
            deed,
            lane,
            pick,
            n,
            size,
            style,
        })
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        10 => Just(Deed::Put),
        7 => Just(Deed::Get),
        4 => Just(Deed::WaitedGet),
        4 => Just(Deed::Full),
        4 => Just(Deed::AskInVain),
        4 => Just(Deed::AskReady),
        3 => Just(Deed::AskAnyhow),
        4 => Just(Deed::End),
        2 => Just(Deed::Gone),
        2 => Just(Deed::AfterClose),
        1 => Just(Deed::Hint),
        2 => Just(Deed::JoinQueue),
        1 => Just(Deed::Unsendable),
        2 => Just(Deed::Replies),
        3 => Just(Deed::Threads),
        3 => Just(Deed::Together),
        3 => Just(Deed::Meet),
        4 => Just(Deed::Connect),
        2 => Just(Deed::Pause),
        2 => Just(Deed::Signal),
        4 => Just(Deed::TimedJoin),
        2 => Just(Deed::Kill),
        1 => Just(Deed::Exit),
        1 => Just(Deed::Idle),
        1 => Just(Deed::Print),
    ]
}

fn size() -> impl Strategy<Value = Size> {
    prop_oneof![
        6 => Just(Size::Number),
        1 => Just(Size::Empty),
        1 => Just(Size::One),
        2 => Just(Size::Small),
        2 => (-1..2i8).prop_map(Size::Page),
        1 => (-1..2i8).prop_map(Size::Pipe),
        1 => Just(Size::Large),
    ]
}

fn pool() -> impl Strategy<Value = Pool> {
    (1..4u8, 1..4u8, 1..20u8, any::<bool>()).prop_map(|(producers, consumers, each, by_close)| {
        Pool {
            producers,
            consumers,
            each,
            by_close,
        }
    })
}

fn sweep() -> impl Strategy<Value = SweepChoice> {
    (any::<bool>(), any::<u8>(), any::<u8>()).prop_map(|(pauses, victim, moment)| SweepChoice {
        pauses,
        victim,
        moment,
    })
}
