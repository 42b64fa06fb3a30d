//! Generates histories of a correct queue, of any size and concurrency, as input for judges.
//!
//! Simulated peers use a queue in memory. Each operation takes effect at one moment and is recorded
//! with a start before and an end after it, so the history is linearizable by construction.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use fastrand::Rng;

use super::history::{History, Kind, NEVER, Operation, Outcome};

/// Describes a history to generate. The same recipe gives the same history.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The number of operations; a few fewer if no peer can go on.
    pub operations: u32,
    /// The number of peers at work at any time, at least one. Peers with even numbers put, the others
    /// get; a single peer does both.
    pub peers: u32,
    /// The share of its time that a peer spends in operations, from 0 to 1. On average, `peers` times
    /// this many operations overlap.
    pub overlap: f64,
    /// The most items that the queue holds, at least one; unlimited if `None`.
    pub capacity: Option<u64>,
    /// What happens besides puts and gets that wait and succeed.
    pub faults: Vec<Hazard>,
    /// The seed of all random choices.
    pub seed: u64,
}

/// Something that may happen besides puts and gets that wait and succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hazard {
    /// Operations that don't wait, and report "empty" or "full".
    Tries,
    /// Operations that time out when they have to wait.
    Timeouts,
    /// Puts and gets that return errors; some have their effect nevertheless.
    Errors,
    /// Peers that are killed in the middle of an operation; new peers replace them.
    Kills,
    /// Producers close at last, and consumers then see the end of the stream.
    Ends,
}

impl Hazard {
    /// Every fault.
    pub const ALL: [Hazard; 5] = [
        Hazard::Tries,
        Hazard::Timeouts,
        Hazard::Errors,
        Hazard::Kills,
        Hazard::Ends,
    ];

    /// Returns its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Hazard::Tries => "tries",
            Hazard::Timeouts => "timeouts",
            Hazard::Errors => "errors",
            Hazard::Kills => "kills",
            Hazard::Ends => "ends",
        }
    }
}

/// Generates a history, in the order in which its operations start.
pub fn generate(recipe: &Recipe) -> History {
    let mut simulation = Simulation::new(recipe);
    simulation.run();
    simulation.finish()
}

/// The longest time from an operation's start to its effect, and from its effect to its return.
const LONGEST: u64 = 100;

/// One in this many operations fails or is its peer's last.
const RARE: u32 = 400;

/// One of the peers at work. When its peer is killed, another takes the slot.
struct Slot {
    peer: u32,
    kind: Kind,
    start: u64,
    item: u32,
    puts: bool,
    gets: bool,
}

struct Simulation<'a> {
    recipe: &'a Recipe,
    rng: Rng,
    slots: Vec<Slot>,
    peers: u32,
    /// The moment at which a slot's operation takes effect, and the slot; the earliest first.
    effects: BinaryHeap<Reverse<(u64, u32)>>,
    inside: VecDeque<u32>,
    getters: VecDeque<u32>,
    putters: VecDeque<u32>,
    open: u32,
    items: u32,
    operations: Vec<Operation>,
}

