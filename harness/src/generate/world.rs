//! The model: processes with the steps that they have so far, and channels with what is in them.

use std::collections::{BTreeSet, VecDeque};

use super::steps::{at, step, target};
use crate::backend::{Capability, Kind};
use crate::case::model::{Action, Channel, ChannelKind, EndName, Event, Target};
use crate::plan::{ExpectedExit, Start};

/// The most bytes that may wait in a channel, so that no put has to wait for room.
pub(super) const BYTES: u64 = 4096;

/// The most items that may wait in a channel, for the same reason.
pub(super) const ITEMS: i64 = 8;

/// The bytes that an item takes beside its own.
pub(super) const FRAME: u64 = 64;

/// A moment of a process: the number of steps that it has finished.
pub(super) type Moment = (usize, usize);

/// The processes and channels of a case that is being made.
#[derive(Debug)]
pub(super) struct World {
    pub(super) kind: ChannelKind,
    pub(super) parties: Vec<Party>,
    pub(super) channels: Vec<Channel>,
    pub(super) lanes: Vec<Lane>,
    pub(super) requires: BTreeSet<Capability>,
    /// The next number that no item carries yet.
    pub(super) next: u64,
    /// How many barriers and labels there are.
    names: usize,
}

/// A process.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) name: String,
    pub(super) steps: Vec<Action>,
    /// For each process, how many of its steps are certainly finished when this one goes on.
    known: Vec<usize>,
    pub(super) starter: Option<usize>,
    pub(super) method: Start,
    pub(super) joined: bool,
    pub(super) started: bool,
    /// How it ended, if it ended before the others.
    pub(super) ended: Option<ExpectedExit>,
    pub(super) holds: Vec<EndName>,
    /// When it was last resumed by another process.
    pub(super) resumed: Option<Moment>,
}

/// One direction of a channel or a connection.
#[derive(Debug)]
pub(super) struct Lane {
    /// The processes that put, each with its end.
    pub(super) senders: Vec<(usize, EndName)>,
    /// The processes that get, each with its end.
    pub(super) receivers: Vec<(usize, EndName)>,
    /// The processes that certainly hold an end for putting open.
    pub(super) writers: BTreeSet<usize>,
    /// The processes that certainly hold an end for getting open.
    pub(super) readers: BTreeSet<usize>,
    /// The processes that may have a copy of a writer's end by a fork. No step can close it, but the child
    /// may have closed it at once.
    pub(super) writer_copies: BTreeSet<usize>,
    /// The same of a reader's end.
    pub(super) reader_copies: BTreeSet<usize>,
    /// The readers that ended before the others. They close their ends only then.
    pub(super) former_readers: BTreeSet<usize>,
    /// The other direction of the same channel.
    pub(super) back: Option<usize>,
    pub(super) capacity: Option<i64>,
    /// The fewest and the most items inside. Below zero, a get may still take an item that comes later.
    pub(super) least: i64,
    pub(super) most: i64,
    /// How many items were put and aren't marked as done.
    pub(super) unmarked: u64,
    /// The items inside in their order, if that is certain.
    pub(super) stock: Option<VecDeque<Stocked>>,
    pub(super) bytes: u64,
    pub(super) last_puts: Vec<Moment>,
    pub(super) last_gets: Vec<Moment>,
    /// Moments that every later put or close must follow, because a get expects to find nothing.
    pub(super) put_after: Vec<Moment>,
    /// Moments that every later get must follow, because a put expects to find no room.
    pub(super) get_after: Vec<Moment>,
    /// When the connection was accepted, if it is one.
    pub(super) accepted: Option<Moment>,
}

impl Lane {
    /// Removes between `fewest` and `most` items.
    pub(super) fn took(&mut self, fewest: i64, most: i64) {
        self.least -= most;
        self.most -= fewest;
        if fewest != most {
            self.stock = None;
        }
        if let Some(stock) = &mut self.stock {
            let n = usize::try_from(fewest).unwrap_or(0).min(stock.len());
            let taken: u64 = stock.drain(..n).map(Stocked::bytes).sum();
            self.bytes = self.bytes.saturating_sub(taken);
        }
        if self.most == 0 && self.least == 0 {
            self.stock = Some(VecDeque::new());
            self.bytes = 0;
        }
    }
}

/// An item inside a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stocked {
    pub(super) number: u64,
    pub(super) size: Option<u64>,
}

impl Stocked {
    pub(super) fn bytes(self) -> u64 {
        self.size.unwrap_or_default() + FRAME
    }
}

