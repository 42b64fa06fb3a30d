//! The keeper of a queue's items, with a fault.
//!
//! The sound keeper decides which client is served when. The items that it sends are replaced here.
//! So this changes the order of the items, and the sound keeper decides about room, waiting and time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::fault::Fault;
use super::goodbye::GOODBYE;
use super::mutation::Mutation;
use super::pending_puts::PendingPuts;
use super::reordering::Reordering;
use super::trigger::Chance;
use crate::backend::Wait;
use crate::backends::broker::{
    BrokerEvent, ClientId, ClientRole, Keeper, Origin, Reply, Request, RequestBody,
};

/// The number of items that are lost with a killed consumer.
const PREFETCHED: usize = 3;

/// Two puts with less time between them are at nearly the same time.
const AT_ONCE: Duration = Duration::from_millis(1);

/// The number of a request that no client made.
const OURS: u64 = u64::MAX;

type Replies = Vec<(Origin, Reply)>;

/// The keeper of a mutant's queue.
pub(super) struct MutantKeeper {
    sound: Box<dyn Keeper>,
    fault: Fault,
    chance: Chance,
    reordering: Reordering,
    pending: PendingPuts,
    clients: Vec<ClientRole>,
    /// The items that the sound keeper holds, in this keeper's order.
    items: VecDeque<(ClientId, Vec<u8>)>,
    /// Requests without a reply yet.
    puts: BTreeMap<Origin, Vec<u8>>,
    gets: BTreeMap<Origin, Wait>,
    /// Clients that said goodbye, and don't count as killed.
    orderly: BTreeSet<ClientId>,
    /// Producers that haven't left.
    present: BTreeSet<ClientId>,
    /// Each client's last item.
    last: BTreeMap<ClientId, Vec<u8>>,
    last_put: Option<(ClientId, Duration)>,
    /// A copy for the next consumer other than this one.
    copy: Option<(ClientId, Vec<u8>)>,
    /// The consumer that saw end of stream.
    saw_end: Option<ClientId>,
    starved: Option<ClientId>,
}

impl MutantKeeper {
    pub(super) fn new(
        sound: Box<dyn Keeper>,
        clients: &[ClientRole],
        mutation: Mutation,
        seed: u64,
    ) -> MutantKeeper {
        let Mutation { fault, .. } = mutation;
        let those = |wanted: fn(&ClientRole) -> bool| {
            let all = clients.iter().enumerate();
            all.filter(move |(_, role)| wanted(role))
                .map(|(client, _)| client)
        };
        let consumers: Vec<ClientId> = those(|role| role.gets).collect();
        let starves = fault == Fault::Starved && consumers.len() > 1;
        MutantKeeper {
            sound,
            fault,
            chance: Chance::new(mutation.trigger(), seed),
            reordering: Reordering::new(fault, mutation.trigger(), seed),
            pending: PendingPuts::new(fault, seed),
            clients: clients.to_vec(),
            items: VecDeque::new(),
            puts: BTreeMap::new(),
            gets: BTreeMap::new(),
            orderly: BTreeSet::new(),
            present: those(|role| role.puts).collect(),
            last: BTreeMap::new(),
            last_put: None,
            copy: None,
            saw_end: None,
            starved: consumers.first().copied().filter(|_| starves),
        }
    }

    /// Returns whether this fault is the mutant's and shows this time.
    fn strikes(&mut self, fault: Fault) -> bool {
        self.fault == fault && self.chance.strikes()
    }

    fn happens(&mut self, event: BrokerEvent, now: Duration) -> Replies {
        match event {
            BrokerEvent::Requested(client, Request { number, body }) => {
                let origin = Origin { client, number };
                match self.at_once(origin, &body, now) {
                    Some(replies) => replies,
                    None => self.ask(origin, body, now),
                }
            }
            BrokerEvent::Left(client) => self.left(client, now),
            BrokerEvent::Tick => {
                let replies = self.sound.handle(BrokerEvent::Tick, now);
                self.looked_up(replies)
            }
        }
    }

    fn ask(&mut self, origin: Origin, body: RequestBody, now: Duration) -> Replies {
        match &body {
            RequestBody::Put { item, .. } => {
                self.puts.insert(origin, item.clone());
            }
            RequestBody::Get { wait } => {
                self.gets.insert(origin, *wait);
            }
            RequestBody::TaskDone | RequestBody::Join | RequestBody::Count => {}
        }
        let Origin { client, number } = origin;
        let asked = BrokerEvent::Requested(client, Request { number, body });
        let replies = self.sound.handle(asked, now);
        self.looked_up(replies)
    }

    /// Returns the replies that are sent without calling the sound keeper, if the fault is of that
    /// sort. There may be none.
    fn at_once(&mut self, origin: Origin, body: &RequestBody, now: Duration) -> Option<Replies> {
        match body {
            RequestBody::Put { item, .. } if item == GOODBYE => {
                self.orderly.insert(origin.client);
                Some(vec![(origin, Reply::Done)])
            }
            RequestBody::Put { .. } => {
                let before = self.last_put.replace((origin.client, now));
                let at_once = before.is_some_and(|(client, then)| {
                    client != origin.client && now.saturating_sub(then) < AT_ONCE
                });
                let lost = at_once && self.strikes(Fault::LostAtOnce);
                lost.then(|| vec![(origin, Reply::Done)])
            }
            RequestBody::Get { wait } => {
                let starves = self.starved == Some(origin.client) && *wait == Wait::Deadline;
                if starves && self.strikes(Fault::Starved) {
                    return Some(Vec::new());
                }
                let (_, copy) = self.copy.take_if(|(first, _)| *first != origin.client)?;
                Some(vec![(origin, Reply::Item(copy))])
            }
            RequestBody::TaskDone | RequestBody::Join | RequestBody::Count => None,
        }
    }

