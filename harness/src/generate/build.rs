//! Builds the processes and channels of a recipe, and makes its moves.

use super::recipe::{Deed, Layout, Move, Recipe};
use super::steps::{at, end, literal};
use super::world::{Lane, World};
use crate::backend::Side;
use crate::case::model::{Action, Channel, ChannelKind};
use crate::plan::Start;

/// Returns the world after all moves of the recipe.
pub(super) fn build(recipe: &Recipe) -> World {
    let parties = recipe.others.len() + 1;
    let mut world = World::new(recipe.kind, parties);
    origins(recipe, &mut world);
    match recipe.kind {
        ChannelKind::Endpoint => world.endpoint(),
        _ if parties > 1 => {
            let layouts = recipe.channels.iter().enumerate();
            layouts.for_each(|(n, layout)| world.channel(n, layout));
        }
        // A process alone has no partner, so no move is possible on a channel.
        _ => {}
    }
    for (other, origin) in recipe.others.iter().enumerate() {
        if origin.early {
            world.start(other + 1);
        }
    }
    recipe.moves.iter().for_each(|one| world.make(one));
    world.finish(recipe.moves.first().map_or(0, |one| one.style));
    world
}

fn origins(recipe: &Recipe, world: &mut World) {
    for (other, origin) in recipe.others.iter().enumerate() {
        let own = &mut world.parties[other + 1];
        own.starter = origin.starter.map(|pick| usize::from(pick) % (other + 1));
        own.joined = origin.joined;
        // The queues of some libraries belong to one start method.
        let method = match recipe.kind {
            ChannelKind::Queue => recipe.others[0].method,
            _ => origin.method,
        };
        own.method = match method % 8 {
            0..4 => Start::Spawn,
            4..7 => Start::Fork,
            // Few backends have it, and the rest of the case should run on all.
            _ => Start::Forkserver,
        };
    }
}

impl World {
    fn channel(&mut self, number: usize, layout: &Layout) {
        let name = format!("c{number}");
        let parties = self.parties.len();
        let a = usize::from(layout.a) % parties;
        let b = (a + 1 + usize::from(layout.b) % (parties - 1)) % parties;
        let duplex = layout.duplex && self.kind != ChannelKind::Queue;
        let capacity = layout.capacity.filter(|_| self.is_queue());
        self.channels.push(Channel {
            name: at(name.clone()),
            kind: at(self.kind),
            capacity: capacity.map(|capacity| literal(u64::from(capacity) + 1)),
            duplex: duplex.then(|| at(true)),
            mode: None,
            length: None,
            backlog: None,
            key: None,
        });
        let first = self.lanes.len();
        if self.is_queue() {
            let q = end(&name, Side::Queue);
            let (mut senders, mut receivers) = (vec![(a, q.clone())], vec![(b, q.clone())]);
            // More producers and consumers, each process on one side.
            for party in (0..parties).filter(|party| *party != a && *party != b) {
                match (usize::from(layout.more) + party) % 4 {
                    0 => senders.push((party, q.clone())),
                    1 => receivers.push((party, q.clone())),
                    _ => {}
                }
            }
            let mut lane = Lane::new(senders, receivers);
            lane.capacity = capacity.map(|capacity| i64::from(capacity) + 1);
            self.lanes.push(lane);
        } else if duplex {
            let [one, other] = [(a, end(&name, Side::A)), (b, end(&name, Side::B))];
            self.lanes
                .push(Lane::new(vec![one.clone()], vec![other.clone()]));
            self.lanes.push(Lane::new(vec![other], vec![one]));
            self.lanes[first].back = Some(first + 1);
            self.lanes[first + 1].back = Some(first);
        } else {
            let (tx, rx) = (end(&name, Side::Tx), end(&name, Side::Rx));
            let mut lane = Lane::new(vec![(a, tx.clone())], vec![(b, rx)]);
            let keeper = usize::from(layout.more) % (4 * parties);
            if keeper < parties && keeper != a && keeper != b {
                lane.writers.insert(keeper);
                self.parties[keeper].holds.push(tx);
            }
            self.lanes.push(lane);
        }
    }

    fn make(&mut self, one: &Move) {
        let lanes = self.lanes.len();
        let lane = (lanes > 0).then(|| usize::from(one.lane) % lanes);
        let party = usize::from(one.pick) % self.parties.len();
        match (one.deed, lane) {
            (Deed::Meet, _) => self.meet(one),
            (Deed::Connect, _) => self.connect(one),
            (Deed::Pause, _) => self.pause(party, one),
            (Deed::Signal, _) => self.signal(party, one),
            (Deed::TimedJoin, _) => self.timed_join(party, one),
            (Deed::Kill, _) => self.kill(party, one),
            (Deed::Exit, _) => self.exit(party, one),
            (Deed::Idle, _) => self.idle(party, one),
            (Deed::Print, _) => self.print(party, one),
            (_, None) => {}
            (Deed::Put, Some(lane)) => self.put(lane, one),
            (Deed::Get, Some(lane)) => self.get(lane, one),
            (Deed::WaitedGet, Some(lane)) => self.waited_get(lane, one),
            (Deed::Full, Some(lane)) => self.full(lane, one),
            (Deed::Together, Some(lane)) => self.together(lane, one),
            (Deed::Hint, Some(lane)) => self.hint(lane, one),
            (Deed::JoinQueue, Some(lane)) => self.join_queue(lane, one),
            (Deed::Replies, Some(lane)) => self.replies(lane, one),
            (Deed::AskInVain, Some(lane)) => self.ask_in_vain(lane, one),
            (Deed::AskReady, Some(lane)) => self.ask_ready(lane, one),
            (Deed::AskAnyhow, Some(lane)) => self.ask_anyhow(lane, one),
            (Deed::End, Some(lane)) => self.end(lane, one),
            (Deed::Gone, Some(lane)) => self.gone(lane, one),
            (Deed::AfterClose, Some(lane)) => self.after_close(lane, one),
            (Deed::Unsendable, Some(lane)) => self.unsendable(lane, one),
            (Deed::Threads, Some(lane)) => self.threads(lane, one),
        }
    }

    fn idle(&mut self, party: usize, one: &Move) {
        if self.is_alive(party) {
            let time = std::time::Duration::from_millis(u64::from(one.n % 30));
            self.push(party, Action::Idle(at(Some(time))));
        }
    }

    fn print(&mut self, party: usize, one: &Move) {
        if self.is_alive(party) {
            let text = crate::case::model::Piece::Text(format!("line {}", one.n));
            self.push(party, Action::Print(at(vec![text])));
        }
    }

    /// Several processes meet at a barrier.
    fn meet(&mut self, one: &Move) {
        let alive: Vec<usize> = (0..self.parties.len())
            .filter(|party| self.is_alive(*party))
            .filter(|party| *party == 0 || one.n >> (party % 8) & 1 == 1)
            .collect();
        if alive.len() < 2 {
            return;
        }
        self.ready(&alive);
        let name = self.fresh("b");
        for party in alive {
            self.push(party, Action::Barrier(at(name.clone())));
        }
    }
}
