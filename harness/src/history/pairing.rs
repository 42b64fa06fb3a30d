//! Which get returned which put's item. All invariants about a lane start from this.
//!
//! Equal items can't be told apart. The puts and the gets of one content form a [`Group`]; the k-th
//! of its puts pairs with the k-th of its gets. "k-th" may be by start or by return, whichever accuses
//! less: if any pairing keeps a promise, the one that takes the k-th smallest starts and the k-th
//! smallest returns keeps it too. Everything here is O(n log n).

use crate::backend::encoding::UNSENDABLE;
use crate::backend::{Kind, Outcome};
use crate::history::{History, Operation, OperationId, OperationKind, in_turn};
use crate::plan::{Action, Codec, Content, Lane, Plan, ProcessIndex};

/// The stamp of an event that never happened.
pub(crate) const NEVER: u64 = u64::MAX;

/// One put or get, reduced to what pairing needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The item; the content of no bytes for a get that returned none.
    pub content: Content,
    /// When it started.
    pub start: u64,
    /// When it returned; [`NEVER`] if it didn't, or if its effect may come later.
    pub returned: u64,
    process: u32,
    index: u32,
    thread: u16,
    /// Whether it certainly had its effect: it returned ok.
    pub certain: bool,
}

impl Entry {
    fn new(id: OperationId, operation: &Operation) -> Entry {
        let narrow = |n: usize| u32::try_from(n).expect("a log has fewer than 2^32 records");
        Entry {
            content: operation.content.unwrap_or_else(|| Content::of(&[])),
            start: operation.start,
            returned: operation.returned.unwrap_or(NEVER),
            process: narrow(id.process),
            index: narrow(id.index),
            thread: operation.thread,
            certain: operation.outcome == Some(Outcome::Ok),
        }
    }

    /// The operation.
    pub fn id(&self) -> OperationId {
        OperationId {
            process: self.process(),
            index: self.index as usize,
        }
    }

    /// The process that did it.
    pub fn process(&self) -> ProcessIndex {
        self.process as usize
    }

    /// Its thread; 0 outside `threads`.
    pub fn thread(&self) -> u16 {
        self.thread
    }

    /// Whether one process did both, one after the other; see
    /// [`Operation::is_in_turn_with`].
    pub fn is_in_turn_with(&self, other: &Entry) -> bool {
        self.process == other.process && in_turn(self.thread, other.thread)
    }
}

/// All puts and gets of one lane.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// The lane.
    pub lane: Lane,
    /// Its channel's kind.
    pub kind: Kind,
    /// How its items are encoded.
    pub codec: Codec,
    /// Puts that may have had an effect, by content and then by start.
    pub puts: Vec<Entry>,
    /// Gets that returned an item, by content and then by start.
    pub gets: Vec<Entry>,
    /// Puts that certainly had no effect, by content and then by start.
    pub refused: Vec<Entry>,
    /// Gets that may have taken an item without returning it, by start: pending ones, and those that
    /// failed with an undocumented error.
    pub takers: Vec<Entry>,
    /// Gets that returned end of stream, by start.
    pub ends: Vec<Entry>,
    /// Gets that certainly took nothing, by start: empty, timeout, gone.
    pub misses: Vec<Entry>,
    /// When the last get started that found nothing inside, if one did.
    pub found_empty: Option<u64>,
}

/// The puts and gets of one content on one lane, each by start.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The content.
    pub content: Content,
    /// Its puts.
    pub puts: &'a [Entry],
    /// Its gets.
    pub gets: &'a [Entry],
}

impl Traffic {
    /// Returns the traffic of every lane that was used, by lane. Lanes with raw bytes written beneath
    /// the messages are left out, because what arrives there isn't what was sent.
    pub fn of(plan: &Plan, history: &History) -> Vec<Traffic> {
        let beneath = written_beneath(plan, history);
        let mut lanes: Vec<Traffic> = Vec::new();
        for (id, operation) in history.operations() {
            let Some(end) = operation.end else { continue };
            let lane = match operation.kind {
                OperationKind::Put => end.sends_on(),
                OperationKind::Get => end.receives_from(),
                _ => continue,
            };
            if beneath.contains(&lane) {
                continue;
            }
            // Lanes are few, and neighbours in a log mostly share one.
            let place = lanes.iter().position(|traffic| traffic.lane == lane);
            let place = place.unwrap_or_else(|| {
                lanes.push(Traffic::empty(plan, lane));
                lanes.len() - 1
            });
            lanes[place].add(id, operation);
        }
        for traffic in &mut lanes {
            traffic.sort();
        }
        lanes.sort_unstable_by_key(|traffic| traffic.lane);
        lanes
    }