impl<'a> Simulation<'a> {
    fn new(recipe: &'a Recipe) -> Simulation<'a> {
        let peers = recipe.peers.max(1);
        let slot = |peer| Slot {
            peer,
            kind: Kind::Put,
            start: 0,
            item: Operation::NO_ITEM,
            puts: peer % 2 == 0,
            gets: peer % 2 == 1 || peers == 1,
        };
        let slots: Vec<Slot> = (0..peers).map(slot).collect();
        let mut simulation = Simulation {
            recipe,
            rng: Rng::with_seed(recipe.seed),
            peers,
            effects: BinaryHeap::with_capacity(peers as usize),
            inside: VecDeque::new(),
            getters: VecDeque::new(),
            putters: VecDeque::new(),
            open: slots.iter().filter(|slot| slot.puts).count() as u32,
            items: 0,
            operations: Vec::with_capacity(recipe.operations as usize),
            slots,
        };
        for slot in 0..peers {
            simulation.begin(slot, 1);
        }
        simulation
    }

    fn run(&mut self) {
        while self.operations.len() < self.recipe.operations as usize
            && let Some(Reverse((now, slot))) = self.effects.pop()
        {
            match self.slots[slot as usize].kind {
                Kind::Put => self.put(slot, now),
                Kind::Get => self.get(slot, now),
                Kind::Close => self.close(slot, now),
            }
            self.serve(now);
        }
    }

    /// Lets waiting peers continue whose operation is possible now.
    fn serve(&mut self, now: u64) {
        loop {
            let get = !self.inside.is_empty() || self.open == 0;
            if let Some(getter) = self.getters.pop_front_if(|_| get) {
                self.get(getter, now);
                continue;
            }
            let put = self.has_room();
            match self.putters.pop_front_if(|_| put) {
                Some(putter) => self.put(putter, now),
                None => return,
            }
        }
    }

    fn finish(mut self) -> History {
        self.operations
            .sort_unstable_by_key(|operation| operation.start);
        History {
            operations: self.operations,
            items: self.items,
        }
    }

    /// Begins the next operation of a slot, some time after its last return.
    fn begin(&mut self, slot: u32, returned: u64) {
        let busy = self.recipe.overlap.clamp(0.01, 1.0);
        let idle = (LONGEST as f64 * (1.0 - busy) / busy) as u64;
        let ends = self.recipe.faults.contains(&Hazard::Ends);
        let endings = if ends { 2 * self.slots.len() as u32 } else { 0 };
        let all_put = self.items >= self.recipe.operations.saturating_sub(endings) / 2;
        let at = &mut self.slots[slot as usize];
        if at.puts && all_put && !at.gets && !ends {
            return;
        }
        at.kind = match (at.puts, at.gets) {
            (true, true) if all_put || self.rng.bool() => Kind::Get,
            (true, _) if all_put => Kind::Close,
            (true, _) => Kind::Put,
            (false, _) => Kind::Get,
        };
        at.item = Operation::NO_ITEM;
        if at.kind == Kind::Put {
            at.item = self.items;
            self.items += 1;
        }
        at.start = returned + 1 + self.rng.u64(0..=2 * idle);
        let effect = at.start + self.rng.u64(0..=LONGEST);
        self.effects.push(Reverse((effect, slot)));
    }

    fn put(&mut self, slot: u32, now: u64) {
        if !self.has_room() {
            return match self.impatience(Outcome::Full) {
                Some(outcome) => self.end(slot, now, outcome),
                None => self.putters.push_back(slot),
            };
        }
        let (outcome, effect) = self.success();
        if effect {
            self.inside.push_back(self.slots[slot as usize].item);
        }
        self.end(slot, now, outcome);
    }

    fn get(&mut self, slot: u32, now: u64) {
        if self.inside.is_empty() {
            if self.open == 0 {
                return self.end(slot, now, Outcome::End);
            }
            return match self.impatience(Outcome::Empty) {
                Some(outcome) => self.end(slot, now, outcome),
                None => self.getters.push_back(slot),
            };
        }
        let (outcome, effect) = self.success();
        if effect {
            let item = self.inside.pop_front().expect("it isn't empty");
            if outcome == Outcome::Ok {
                self.slots[slot as usize].item = item;
            }
        }
        self.end(slot, now, outcome);
    }

    fn close(&mut self, slot: u32, now: u64) {
        self.open -= 1;
        self.end(slot, now, Outcome::Ok);
    }

    fn has_room(&self) -> bool {
        let most = self.recipe.capacity.map(|most| most.max(1));
        most.is_none_or(|most| (self.inside.len() as u64) < most)
    }

    /// Draws the outcome of a call that would have to wait; `None` if it waits.
    fn impatience(&mut self, refusal: Outcome) -> Option<Outcome> {
        let chances = [
            (Hazard::Tries, refusal),
            (Hazard::Timeouts, Outcome::Timeout),
        ];
        let chance = chances
            .into_iter()
            .find(|(fault, _)| self.recipe.faults.contains(fault) && self.rng.u32(0..3) == 0);
        chance.map(|(_, outcome)| outcome)
    }

    /// Draws the outcome of a call that needn't wait, and whether it has its effect.
    fn success(&mut self) -> (Outcome, bool) {
        let faults = &self.recipe.faults;
        if faults.contains(&Hazard::Kills) && self.rng.u32(0..RARE) == 0 {
            return (Outcome::Pending, self.rng.bool());
        }
        if faults.contains(&Hazard::Errors) && self.rng.u32(0..RARE) == 0 {
            let definite = self.rng.bool();
            return (Outcome::Error { definite }, !definite && self.rng.bool());
        }
        (Outcome::Ok, true)
    }

    fn end(&mut self, slot: u32, now: u64, outcome: Outcome) {
        let returned = now + self.rng.u64(0..=LONGEST);
        let at = &mut self.slots[slot as usize];
        self.operations.push(Operation {
            start: at.start,
            end: if outcome == Outcome::Pending {
                NEVER
            } else {
                returned
            },
            item: at.item,
            peer: at.peer,
            kind: at.kind,
            outcome,
        });
        let ended = outcome == Outcome::End || at.kind == Kind::Close;
        if outcome == Outcome::Pending {
            at.peer = self.peers;
            self.peers += 1;
        }
        if !ended {
            self.begin(slot, returned);
        }
    }
}
