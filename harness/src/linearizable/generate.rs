//! Histories of a true queue, as large and as concurrent as asked for: to try judges on.
//!
//! Peers take turns at a queue in memory. Each operation takes effect at one moment, and is recorded
//! as a time around it, so that what comes out is linearizable by construction.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use fastrand::Rng;

use super::{History, Kind, NEVER, Operation, Outcome};

/// What to generate. The same recipe gives the same history.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// How many operations; a few fewer where nobody could go on.
    pub operations: u32,
    /// How many peers are at work at any time, at least one: those with even numbers put, the others
    /// get; a single one does both.
    pub peers: u32,
    /// How much of its time a peer spends in operations, from 0 to 1: peers times this many
    /// operations overlap.
    pub overlap: f64,
    /// The most items that the queue holds, at least one; none for any number.
    pub capacity: Option<u64>,
    /// What else happens than puts and gets that wait, and succeed.
    pub faults: Vec<Fault>,
    /// What chance is drawn from.
    pub seed: u64,
}

/// What may happen besides puts and gets that wait, and succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Operations that don't wait, and say "empty" and "full".
    Tries,
    /// Operations that run out of time where they would have to wait.
    Timeouts,
    /// Puts and gets that fail, some of them with an effect nevertheless.
    Errors,
    /// Peers that are killed in the middle of an operation; others take their places.
    Kills,
    /// Who puts closes at last, and who gets is told so.
    Ends,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Fault; 5] = [
        Fault::Tries,
        Fault::Timeouts,
        Fault::Errors,
        Fault::Kills,
        Fault::Ends,
    ];

    /// The word for it on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Fault::Tries => "tries",
            Fault::Timeouts => "timeouts",
            Fault::Errors => "errors",
            Fault::Kills => "kills",
            Fault::Ends => "ends",
        }
    }
}

/// A history by this recipe, in the order in which its operations started.
pub fn generate(recipe: &Recipe) -> History {
    let mut scene = Scene::new(recipe);
    scene.play();
    scene.finish()
}

/// How long an operation takes from its start to its effect, and from there to its return, at most.
const LONGEST: u64 = 100;

/// One in so many operations fails, or is its peer's last.
const RARE: u32 = 400;

/// What one place at the queue is doing: when one peer is killed, another takes its place.
struct Place {
    peer: u32,
    kind: Kind,
    start: u64,
    item: u32,
    puts: bool,
    gets: bool,
}

struct Scene<'a> {
    recipe: &'a Recipe,
    rng: Rng,
    places: Vec<Place>,
    peers: u32,
    /// When a place's operation takes effect, and which place; the earliest first.
    effects: BinaryHeap<Reverse<(u64, u32)>>,
    inside: VecDeque<u32>,
    getters: VecDeque<u32>,
    putters: VecDeque<u32>,
    open: u32,
    items: u32,
    operations: Vec<Operation>,
}

impl<'a> Scene<'a> {
    fn new(recipe: &'a Recipe) -> Scene<'a> {
        let peers = recipe.peers.max(1);
        let place = |peer| Place {
            peer,
            kind: Kind::Put,
            start: 0,
            item: Operation::NO_ITEM,
            puts: peer % 2 == 0,
            gets: peer % 2 == 1 || peers == 1,
        };
        let places: Vec<Place> = (0..peers).map(place).collect();
        let mut scene = Scene {
            recipe,
            rng: Rng::with_seed(recipe.seed),
            peers,
            effects: BinaryHeap::with_capacity(peers as usize),
            inside: VecDeque::new(),
            getters: VecDeque::new(),
            putters: VecDeque::new(),
            open: places.iter().filter(|place| place.puts).count() as u32,
            items: 0,
            operations: Vec::with_capacity(recipe.operations as usize),
            places,
        };
        for place in 0..peers {
            scene.begin(place, 1);
        }
        scene
    }

    fn play(&mut self) {
        while self.operations.len() < self.recipe.operations as usize
            && let Some(Reverse((now, place))) = self.effects.pop()
        {
            match self.places[place as usize].kind {
                Kind::Put => self.put(place, now),
                Kind::Get => self.get(place, now),
                Kind::Close => self.close(place, now),
            }
            self.serve(now);
        }
    }

    /// Lets those go on who need wait no longer.
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

    /// Lets a place begin what it does next, some time behind its last return.
    fn begin(&mut self, place: u32, returned: u64) {
        let busy = self.recipe.overlap.clamp(0.01, 1.0);
        let idle = (LONGEST as f64 * (1.0 - busy) / busy) as u64;
        let ends = self.recipe.faults.contains(&Fault::Ends);
        let endings = if ends {
            2 * self.places.len() as u32
        } else {
            0
        };
        let all_put = self.items >= self.recipe.operations.saturating_sub(endings) / 2;
        let at = &mut self.places[place as usize];
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
        self.effects.push(Reverse((effect, place)));
    }

    fn put(&mut self, place: u32, now: u64) {
        if !self.has_room() {
            return match self.impatience(Outcome::Full) {
                Some(outcome) => self.end(place, now, outcome),
                None => self.putters.push_back(place),
            };
        }
        let (outcome, effect) = self.success();
        if effect {
            self.inside.push_back(self.places[place as usize].item);
        }
        self.end(place, now, outcome);
    }

    fn get(&mut self, place: u32, now: u64) {
        if self.inside.is_empty() {
            if self.open == 0 {
                return self.end(place, now, Outcome::End);
            }
            return match self.impatience(Outcome::Empty) {
                Some(outcome) => self.end(place, now, outcome),
                None => self.getters.push_back(place),
            };
        }
        let (outcome, effect) = self.success();
        if effect {
            let item = self.inside.pop_front().expect("it isn't empty");
            if outcome == Outcome::Ok {
                self.places[place as usize].item = item;
            }
        }
        self.end(place, now, outcome);
    }

    fn close(&mut self, place: u32, now: u64) {
        self.open -= 1;
        self.end(place, now, Outcome::Ok);
    }

    fn has_room(&self) -> bool {
        let most = self.recipe.capacity.map(|most| most.max(1));
        most.is_none_or(|most| (self.inside.len() as u64) < most)
    }

    /// What a call comes to that would have to wait, if it doesn't.
    fn impatience(&mut self, told: Outcome) -> Option<Outcome> {
        let chances = [(Fault::Tries, told), (Fault::Timeouts, Outcome::Timeout)];
        let chance = chances
            .into_iter()
            .find(|(fault, _)| self.recipe.faults.contains(fault) && self.rng.u32(0..3) == 0);
        chance.map(|(_, outcome)| outcome)
    }

    /// What a call comes to that needn't wait, and whether it takes effect.
    fn success(&mut self) -> (Outcome, bool) {
        let faults = &self.recipe.faults;
        if faults.contains(&Fault::Kills) && self.rng.u32(0..RARE) == 0 {
            return (Outcome::Pending, self.rng.bool());
        }
        if faults.contains(&Fault::Errors) && self.rng.u32(0..RARE) == 0 {
            let definite = self.rng.bool();
            return (Outcome::Error { definite }, !definite && self.rng.bool());
        }
        (Outcome::Ok, true)
    }

    fn end(&mut self, place: u32, now: u64, outcome: Outcome) {
        let returned = now + self.rng.u64(0..=LONGEST);
        let at = &mut self.places[place as usize];
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
            self.begin(place, returned);
        }
    }
}