    fn empty(plan: &Plan, lane: Lane) -> Traffic {
        let channel = &plan.channels[lane.channel];
        Traffic {
            lane,
            kind: channel.kind,
            codec: channel.codec,
            puts: Vec::new(),
            gets: Vec::new(),
            refused: Vec::new(),
            takers: Vec::new(),
            ends: Vec::new(),
            misses: Vec::new(),
            found_empty: None,
        }
    }

    fn add(&mut self, id: OperationId, operation: &Operation) {
        let mut entry = Entry::new(id, operation);
        if operation.kind == OperationKind::Put && !entry.certain {
            // It may take effect at any later time.
            entry.returned = NEVER;
        }
        if matches!(operation.outcome, Some(Outcome::Empty | Outcome::Timeout))
            && operation.kind == OperationKind::Get
        {
            self.found_empty = self.found_empty.max(Some(entry.start));
        }
        let list = match (operation.kind, operation.outcome) {
            // It can't be inside, whatever its put reported.
            (OperationKind::Put, Some(_)) if entry.content == unsendable() => &mut self.refused,
            (OperationKind::Put, Some(Outcome::Ok) | None) => &mut self.puts,
            (OperationKind::Put, _) if operation.definite => &mut self.refused,
            (OperationKind::Put, _) => &mut self.puts,
            (_, Some(Outcome::Ok)) if operation.content.is_some() => &mut self.gets,
            (_, Some(Outcome::End)) => &mut self.ends,
            (_, Some(outcome)) if took_nothing(outcome) => &mut self.misses,
            _ => &mut self.takers,
        };
        list.push(entry);
    }

    fn sort(&mut self) {
        for list in [&mut self.puts, &mut self.gets, &mut self.refused] {
            list.sort_unstable_by_key(|e| (e.content, e.start, e.process, e.index));
        }
        for list in [&mut self.takers, &mut self.ends, &mut self.misses] {
            list.sort_unstable_by_key(|e| (e.start, e.process, e.index));
        }
    }

    /// Every content that was put or got.
    pub fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let (mut puts, mut gets) = (&self.puts[..], &self.gets[..]);
        std::iter::from_fn(move || {
            let content = match (puts.first(), gets.first()) {
                (Some(put), Some(got)) => put.content.min(got.content),
                (Some(one), None) | (None, Some(one)) => one.content,
                (None, None) => return None,
            };
            Some(Group {
                content,
                puts: take_while(&mut puts, content),
                gets: take_while(&mut gets, content),
            })
        })
    }

    /// The puts of this content, by start.
    pub fn equal_puts(&self, content: Content) -> &[Entry] {
        let from = self.puts.partition_point(|put| put.content < content);
        let to = self.puts.partition_point(|put| put.content <= content);
        &self.puts[from..to]
    }

    /// Whether one process did all of these, one after the other; false for none at all.
    pub fn are_in_turn(entries: &[Entry]) -> bool {
        let Some(first) = entries.first() else {
            return false;
        };
        let threaded = entries.iter().find(|entry| entry.thread != 0);
        let threaded = threaded.unwrap_or(first);
        let mut entries = entries.iter();
        entries.all(|entry| entry.is_in_turn_with(threaded))
    }
}

impl<'a> Group<'a> {
    /// The number of puts that have a get.
    pub fn paired(&self) -> usize {
        self.puts.len().min(self.gets.len())
    }

    /// These entries by return.
    pub fn by_return(entries: &'a [Entry]) -> std::borrow::Cow<'a, [Entry]> {
        if entries.is_sorted_by_key(|entry| entry.returned) {
            return entries.into();
        }
        let mut entries = entries.to_vec();
        entries.sort_unstable_by_key(|entry| (entry.returned, entry.start));
        entries.into()
    }
}

/// The lanes with raw bytes written beneath the messages.
fn written_beneath(plan: &Plan, history: &History) -> Vec<Lane> {
    let mut steps = plan.steps().map(|(_, step)| &step.action);
    if !steps.any(|action| matches!(action, Action::Raw(_))) {
        return Vec::new();
    }
    let operations = history.operations().map(|(_, operation)| operation);
    let raw = operations.filter(|operation| operation.kind == OperationKind::Raw);
    raw.filter_map(|operation| Some(operation.end?.sends_on()))
        .collect()
}

/// The content of an item that can't be encoded.
pub(crate) fn unsendable() -> Content {
    Content::of(UNSENDABLE)
}

/// Whether a get with this outcome certainly took no item out of the channel.
fn took_nothing(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Empty | Outcome::Timeout | Outcome::Gone | Outcome::Closed | Outcome::Refused
    )
}

/// Splits the entries of this content off the front.
fn take_while<'a>(entries: &mut &'a [Entry], content: Content) -> &'a [Entry] {
    let count = entries
        .iter()
        .take_while(|entry| entry.content == content)
        .count();
    let (head, tail) = entries.split_at(count);
    *entries = tail;
    head
}