    fn left(&mut self, client: ClientId, now: Duration) -> Replies {
        let ClientRole { puts, gets } = self.clients[client];
        let was_killed = !self.orderly.contains(&client);
        self.present.remove(&client);
        let mut replies = Vec::new();
        if was_killed && gets && self.strikes(Fault::LostPrefetched) {
            replies.extend(self.drain(client, PREFETCHED, now));
        }
        if puts && self.present.is_empty() && self.strikes(Fault::EndBeforeDrain) {
            replies.extend(self.drain(client, usize::MAX, now));
        }
        if was_killed
            && puts
            && let Some(item) = self.last.get(&client).cloned()
            && self.strikes(Fault::Redelivered)
        {
            let wait = Wait::Never;
            replies.extend(self.ask(ours(client), RequestBody::Put { item, wait }, now));
        }
        if was_killed && puts && self.strikes(Fault::EndlessKill) {
            return replies;
        }
        let of_client = |origin: &Origin| origin.client == client;
        let unput: Vec<Vec<u8>> = (self.puts)
            .extract_if(.., |origin, _| of_client(origin))
            .map(|(_, item)| item)
            .collect();
        let was_getting = self.gets.extract_if(.., |origin, _| of_client(origin));
        let was_getting = was_getting.count() > 0;
        let left = self.sound.handle(BrokerEvent::Left(client), now);
        replies.extend(self.looked_up(left));
        let wait = Wait::Deadline;
        if was_killed && self.strikes(Fault::Surfacing) {
            for item in unput {
                replies.extend(self.ask(ours(client), RequestBody::Put { item, wait }, now));
            }
        }
        if was_killed && was_getting && self.strikes(Fault::LostWithGetter) {
            replies.extend(self.ask(ours(client), RequestBody::Get { wait }, now));
        }
        replies
    }

    /// Takes this many items out and discards them.
    fn drain(&mut self, client: ClientId, most: usize, now: Duration) -> Replies {
        let mut replies = Vec::new();
        for _ in 0..most.min(self.items.len()) {
            let wait = Wait::Never;
            replies.extend(self.ask(ours(client), RequestBody::Get { wait }, now));
        }
        replies
    }

    /// Returns these replies with this keeper's items, changed by the fault.
    fn looked_up(&mut self, replies: Replies) -> Replies {
        let mut changed = Vec::new();
        for (origin, reply) in replies {
            if let Some(reply) = self.instead(origin, reply) {
                changed.push((origin, reply));
            }
        }
        changed
    }

    /// Returns the reply in place of the sound keeper's; `None` if the client never gets one.
    fn instead(&mut self, origin: Origin, reply: Reply) -> Option<Reply> {
        let put = self.puts.remove(&origin);
        let wait = self.gets.remove(&origin);
        match reply {
            Reply::Done => {
                if let Some(item) = put {
                    self.place(origin.client, item);
                }
                Some(Reply::Done)
            }
            Reply::Item(item) => {
                let place = (self.reordering).next(self.items.iter().map(|(_, item)| item.len()));
                let item = self.items.remove(place).map_or(item, |(_, item)| item);
                if origin.number != OURS && self.strikes(Fault::GivenTwice) {
                    self.copy = Some((origin.client, item.clone()));
                }
                Some(Reply::Item(item))
            }
            Reply::End if self.fault == Fault::EndForOne => {
                let first = *self.saw_end.get_or_insert(origin.client);
                if first == origin.client || !self.strikes(Fault::EndForOne) {
                    return Some(Reply::End);
                }
                (wait == Some(Wait::Never)).then_some(Reply::Empty)
            }
            reply => Some(reply),
        }
    }

    /// Adds an item that the sound keeper has accepted.
    fn place(&mut self, client: ClientId, item: Vec<u8>) {
        self.last.insert(client, item.clone());
        let others = self.items.back().is_some_and(|(last, _)| *last != client);
        let place = match others && self.strikes(Fault::Overtaking) {
            true => self.items.len() - 1,
            false => self.items.len(),
        };
        self.items.insert(place, (client, item));
    }
}

/// Returns the origin of a request that no client made, in the name of one that leaves.
fn ours(client: ClientId) -> Origin {
    Origin {
        client,
        number: OURS,
    }
}

impl Keeper for MutantKeeper {
    fn handle(&mut self, event: BrokerEvent, now: Duration) -> Replies {
        let happens = self.pending.take(event, now);
        let mut replies = Vec::new();
        for event in happens {
            replies.extend(self.happens(event, now));
        }
        replies
    }

    fn next_deadline(&self) -> Option<Duration> {
        let deadlines = [self.sound.next_deadline(), self.pending.next_deadline()];
        deadlines.into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests;
