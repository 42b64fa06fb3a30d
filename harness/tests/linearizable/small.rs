//! Small histories of every kind. Most are of a correct queue, some of them changed.

use fastrand::Rng;
use ipc_conformance::linearizable::{
    Claims, Empty, History, Kind, NEVER, Operation, Order, Outcome,
};

/// The maximum number of operations of one history.
const MOST: usize = 8;
const PEERS: u32 = 3;

pub(super) fn claims(rng: &mut Rng) -> Claims {
    Claims {
        order: pick(
            rng,
            &[
                Order::Fifo,
                Order::Fifo,
                Order::PerProducer,
                Order::Unordered,
            ],
        ),
        capacity: pick(rng, &[None, None, Some(1), Some(2), Some(3)]),
        empty: pick(rng, &[None, Some(Empty::Strict), Some(Empty::Timeout)]),
    }
}

pub(super) fn history(rng: &mut Rng, claims: &Claims) -> History {
    let mut history = if rng.u32(0..8) == 0 {
        anything(rng)
    } else {
        queue(rng, claims)
    };
    if rng.u32(0..5) < 3 {
        for _ in 0..rng.u32(1..=3) {
            change(rng, &mut history);
        }
    }
    rng.shuffle(&mut history.operations);
    history
}

fn pick<T: Clone>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())].clone()
}

/// Returns a history of a correct queue with this capacity.
fn queue(rng: &mut Rng, claims: &Claims) -> History {
    let mut scene = Scene {
        inside: Vec::new(),
        is_closed: [false; PEERS as usize],
        has_put: [false; PEERS as usize],
        capacity: claims.capacity.map_or(usize::MAX, |most| most as usize),
        order: claims.order,
        history: History::default(),
    };
    let reach = rng.u64(0..=8);
    let closes = rng.bool();
    let many = rng.usize(1..=MOST);
    for n in 0..many as u64 {
        let late = n >= many as u64 / 2;
        let mut operation = scene.next(rng, closes && late);
        let now = 10 + 2 * n;
        operation.start = now - rng.u64(0..=reach);
        if operation.end != NEVER {
            operation.end = now + rng.u64(0..=reach);
        }
        scene.history.operations.push(operation);
    }
    scene.history
}

struct Scene {
    inside: Vec<(u32, u32)>,
    is_closed: [bool; PEERS as usize],
    has_put: [bool; PEERS as usize],
    capacity: usize,
    order: Order,
    history: History,
}

impl Scene {
    fn next(&mut self, rng: &mut Rng, closes: bool) -> Operation {
        let peer = rng.u32(..PEERS);
        let kind = match rng.u32(0..10) {
            0 | 1 if closes => Kind::Close,
            0..5 if !self.is_closed[peer as usize] => Kind::Put,
            _ => Kind::Get,
        };
        let mut operation = Operation {
            start: 0,
            end: 0,
            item: Operation::NO_ITEM,
            peer,
            kind,
            outcome: Outcome::Ok,
        };
        match kind {
            Kind::Put => self.put(rng, &mut operation),
            Kind::Get => self.get(rng, &mut operation),
            Kind::Close => self.is_closed[peer as usize] = true,
        }
        if operation.outcome == Outcome::Pending {
            operation.end = NEVER;
        }
        operation
    }

    fn put(&mut self, rng: &mut Rng, operation: &mut Operation) {
        operation.item = self.history.items;
        self.history.items += 1;
        self.has_put[operation.peer as usize] = true;
        let is_full = self.inside.len() >= self.capacity;
        let (outcome, effect) = match rng.u32(0..12) {
            _ if is_full => match rng.u32(0..3) {
                0 => (Outcome::Timeout, false),
                1 => (Outcome::Pending, false),
                _ => (Outcome::Full, false),
            },
            0 => (Outcome::Pending, rng.bool()),
            1 => (Outcome::Error { definite: false }, rng.bool()),
            2 => (Outcome::Error { definite: true }, false),
            _ => (Outcome::Ok, true),
        };
        operation.outcome = outcome;
        if effect {
            self.inside.push((operation.item, operation.peer));
        }
    }

