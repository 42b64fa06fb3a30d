//! Moves on queues that count their items, and those that aren't marked as done.

use super::recipe::Move;
use super::steps::{How, at, literal, step};
use super::world::World;
use crate::backend::Outcome;
use crate::case::model::{Action, EndName, Event, QueueCall, Repeat};
use crate::plan::Hint;

impl World {
    /// One process marks all items as done, and another one waits for that.
    pub(super) fn join_queue(&mut self, lane: usize, one: &Move) {
        let Some((sender, receiver)) = self.pair(lane, one.pick) else {
            return;
        };
        let is_empty = self.lanes[lane].most == 0 && self.lanes[lane].least == 0;
        let Some(on) = self.lanes[lane].receiving(receiver).cloned() else {
            return;
        };
        if !self.is_queue() || !is_empty {
            return;
        }
        self.ready(&[sender, receiver]);
        for party in [sender, receiver] {
            let puts = self.lanes[lane].last_puts.clone();
            let gets = self.lanes[lane].last_gets.clone();
            self.order_all(&puts, party, one.style);
            self.order_all(&gets, party, one.style);
        }
        let unmarked = std::mem::take(&mut self.lanes[lane].unmarked);
        let before_last = unmarked.saturating_sub(1);
        self.mark(receiver, &on, before_last);
        let label = self.fresh("l");
        let join = call(&on, How::default().labelled(&label));
        self.push(sender, Action::JoinQueue(join));
        let joined = self.now(sender);
        // A put before the join has returned would keep it waiting.
        self.lanes[lane].put_after.push(joined);
        if unmarked > 0 && one.n.is_multiple_of(2) {
            self.push(receiver, Action::Await(Event::Blocked(at(label))));
        }
        self.mark(receiver, &on, unmarked - before_last);
        if one.n % 3 == 2 {
            let how = How::expecting(&[Outcome::Refused]);
            self.push(receiver, Action::TaskDone(call(&on, how)));
            let marked = self.now(receiver);
            self.lanes[lane].put_after.push(marked);
        }
    }

    /// A process asks a queue that no other process uses about its content.
    pub(super) fn hint(&mut self, lane: usize, one: &Move) {
        let Some((_, asker)) = self.pair(lane, one.pick) else {
            return;
        };
        let Some(on) = self.lanes[lane].receiving(asker).cloned() else {
            return;
        };
        if !self.is_queue() || !self.lanes[lane].is_certain() {
            return;
        }
        self.ready(&[asker]);
        let (puts, gets) = (
            self.lanes[lane].last_puts.clone(),
            self.lanes[lane].last_gets.clone(),
        );
        self.order_all(&puts, asker, one.style);
        self.order_all(&gets, asker, one.style);
        let inside = self.lanes[lane].most;
        let hint = Hint::ALL[usize::from(one.n) % Hint::ALL.len()];
        let outcomes: &[Outcome] = match hint {
            Hint::IsEmpty if inside == 0 => &[Outcome::Empty],
            // An item may be on its way.
            Hint::IsEmpty => &[Outcome::Ok, Outcome::Empty],
            Hint::IsFull if self.lanes[lane].capacity == Some(inside) => &[Outcome::Full],
            Hint::IsFull | Hint::Size => &[],
        };
        let call = call(&on, How::expecting(outcomes));
        self.push(asker, Action::Hint(hint, call));
        let asked = self.now(asker);
        self.lanes[lane].put_after.push(asked);
        self.lanes[lane].get_after.push(asked);
    }

    fn mark(&mut self, party: usize, on: &EndName, times: u64) {
        if times > 0 {
            let steps = vec![step(Action::TaskDone(call(on, How::default())))];
            let count = literal(times);
            self.push(party, Action::Repeat(Repeat { count, steps }));
        }
    }
}

fn call(on: &EndName, how: How) -> QueueCall {
    QueueCall {
        on: at(on.clone()),
        options: how.options(),
    }
}
