//! Judges operations as they come, by their starts, and forgets them: for histories that are too
//! large to be kept.
//!
//! What is judged so is complete: no get is left of which nobody knows what it took. And there is no
//! capacity, for which one has to look ahead.

use std::collections::VecDeque;

use thiserror::Error;

use super::completion::{is_well_formed, may_have_effect};
use super::end::Peers;
use super::{Claims, Empty, Kind, NEVER, Operation, Order, Outcome, Verdict};

/// A judge of what comes.
#[derive(Debug)]
pub struct Online {
    order: Order,
    empty: Option<Empty>,
    now: u64,
    count: u32,
    /// Operations that haven't returned; those that never do aren't waited for.
    under_way: UnderWay,
    items: Vec<Item>,
    lanes: Vec<Lane>,
    /// How many items are certainly inside, and since when that is more than none.
    inside: u64,
    busy_since: u64,
    peers: Peers,
    /// When the end was told first.
    end: Option<u64>,
    /// How many items were surely put, and not got.
    missing: u64,
    failed: bool,
}

/// Why a history can't be judged as it comes, but only as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Unfit {
    /// It started before one that came earlier.
    #[error("operations don't come by their starts")]
    OutOfOrder,
    /// Nobody knows what it took.
    #[error("a get may have taken an item without returning it")]
    Open,
    /// An operation that can't be, or an item that was put twice.
    #[error("an operation makes no sense")]
    Malformed,
}

/// What is to be remembered of an item.
#[derive(Clone, Copy, Debug, Default)]
struct Item {
    /// How many of its lane had been put when its put started.
    before: u32,
    lane: u32,
    put: Put,
    asked_for: bool,
    /// Its put surely returned.
    is_in: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Put {
    #[default]
    Never,
    Started,
    Failed,
    /// It started behind the end.
    Late,
}

/// Items that come in order.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// By the ends of their puts, without the first ones that were asked for.
    items: VecDeque<u32>,
    /// How many those first ones are.
    gone: u32,
}

/// The return of an operation.
#[derive(Clone, Copy, Debug)]
struct Ending {
    end: u64,
    start: u64,
    item: u32,
    kind: Kind,
    outcome: Outcome,
}

impl Online {
    /// A judge of one queue's operations, none of which have come; none where the claims are such
    /// that one has to look ahead.
    pub fn of(claims: &Claims) -> Option<Online> {
        claims.capacity.is_none().then(|| Online {
            order: claims.order,
            empty: claims.empty,
            now: 0,
            count: 0,
            under_way: UnderWay::default(),
            items: Vec::new(),
            lanes: vec![Lane::default()],
            inside: 0,
            busy_since: 0,
            peers: Peers::default(),
            end: None,
            missing: 0,
            failed: false,
        })
    }

    /// Takes the next operation: none that comes later starts earlier.
    ///
    /// # Errors
    ///
    /// The history can't be judged as it comes; nothing more is to be asked of this judge.
    pub fn push(&mut self, operation: &Operation) -> Result<(), Unfit> {
        if operation.start < self.now {
            return Err(Unfit::OutOfOrder);
        }
        if !is_well_formed(operation, Operation::NO_ITEM) {
            return Err(Unfit::Malformed);
        }
        self.now = operation.start;
        self.pass(operation.start);
        self.peers.see(self.count, operation);
        self.count = self.count.wrapping_add(1);
        match (operation.kind, operation.outcome) {
            (Kind::Put, _) => self.start_put(operation)?,
            (Kind::Get, Outcome::Ok) => self.start_get(operation),
            (Kind::Get, outcome) if may_have_effect(outcome) => return Err(Unfit::Open),
            (Kind::Get | Kind::Close, _) => {}
        }
        if operation.end != NEVER && operation.kind != Kind::Close {
            self.under_way.push(Ending {
                end: operation.end,
                start: operation.start,
                item: operation.item,
                kind: operation.kind,
                outcome: operation.outcome,
            });
        }
        Ok(())
    }

    /// Whether something was wrong already, whatever comes.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// What all that came comes to, now that nothing more does.
    pub fn finish(mut self) -> Verdict {
        self.pass(NEVER);
        if let Some(end) = self.end {
            let mut closes = self.peers.closes();
            self.failed |= self.missing > 0
                || closes.any(|(_, closed)| closed.is_none_or(|closed| end < closed));
        }
        if self.failed {
            Verdict::Fail
        } else {
            Verdict::Pass
        }
    }

