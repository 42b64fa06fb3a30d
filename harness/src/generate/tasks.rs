//! Moves on queues that count the items that aren't marked as done.

use super::recipe::Move;
use super::steps::{How, at, literal, step};
use super::world::World;
use crate::backend::Outcome;
use crate::case::model::{Action, EndName, Event, QueueCall, Repeat};

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