impl Lane {
    pub(super) fn new(senders: Vec<(usize, EndName)>, receivers: Vec<(usize, EndName)>) -> Lane {
        Lane {
            writers: senders.iter().map(|(party, _)| *party).collect(),
            readers: receivers.iter().map(|(party, _)| *party).collect(),
            senders,
            receivers,
            writer_copies: BTreeSet::new(),
            reader_copies: BTreeSet::new(),
            former_readers: BTreeSet::new(),
            back: None,
            capacity: None,
            least: 0,
            most: 0,
            unmarked: 0,
            stock: Some(VecDeque::new()),
            bytes: 0,
            last_puts: Vec::new(),
            last_gets: Vec::new(),
            put_after: Vec::new(),
            get_after: Vec::new(),
            accepted: None,
        }
    }

    /// Returns whether it is certain how many items are inside.
    pub(super) fn is_certain(&self) -> bool {
        self.least == self.most
    }

    /// Returns whether the process may have a copy of an end, which no step can close.
    pub(super) fn has_copy(&self, party: usize) -> bool {
        self.writer_copies.contains(&party) || self.reader_copies.contains(&party)
    }

    /// Returns the end by which this process puts.
    pub(super) fn sending(&self, party: usize) -> Option<&EndName> {
        end_of(&self.senders, party)
    }

    /// Returns the end by which this process gets.
    pub(super) fn receiving(&self, party: usize) -> Option<&EndName> {
        end_of(&self.receivers, party)
    }
}

fn end_of(ends: &[(usize, EndName)], party: usize) -> Option<&EndName> {
    let mut ends = ends.iter();
    ends.find(|(one, _)| *one == party).map(|(_, end)| end)
}

impl World {
    pub(super) fn new(kind: ChannelKind, parties: usize) -> World {
        let party = |index| Party {
            name: format!("p{index}"),
            steps: Vec::new(),
            known: vec![0; parties],
            starter: None,
            method: Start::Spawn,
            joined: false,
            started: false,
            ended: None,
            holds: Vec::new(),
            resumed: None,
        };
        World {
            kind,
            parties: (0..parties).map(party).collect(),
            channels: Vec::new(),
            lanes: Vec::new(),
            requires: BTreeSet::new(),
            next: 1,
            names: 0,
        }
    }

    /// Returns the kind of the ends: connections of an endpoint are pipes.
    pub(super) fn word(&self) -> Kind {
        match self.kind {
            ChannelKind::Queue => Kind::Queue,
            ChannelKind::Stream => Kind::Stream,
            ChannelKind::Pipe | ChannelKind::Endpoint => Kind::Pipe,
        }
    }

    pub(super) fn is_stream(&self) -> bool {
        self.kind == ChannelKind::Stream
    }

    pub(super) fn is_queue(&self) -> bool {
        self.kind == ChannelKind::Queue
    }

    pub(super) fn is_alive(&self, party: usize) -> bool {
        self.parties[party].ended.is_none()
    }

    pub(super) fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// Returns the processes that can put into a lane, beginning with a chosen one.
    pub(super) fn senders(&self, lane: usize, pick: u8) -> Vec<usize> {
        let lane = &self.lanes[lane];
        let able = lane.senders.iter().map(|(party, _)| *party);
        // A process sends only while another can receive.
        let able = able.filter(|party| lane.writers.contains(party) && !lane.readers.is_empty());
        self.rotated(able, pick)
    }

    /// Returns the processes that can get from a lane, beginning with a chosen one.
    pub(super) fn receivers(&self, lane: usize, pick: u8) -> Vec<usize> {
        let lane = &self.lanes[lane];
        let able = lane.receivers.iter().map(|(party, _)| *party);
        self.rotated(able.filter(|party| lane.readers.contains(party)), pick)
    }

    fn rotated(&self, parties: impl Iterator<Item = usize>, pick: u8) -> Vec<usize> {
        let mut able: Vec<usize> = parties.filter(|party| self.is_alive(*party)).collect();
        if !able.is_empty() {
            let first = usize::from(pick) % able.len();
            able.rotate_left(first);
        }
        able
    }

    /// Returns a process that can put into a lane and another one that can get from it.
    pub(super) fn pair(&self, lane: usize, pick: u8) -> Option<(usize, usize)> {
        let sender = *self.senders(lane, pick).first()?;
        let receiver = *self.receivers(lane, pick / 16).first()?;
        Some((sender, receiver))
    }

    /// Returns the moment at which the process has finished its steps so far.
    pub(super) fn now(&self, party: usize) -> Moment {
        (party, self.parties[party].steps.len())
    }