    fn get(&mut self, rng: &mut Rng, operation: &mut Operation) {
        let mut writers = (0..PEERS as usize).filter(|peer| self.has_put[*peer]);
        let all_closed = writers.all(|peer| self.is_closed[peer]);
        let (outcome, effect) = match rng.u32(0..12) {
            0 => (Outcome::Pending, rng.bool()),
            1 => (Outcome::Error { definite: false }, rng.bool()),
            2 => (Outcome::Error { definite: true }, false),
            _ if !self.inside.is_empty() => (Outcome::Ok, true),
            _ if all_closed => {
                self.is_closed = [true; PEERS as usize];
                (Outcome::End, false)
            }
            3..=5 => (Outcome::Timeout, false),
            _ => (Outcome::Empty, false),
        };
        operation.outcome = outcome;
        if effect && !self.inside.is_empty() {
            let place = self.next_place(rng);
            let (item, _) = self.inside.remove(place);
            if outcome == Outcome::Ok {
                operation.item = item;
            }
        }
    }

    fn next_place(&self, rng: &mut Rng) -> usize {
        let any = rng.usize(..self.inside.len());
        let producer = self.inside[any].1;
        match self.order {
            Order::Fifo => 0,
            Order::PerProducer => {
                let first = self.inside.iter().position(|(_, other)| *other == producer);
                first.expect("the item itself is in the queue")
            }
            Order::Unordered => any,
        }
    }
}

/// Returns random operations.
fn anything(rng: &mut Rng) -> History {
    let mut history = History::default();
    for _ in 0..rng.usize(1..=MOST) {
        let start = rng.u64(1..20);
        let kind = pick(
            rng,
            &[Kind::Put, Kind::Put, Kind::Get, Kind::Get, Kind::Close],
        );
        let item = match kind {
            Kind::Put => {
                history.items += 1;
                history.items - 1
            }
            _ => rng.u32(0..4),
        };
        let mut operation = Operation {
            start,
            end: start + rng.u64(0..10),
            item,
            peer: rng.u32(..PEERS),
            kind,
            outcome: Outcome::Ok,
        };
        if rng.bool() {
            change_outcome(rng, &mut operation);
        }
        history.operations.push(operation);
    }
    mend(&mut history);
    history
}

/// Changes an operation, so that the result is still a history.
fn change(rng: &mut Rng, history: &mut History) {
    let (one, other) = (
        rng.usize(..history.operations.len()),
        rng.usize(..history.operations.len()),
    );
    let kind = history.operations[one].kind;
    match rng.u32(0..6) {
        0 => change_outcome(rng, &mut history.operations[one]),
        1 => history.operations[one].peer = rng.u32(..PEERS),
        2 => {
            let operation = &mut history.operations[one];
            operation.start = operation.start.saturating_sub(rng.u64(0..6));
        }
        3 => {
            let operation = &mut history.operations[one];
            let length = operation.end - operation.start;
            operation.start = rng.u64(1..26);
            operation.end = operation.start.saturating_add(length);
        }
        4 if kind == history.operations[other].kind => {
            let item = history.operations[one].item;
            history.operations[one].item = history.operations[other].item;
            history.operations[other].item = item;
        }
        5 if kind == Kind::Get && history.items > 0 => {
            history.operations[one].item = rng.u32(..history.items);
        }
        _ => {
            let operation = &mut history.operations[one];
            operation.end = rng.u64(operation.start..=operation.start + 8);
        }
    }
    mend(history);
}

fn change_outcome(rng: &mut Rng, operation: &mut Operation) {
    let definite = rng.bool();
    let other = match operation.kind {
        Kind::Put => [Outcome::Full, Outcome::Full, Outcome::Timeout],
        // The end is wrong in almost every place.
        Kind::Get if rng.u32(0..4) == 0 => [Outcome::End; 3],
        Kind::Get => [Outcome::Empty, Outcome::Empty, Outcome::Timeout],
        Kind::Close => [Outcome::Ok; 3],
    };
    operation.outcome = match rng.u32(0..6) {
        0 => Outcome::Pending,
        1 => Outcome::Error { definite },
        2 => Outcome::Ok,
        n => other[n as usize - 3],
    };
}

/// Makes stamps and items agree with the outcomes.
fn mend(history: &mut History) {
    for operation in &mut history.operations {
        if operation.outcome == Outcome::Pending {
            operation.end = NEVER;
        } else if operation.end == NEVER {
            operation.end = operation.start + 3;
        }
        let gets = operation.kind == Kind::Get && operation.outcome == Outcome::Ok;
        if gets && operation.item >= history.items {
            operation.item %= history.items.max(1);
            history.items = history.items.max(1);
        } else if operation.kind != Kind::Put && !gets {
            operation.item = Operation::NO_ITEM;
        }
    }
}
