//! The queue itself: who waits for what, and what each event brings about. No clock, no pipe.

use std::collections::VecDeque;
use std::time::Duration;

use super::protocol::{Reply, Request, RequestBody};
use super::setup::{ClientRole, ServerSetup};
use crate::backend::Wait;

/// A client's place in [`ServerSetup::clients`].
pub(crate) type ClientId = usize;

/// Something that the server learns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BrokerEvent {
    /// A client asks.
    Requested(ClientId, Request),
    /// A client closed its end or died.
    Left(ClientId),
    /// Time has passed.
    Tick,
}

/// Who keeps the items, and decides what everybody is told. [`QueueState`] does so rightly.
pub(crate) trait Keeper {
    /// What is to be replied to whom, in this order, when this happens at this time. Times are
    /// from any one beginning, and never go back.
    fn handle(&mut self, event: BrokerEvent, now: Duration) -> Vec<(Origin, Reply)>;

    /// When [`BrokerEvent::Tick`] is due; none as long as nobody waits for a time.
    fn next_deadline(&self) -> Option<Duration>;
}

/// The items, and the clients that wait. Between two events no getter waits while there is an
/// item, and no putter while there is room.
#[derive(Debug)]
pub(super) struct QueueState {
    setup: ServerSetup,
    present: Vec<bool>,
    items: VecDeque<Vec<u8>>,
    getting: VecDeque<WaitingRequest>,
    putting: VecDeque<(WaitingRequest, Vec<u8>)>,
}

/// Where a request came from, and a reply goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) client: ClientId,
    /// The number that the client gave the request.
    pub(crate) number: u64,
}

/// A request without a reply yet.
#[derive(Clone, Copy, Debug)]
struct WaitingRequest {
    from: Origin,
    wait: Wait,
    /// When it has waited long enough; none for never.
    until: Option<Duration>,
}

impl WaitingRequest {
    fn new(from: Origin, wait: Wait, now: Duration) -> WaitingRequest {
        let until = match wait {
            Wait::Deadline => None,
            Wait::Never => Some(now),
            Wait::For(time) => now.checked_add(time),
        };
        WaitingRequest { from, wait, until }
    }

    fn is_over(&self, now: Duration) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// What it is told when it has waited long enough.
    fn in_vain(&self, at_once: Reply) -> Reply {
        match self.wait {
            Wait::Never => at_once,
            Wait::Deadline | Wait::For(_) => Reply::Timeout,
        }
    }
}

impl QueueState {
    /// An empty queue with all its clients.
    pub(super) fn new(setup: ServerSetup) -> QueueState {
        QueueState {
            present: vec![true; setup.clients.len()],
            setup,
            items: VecDeque::new(),
            getting: VecDeque::new(),
            putting: VecDeque::new(),
        }
    }

    /// A client that has left gets nothing more, and what it hadn't yet put it never will.
    fn forget(&mut self, client: ClientId) {
        self.present[client] = false;
        self.getting.retain(|waiting| waiting.from.client != client);
        self.putting
            .retain(|(waiting, _)| waiting.from.client != client);
    }

    /// Serves those who wait, first come first served, as far as there are items and room.
    fn serve(&mut self, replies: &mut Vec<(Origin, Reply)>) {
        loop {
            if self.has_room()
                && let Some((waiting, item)) = self.putting.pop_front()
            {
                self.items.push_back(item);
                replies.push((waiting.from, Reply::Done));
            } else if !self.getting.is_empty()
                && let Some(item) = self.items.pop_front()
                && let Some(waiting) = self.getting.pop_front()
            {
                replies.push((waiting.from, Reply::Item(item)));
            } else {
                return;
            }
        }
    }

    fn has_room(&self) -> bool {
        self.setup
            .capacity
            .is_none_or(|capacity| (self.items.len() as u64) < capacity)
    }

    /// Tells those who wait for an item that all who put have left. Nothing is there any more, or
    /// they would have been served.
    fn end(&mut self, replies: &mut Vec<(Origin, Reply)>) {
        if self.all_left(|role| role.puts) && self.putting.is_empty() {
            let ended = self.getting.drain(..);
            replies.extend(ended.map(|waiting| (waiting.from, Reply::End)));
        }
    }

    /// Tells those who wait for room that all who get have left.
    fn give_up(&mut self, replies: &mut Vec<(Origin, Reply)>) {
        if self.all_left(|role| role.gets) {
            let gone = self.putting.drain(..);
            replies.extend(gone.map(|(waiting, _)| (waiting.from, Reply::Gone)));
        }
    }

    /// Whether there were such clients, and all of them have left. Where there never were any, a
    /// case wants to see what waiting in vain is like.
    fn all_left(&self, wanted: impl Fn(&ClientRole) -> bool) -> bool {
        let mut present = self
            .setup
            .clients
            .iter()
            .zip(&self.present)
            .filter(|(role, _)| wanted(role))
            .map(|(_, present)| *present)
            .peekable();
        present.peek().is_some() && present.all(|present| !present)
    }

    /// Tells those who have waited long enough.
    fn expire(&mut self, now: Duration, replies: &mut Vec<(Origin, Reply)>) {
        self.getting.retain(|waiting| {
            let over = waiting.is_over(now);
            if over {
                replies.push((waiting.from, waiting.in_vain(Reply::Empty)));
            }
            !over
        });
        self.putting.retain(|(waiting, _)| {
            let over = waiting.is_over(now);
            if over {
                replies.push((waiting.from, waiting.in_vain(Reply::Full)));
            }
            !over
        });
    }
}

impl Keeper for QueueState {
    fn handle(&mut self, event: BrokerEvent, now: Duration) -> Vec<(Origin, Reply)> {
        let mut replies = Vec::new();
        self.expire(now, &mut replies);
        match event {
            BrokerEvent::Requested(client, Request { number, body }) => {
                let from = Origin { client, number };
                match body {
                    RequestBody::Put { item, wait } => {
                        let waiting = WaitingRequest::new(from, wait, now);
                        self.putting.push_back((waiting, item));
                    }
                    RequestBody::Get { wait } => {
                        self.getting.push_back(WaitingRequest::new(from, wait, now));
                    }
                }
            }
            BrokerEvent::Left(client) => self.forget(client),
            BrokerEvent::Tick => {}
        }
        self.serve(&mut replies);
        self.end(&mut replies);
        self.expire(now, &mut replies);
        self.give_up(&mut replies);
        replies
    }

    fn next_deadline(&self) -> Option<Duration> {
        let putting = self.putting.iter().map(|(waiting, _)| waiting);
        self.getting
            .iter()
            .chain(putting)
            .filter_map(|waiting| waiting.until)
            .min()
    }
}

#[cfg(test)]
mod tests;