    /// Adds a step to a process.
    pub(super) fn push(&mut self, party: usize, action: Action) {
        self.start(party);
        let own = &mut self.parties[party];
        own.steps.push(action);
        own.known[party] = own.steps.len();
    }

    /// Starts these processes if they aren't yet. Call it before the first step of a move, because its
    /// steps may wait for one another.
    pub(super) fn ready(&mut self, parties: &[usize]) {
        parties.iter().for_each(|party| self.start(*party));
    }

    pub(super) fn start(&mut self, party: usize) {
        if std::mem::replace(&mut self.parties[party].started, true) {
            return;
        }
        let Some(starter) = self.parties[party].starter else {
            return;
        };
        let name = self.parties[party].name.clone();
        self.push(starter, Action::Start(target(&name)));
        self.learn(party, starter);
        if self.parties[party].method == Start::Fork {
            self.copy_ends(starter, party);
        }
    }

    /// A forked process may have a copy of every end that its starter has open, also of those that the
    /// starter holds for processes that it will start.
    fn copy_ends(&mut self, starter: usize, child: usize) {
        let has: BTreeSet<usize> = (0..self.parties.len())
            .filter(|party| *party == starter || self.is_future_child(*party, starter))
            .collect();
        for lane in &mut self.lanes {
            for (holders, copies) in [
                (&lane.writers, &mut lane.writer_copies),
                (&lane.readers, &mut lane.reader_copies),
            ] {
                if !(holders.is_disjoint(&has) && copies.is_disjoint(&has)) {
                    copies.insert(child);
                }
            }
        }
    }

    fn is_future_child(&self, party: usize, ancestor: usize) -> bool {
        let own = &self.parties[party];
        !own.started
            && own.starter.is_some_and(|starter| {
                starter == ancestor || self.is_future_child(starter, ancestor)
            })
    }

    /// Makes a process know what another one knows.
    pub(super) fn learn(&mut self, party: usize, from: usize) {
        let known = self.parties[from].known.clone();
        let own = self.parties[party].known.iter_mut();
        own.zip(known)
            .for_each(|(own, known)| *own = known.max(*own));
    }

    /// Returns whether a process certainly goes on only after this moment.
    pub(super) fn is_known(&self, (party, moment): Moment, after: usize) -> bool {
        party == after || self.parties[after].known[party] >= moment
    }

    /// Adds synchronisation, unless there is some, so that a process goes on only after a moment of
    /// another one.
    pub(super) fn order(&mut self, before: Moment, after: usize, style: u8) {
        let (party, _) = before;
        if self.is_known(before, after) {
            return;
        }
        self.ready(&[party, after]);
        if !self.is_alive(party) {
            let exited = Target {
                process: self.parties[party].name.clone(),
                replica: None,
            };
            self.push(after, Action::Await(Event::Exited(at(exited))));
        } else if let (true, Some(label)) = (style.is_multiple_of(2), self.label(party)) {
            self.push(after, Action::Await(Event::Done(at(label))));
        } else {
            let name = self.fresh("b");
            self.push(party, Action::Barrier(at(name.clone())));
            self.push(after, Action::Barrier(at(name)));
            self.learn(party, after);
        }
        self.learn(after, party);
    }

    pub(super) fn order_all(&mut self, before: &[Moment], after: usize, style: u8) {
        before
            .iter()
            .for_each(|moment| self.order(*moment, after, style));
    }

    /// Returns the label of the last step of a process, and gives it one if it has none.
    fn label(&mut self, party: usize) -> Option<String> {
        let name = self.fresh("l");
        let options = match self.parties[party].steps.last_mut()? {
            Action::Put(put) => &mut put.options,
            Action::Get(get) => &mut get.options,
            Action::Poll(poll) => &mut poll.options,
            Action::Accept(setup) | Action::Connect(setup) => &mut setup.options,
            Action::Listen(listen) => &mut listen.options,
            _ => return None,
        };
        Some(options.label.get_or_insert_with(|| at(name)).value.clone())
    }

    /// Returns whether the process has done a step, and so certainly runs, when `other` goes on.
    pub(super) fn is_known_to_run(&self, party: usize, other: usize) -> bool {
        let own = &self.parties[party];
        own.starter.is_none() || self.parties[other].known[party] > 0
    }
}

/// Returns a step of the case with this action.
pub(super) fn stepped(actions: Vec<Action>) -> Vec<crate::case::model::Step> {
    actions.into_iter().map(step).collect()
}