    /// Lets everything return that does so before this moment. Equal stamps are concurrent.
    fn pass(&mut self, now: u64) {
        while let Some(ending) = self.under_way.pop_before(now) {
            match (ending.kind, ending.outcome) {
                (Kind::Put, Outcome::Ok) => self.end_put(ending),
                (Kind::Get, Outcome::Ok) => self.end_get(ending),
                (Kind::Get, Outcome::End) => self.end = self.end.or(Some(ending.end)),
                (Kind::Get, Outcome::Empty) if self.empty.is_some() => self.told_empty(ending),
                (Kind::Get, Outcome::Timeout) if self.empty == Some(Empty::Timeout) => {
                    self.told_empty(ending);
                }
                _ => {}
            }
        }
    }

    fn start_put(&mut self, put: &Operation) -> Result<(), Unfit> {
        let lane = match self.order {
            Order::PerProducer => put.peer,
            Order::Fifo | Order::Unordered => 0,
        };
        if self.lanes.len() <= lane as usize {
            self.lanes.resize(lane as usize + 1, Lane::default());
        }
        let before = self.lanes[lane as usize].put();
        let late = self.end.is_some();
        let item = self.item(put.item);
        if item.put != Put::Never {
            return Err(Unfit::Malformed);
        }
        item.lane = lane;
        item.before = before;
        item.put = if put.outcome != Outcome::Ok && !may_have_effect(put.outcome) {
            Put::Failed
        } else if late {
            Put::Late
        } else {
            Put::Started
        };
        self.failed |= late && put.outcome == Outcome::Ok;
        Ok(())
    }

    fn end_put(&mut self, put: Ending) {
        let item = self.item(put.item);
        item.is_in = true;
        let (lane, waits) = (item.lane, !item.asked_for);
        if self.order != Order::Unordered {
            self.lanes[lane as usize].items.push_back(put.item);
        }
        if waits {
            self.missing += 1;
            if self.inside == 0 {
                self.busy_since = put.end;
            }
            self.inside += 1;
        }
    }

    fn start_get(&mut self, get: &Operation) {
        let late = self.end.is_some();
        let item = self.item(get.item);
        let again = item.asked_for;
        item.asked_for = true;
        let was_inside = item.is_in && !again;
        if was_inside {
            self.inside -= 1;
            self.missing -= 1;
        }
        self.failed |= again || late;
    }

    fn end_get(&mut self, get: Ending) {
        let item = *self.item(get.item);
        self.failed |= item.put != Put::Started;
        if self.order == Order::Unordered || item.put == Put::Never {
            return;
        }
        let lane = &mut self.lanes[item.lane as usize];
        while let Some(first) = lane.items.front()
            && self.items[*first as usize].asked_for
        {
            lane.items.pop_front();
            lane.gone += 1;
        }
        self.failed |= lane.gone < item.before;
    }

    fn told_empty(&mut self, told: Ending) {
        self.failed |= self.inside > 0 && self.busy_since < told.start;
    }

    fn item(&mut self, item: u32) -> &mut Item {
        let place = item as usize;
        if self.items.len() <= place {
            self.items.resize(place + 1, Item::default());
        }
        &mut self.items[place]
    }
}

impl Lane {
    /// How many items were surely put.
    fn put(&self) -> u32 {
        self.gone + self.items.len() as u32
    }
}

/// What hasn't returned, the first to do so last. Few operations overlap.
#[derive(Debug, Default)]
struct UnderWay(Vec<Ending>);

impl UnderWay {
    fn push(&mut self, ending: Ending) {
        let place = match self.0.len() {
            // Fewer than a search takes.
            0..=16 => self
                .0
                .iter()
                .rposition(|other| ending.end < other.end)
                .map_or(0, |n| n + 1),
            _ => self.0.partition_point(|other| ending.end < other.end),
        };
        self.0.insert(place, ending);
    }

    fn pop_before(&mut self, now: u64) -> Option<Ending> {
        self.0.pop_if(|ending| ending.end < now)
    }
}
