//! The state of the queue: its items and the waiting clients, and what each event changes. Uses no
//! clock and no pipe.

use std::collections::VecDeque;
use std::time::Duration;

use super::protocol::{Reply, Request, RequestBody};
use super::setup::{ClientRole, ServerSetup};
use crate::backend::Wait;
use crate::backends::counting::Count;

/// A client's index in [`ServerSetup::clients`].
pub(crate) type ClientId = usize;

/// An event that the server handles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BrokerEvent {
    /// A client sent a request.
    Requested(ClientId, Request),
    /// A client closed its end or exited.
    Left(ClientId),
    /// Time has passed.
    Tick,
}

/// Keeps the items and decides about replies. [`QueueState`] is the sound one.
pub(crate) trait Keeper {
    /// Handles an event and returns the replies to send, in this order. `now` is the time since the
    /// server's start, and never goes back.
    fn handle(&mut self, event: BrokerEvent, now: Duration) -> Vec<(Origin, Reply)>;

    /// Returns when [`BrokerEvent::Tick`] is due; `None` while no request has a time limit.
    fn next_deadline(&self) -> Option<Duration>;
}

/// The items and the waiting requests. Between two events, no get waits while there is an item, and
/// no put waits while there is room.
#[derive(Debug)]
pub(super) struct QueueState {
    setup: ServerSetup,
    present: Vec<bool>,
    items: VecDeque<Vec<u8>>,
    getting: VecDeque<WaitingRequest>,
    putting: VecDeque<(WaitingRequest, Vec<u8>)>,
    /// The number of items that aren't marked as done.
    unfinished: u64,
    joining: Vec<Origin>,
}

/// The client and number of a request, to which its reply goes.
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
    /// When its time is over; `None` for never.
    until: Option<Duration>,
}

impl WaitingRequest {
    fn new(from: Origin, wait: Wait, now: Duration) -> WaitingRequest {
        let until = wait.limit().and_then(|time| now.checked_add(time));
        WaitingRequest { from, wait, until }
    }

    fn is_over(&self, now: Duration) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Returns its reply when its time is over.
    fn expired(&self, at_once: Reply) -> Reply {
        match self.wait {
            Wait::Never => at_once,
            Wait::Deadline | Wait::For(_) => Reply::Timeout,
        }
    }
}

impl QueueState {
    /// Returns an empty queue from which no client has left.
    pub(super) fn new(setup: ServerSetup) -> QueueState {
        QueueState {
            present: vec![true; setup.clients.len()],
            setup,
            items: VecDeque::new(),
            getting: VecDeque::new(),
            putting: VecDeque::new(),
            unfinished: 0,
            joining: Vec::new(),
        }
    }

    /// Removes a client that has left, with its waiting requests.
    fn forget(&mut self, client: ClientId) {
        self.present[client] = false;
        self.joining.retain(|from| from.client != client);
        self.getting.retain(|waiting| waiting.from.client != client);
        self.putting
            .retain(|(waiting, _)| waiting.from.client != client);
    }

    /// Serves waiting requests in their order, while there are items and room.
    fn serve(&mut self, replies: &mut Vec<(Origin, Reply)>) {
        loop {
            if self.has_room()
                && let Some((waiting, item)) = self.putting.pop_front()
            {
                self.items.push_back(item);
                self.unfinished += 1;
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

    /// Replies end of stream to waiting gets if all producers have left. The queue is empty then, or
    /// they would have been served.
    fn end(&mut self, replies: &mut Vec<(Origin, Reply)>) {
        if self.all_left(|role| role.puts) && self.putting.is_empty() {
            let ended = self.getting.drain(..);
            replies.extend(ended.map(|waiting| (waiting.from, Reply::End)));
        }
    }

    /// Replies gone to waiting puts if all consumers have left.
    fn give_up(&mut self, replies: &mut Vec<(Origin, Reply)>) {
        if self.all_left(|role| role.gets) {
            let gone = self.putting.drain(..);
            replies.extend(gone.map(|(waiting, _)| (waiting.from, Reply::Gone)));
        }
    }

    /// Returns whether there were such clients and all have left. A case without any tests an operation
    /// that waits without end.
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

    /// Marks an item as done, and returns the reply.
    fn task_done(&mut self) -> Reply {
        match self.unfinished.checked_sub(1) {
            Some(rest) => {
                self.unfinished = rest;
                Reply::Done
            }
            None => Reply::AllDone,
        }
    }

    fn count(&self) -> Count {
        Count {
            items: self.items.len() as u64,
            is_full: !self.has_room(),
        }
    }

    /// Replies to joins if every item is marked as done.
    fn finish(&mut self, replies: &mut Vec<(Origin, Reply)>) {
        if self.unfinished == 0 {
            let joined = self.joining.drain(..);
            replies.extend(joined.map(|from| (from, Reply::Done)));
        }
    }

    /// Replies to requests whose time is over.
    fn expire(&mut self, now: Duration, replies: &mut Vec<(Origin, Reply)>) {
        self.getting.retain(|waiting| {
            let over = waiting.is_over(now);
            if over {
                replies.push((waiting.from, waiting.expired(Reply::Empty)));
            }
            !over
        });
        self.putting.retain(|(waiting, _)| {
            let over = waiting.is_over(now);
            if over {
                replies.push((waiting.from, waiting.expired(Reply::Full)));
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
                    RequestBody::TaskDone => replies.push((from, self.task_done())),
                    RequestBody::Join => self.joining.push(from),
                    RequestBody::Count => replies.push((from, Reply::Count(self.count()))),
                }
            }
            BrokerEvent::Left(client) => self.forget(client),
            BrokerEvent::Tick => {}
        }
        self.serve(&mut replies);
        self.end(&mut replies);
        self.expire(now, &mut replies);
        self.give_up(&mut replies);
        self.finish(&mut replies);
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
