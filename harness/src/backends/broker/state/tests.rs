use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const PRODUCER: ClientRole = ClientRole {
    puts: true,
    gets: false,
};
const CONSUMER: ClientRole = ClientRole {
    puts: false,
    gets: true,
};

const NOW: Duration = Duration::ZERO;

fn state(capacity: Option<u64>, clients: &[ClientRole]) -> QueueState {
    QueueState::new(ServerSetup {
        capacity,
        clients: clients.to_vec(),
    })
}

fn put(client: ClientId, item: u8, wait: Wait) -> BrokerEvent {
    let item = vec![item];
    asked(client, 0, RequestBody::Put { item, wait })
}

fn get(client: ClientId, wait: Wait) -> BrokerEvent {
    asked(client, 0, RequestBody::Get { wait })
}

fn asked(client: ClientId, number: u64, body: RequestBody) -> BrokerEvent {
    BrokerEvent::Requested(client, Request { number, body })
}

/// Returns the replies to an event, each with its client.
fn replies(state: &mut QueueState, event: BrokerEvent, now: Duration) -> Vec<(ClientId, Reply)> {
    let replies = state.handle(event, now).into_iter();
    replies.map(|(to, reply)| (to.client, reply)).collect()
}

fn item(item: u8) -> Reply {
    Reply::Item(vec![item])
}

#[test]
fn a_get_waits_for_the_put_and_the_put_is_done_first() {
    let mut state = state(None, &[PRODUCER, CONSUMER]);
    assert_eq!(replies(&mut state, get(1, Wait::Deadline), NOW), []);
    assert_eq!(
        replies(&mut state, put(0, 7, Wait::Deadline), NOW),
        [(0, Reply::Done), (1, item(7))]
    );
}

#[test]
fn a_client_that_waits_to_get_may_put_meanwhile() {
    let mut state = state(
        None,
        &[ClientRole {
            puts: true,
            gets: true,
        }],
    );
    let wait = Wait::Deadline;
    assert_eq!(
        state.handle(asked(0, 1, RequestBody::Get { wait }), NOW),
        []
    );
    let item = vec![7];
    let replies = state.handle(asked(0, 2, RequestBody::Put { item, wait }), NOW);
    let to = |number| Origin { client: 0, number };
    assert_eq!(
        replies,
        [(to(2), Reply::Done), (to(1), Reply::Item(vec![7]))]
    );
}

#[test]
fn a_put_waits_until_the_item_is_in_the_queue() {
    let mut state = state(Some(1), &[PRODUCER, PRODUCER, CONSUMER]);
    assert_eq!(
        replies(&mut state, put(0, 1, Wait::Deadline), NOW),
        [(0, Reply::Done)]
    );
    assert_eq!(replies(&mut state, put(1, 2, Wait::Deadline), NOW), []);
    assert_eq!(
        replies(&mut state, get(2, Wait::Deadline), NOW),
        [(2, item(1)), (1, Reply::Done)]
    );
}

#[test]
fn waiting_requests_are_served_in_their_order() {
    let mut state = state(None, &[PRODUCER, CONSUMER, CONSUMER]);
    replies(&mut state, get(2, Wait::Deadline), NOW);
    replies(&mut state, get(1, Wait::Deadline), NOW);
    let first = replies(&mut state, put(0, 1, Wait::Deadline), NOW);
    let second = replies(&mut state, put(0, 2, Wait::Deadline), NOW);
    assert_eq!(first, [(0, Reply::Done), (2, item(1))]);
    assert_eq!(second, [(0, Reply::Done), (1, item(2))]);
}

#[test]
fn try_forms_report_empty_or_full_at_once() {
    let mut state = state(Some(1), &[PRODUCER, CONSUMER]);
    assert_eq!(
        replies(&mut state, get(1, Wait::Never), NOW),
        [(1, Reply::Empty)]
    );
    replies(&mut state, put(0, 1, Wait::Never), NOW);
    assert_eq!(
        replies(&mut state, put(0, 2, Wait::Never), NOW),
        [(0, Reply::Full)]
    );
}

#[test]
fn a_timeout_comes_at_its_time_and_not_before() {
    let ms = Duration::from_millis;
    let mut state = state(None, &[PRODUCER, CONSUMER]);
    assert_eq!(replies(&mut state, get(1, Wait::For(ms(50))), ms(10)), []);
    assert_eq!(state.next_deadline(), Some(ms(60)));
    assert_eq!(replies(&mut state, BrokerEvent::Tick, ms(59)), []);
    assert_eq!(
        replies(&mut state, BrokerEvent::Tick, ms(60)),
        [(1, Reply::Timeout)]
    );
    assert_eq!(state.next_deadline(), None);
}

#[test]
fn an_item_that_comes_too_late_stays_for_the_next_get() {
    let ms = Duration::from_millis;
    let mut state = state(None, &[PRODUCER, CONSUMER]);
    replies(&mut state, get(1, Wait::For(ms(50))), NOW);
    assert_eq!(
        replies(&mut state, put(0, 7, Wait::Deadline), ms(50)),
        [(1, Reply::Timeout), (0, Reply::Done)]
    );
    assert_eq!(
        replies(&mut state, get(1, Wait::Never), ms(50)),
        [(1, item(7))]
    );
}

#[test]
fn a_dead_consumers_waiting_get_takes_no_item() {
    let mut state = state(None, &[PRODUCER, CONSUMER, CONSUMER]);
    replies(&mut state, get(1, Wait::Deadline), NOW);
    replies(&mut state, BrokerEvent::Left(1), NOW);
    assert_eq!(
        replies(&mut state, put(0, 7, Wait::Deadline), NOW),
        [(0, Reply::Done)]
    );
    assert_eq!(
        replies(&mut state, get(2, Wait::Never), NOW),
        [(2, item(7))]
    );
}

#[test]
fn a_dead_producers_waiting_put_never_takes_effect() {
    let mut state = state(Some(1), &[PRODUCER, PRODUCER, CONSUMER]);
    replies(&mut state, put(0, 1, Wait::Deadline), NOW);
    replies(&mut state, put(1, 2, Wait::Deadline), NOW);
    replies(&mut state, BrokerEvent::Left(1), NOW);
    assert_eq!(
        replies(&mut state, get(2, Wait::Deadline), NOW),
        [(2, item(1))]
    );
    assert_eq!(
        replies(&mut state, get(2, Wait::Never), NOW),
        [(2, Reply::Empty)]
    );
}

#[test]
fn every_consumer_sees_the_end_after_the_last_item() {
    let mut state = state(None, &[PRODUCER, PRODUCER, CONSUMER, CONSUMER]);
    replies(&mut state, put(0, 1, Wait::Deadline), NOW);
    replies(&mut state, BrokerEvent::Left(0), NOW);
    assert_eq!(
        replies(&mut state, get(2, Wait::Deadline), NOW),
        [(2, item(1))]
    );
    assert_eq!(replies(&mut state, get(2, Wait::Deadline), NOW), []);
    assert_eq!(replies(&mut state, get(3, Wait::Deadline), NOW), []);
    assert_eq!(
        replies(&mut state, BrokerEvent::Left(1), NOW),
        [(2, Reply::End), (3, Reply::End)]
    );
    for wait in [Wait::Deadline, Wait::Never, Wait::For(NOW)] {
        assert_eq!(replies(&mut state, get(2, wait), NOW), [(2, Reply::End)]);
    }
}

#[test]
fn a_waiting_put_fails_when_all_consumers_have_left() {
    let mut state = state(Some(1), &[PRODUCER, CONSUMER]);
    replies(&mut state, put(0, 1, Wait::Deadline), NOW);
    replies(&mut state, put(0, 2, Wait::Deadline), NOW);
    assert_eq!(
        replies(&mut state, BrokerEvent::Left(1), NOW),
        [(0, Reply::Gone)]
    );
    assert_eq!(
        replies(&mut state, put(0, 2, Wait::Never), NOW),
        [(0, Reply::Full)]
    );
}

#[test]
fn a_queue_that_never_had_a_consumer_is_full() {
    let mut state = state(Some(1), &[PRODUCER]);
    replies(&mut state, put(0, 1, Wait::Deadline), NOW);
    assert_eq!(replies(&mut state, put(0, 2, Wait::Deadline), NOW), []);
}

#[test]
fn a_queue_that_never_had_a_producer_is_empty() {
    let mut state = state(None, &[CONSUMER]);
    assert_eq!(
        replies(&mut state, get(0, Wait::Never), NOW),
        [(0, Reply::Empty)]
    );
    assert_eq!(replies(&mut state, get(0, Wait::Deadline), NOW), []);
}

/// A client's next move. A move that is impossible at that point is skipped.
#[derive(Clone, Debug)]
enum ClientMove {
    Put(ClientId, Wait),
    Get(ClientId, Wait),
    TaskDone(ClientId),
    Join(ClientId),
    Count(ClientId),
    Leave(ClientId),
    Pass(u64),
}

const CLIENTS: usize = 4;

fn moves() -> impl Strategy<Value = Vec<ClientMove>> {
    let wait = prop_oneof![
        Just(Wait::Deadline),
        Just(Wait::Never),
        (0_u64..9).prop_map(|time| Wait::For(Duration::from_nanos(time))),
    ];
    let client = 0..CLIENTS;
    let one = prop_oneof![
        8 => (client.clone(), wait.clone()).prop_map(|(client, wait)| ClientMove::Put(client, wait)),
        8 => (client.clone(), wait).prop_map(|(client, wait)| ClientMove::Get(client, wait)),
        4 => client.clone().prop_map(ClientMove::TaskDone),
        2 => client.clone().prop_map(ClientMove::Join),
        2 => client.clone().prop_map(ClientMove::Count),
        1 => client.prop_map(ClientMove::Leave),
        3 => (1_u64..6).prop_map(ClientMove::Pass),
    ];
    prop::collection::vec(one, 0..60)
}

fn roles() -> impl Strategy<Value = Vec<ClientRole>> {
    let role = (any::<bool>(), any::<bool>()).prop_map(|(puts, gets)| ClientRole { puts, gets });
    prop::collection::vec(role, CLIENTS)
}

/// A queue as its clients see it: its items and the waiting requests.
struct QueueModel {
    capacity: Option<u64>,
    roles: Vec<ClientRole>,
    present: Vec<bool>,
    inside: VecDeque<Vec<u8>>,
    unfinished: u64,
    waiting: BTreeMap<ClientId, (Request, Duration)>,
}

impl QueueModel {
    fn is_full(&self) -> bool {
        self.capacity == Some(self.inside.len() as u64)
    }

    fn all_left(&self, wanted: impl Fn(&ClientRole) -> bool) -> bool {
        let of = |present: bool| {
            (0..CLIENTS)
                .filter(|client| wanted(&self.roles[*client]) && self.present[*client] == present)
                .count()
        };
        of(true) == 0 && of(false) > 0
    }

    /// Takes a reply, which must be right at this point.
    fn take(&mut self, client: ClientId, reply: Reply, now: Duration) {
        assert!(self.present[client], "a reply to a client that has left");
        let (request, since) = self.waiting.remove(&client).expect("the client asked");
        let (is_put, wait) = match &request.body {
            RequestBody::Put { wait, .. } => (true, *wait),
            RequestBody::Get { wait } => (false, *wait),
            RequestBody::TaskDone | RequestBody::Join | RequestBody::Count => {
                (false, Wait::Deadline)
            }
        };
        match (reply, request.body) {
            (Reply::Done, RequestBody::Put { item, .. }) => {
                assert!(!self.is_full(), "more items than the capacity");
                self.inside.push_back(item);
                self.unfinished += 1;
            }
            (Reply::Done, RequestBody::TaskDone) => {
                assert!(self.unfinished > 0, "more marks than items");
                self.unfinished -= 1;
            }
            (Reply::Count(count), RequestBody::Count) => {
                let (items, is_full) = (self.inside.len() as u64, self.is_full());
                assert_eq!(count, Count { items, is_full });
            }
            (Reply::AllDone, RequestBody::TaskDone) | (Reply::Done, RequestBody::Join) => {
                assert_eq!(self.unfinished, 0, "not all are done");
            }
            (Reply::Item(item), RequestBody::Get { .. }) => {
                assert_eq!(Some(item), self.inside.pop_front(), "not the next item");
            }
            (Reply::Empty, _) => {
                assert!(!is_put && wait == Wait::Never && self.inside.is_empty());
            }
            (Reply::Full, _) => assert!(is_put && wait == Wait::Never && self.is_full()),
            (Reply::Timeout, _) => {
                let Wait::For(time) = wait else {
                    panic!("a timeout without a time")
                };
                assert!(since + time <= now, "too early");
            }
            (Reply::End, _) => {
                assert!(!is_put && self.inside.is_empty() && self.all_left(|role| role.puts));
            }
            (Reply::Gone, _) => {
                assert!(is_put && self.is_full() && self.all_left(|role| role.gets));
            }
            (reply, request) => panic!("{reply:?} to {request:?}"),
        }
    }

    /// Checks that no request waits that could be served.
    fn check_waiting(&self, now: Duration) {
        for (request, since) in self.waiting.values() {
            let wait = match &request.body {
                RequestBody::Put { wait, .. } => {
                    assert!(self.is_full() && !self.all_left(|role| role.gets));
                    wait
                }
                RequestBody::Get { wait } => {
                    assert!(self.inside.is_empty() && !self.all_left(|role| role.puts));
                    wait
                }
                RequestBody::Join => {
                    assert!(self.unfinished > 0);
                    &Wait::Deadline
                }
                RequestBody::TaskDone | RequestBody::Count => {
                    panic!("a call waits that never does")
                }
            };
            match wait {
                Wait::Deadline => {}
                Wait::Never => panic!("a try form waits"),
                Wait::For(time) => assert!(*since + *time > now, "too late"),
            }
        }
    }
}

proptest! {
    #[test]
    fn every_reply_is_that_of_one_queue_in_one_order(
        capacity in prop_oneof![Just(None), (1_u64..4).prop_map(Some)],
        roles in roles(),
        moves in moves(),
    ) {
        let mut state = state(capacity, &roles);
        let mut model = QueueModel {
            capacity,
            roles,
            present: vec![true; CLIENTS],
            inside: VecDeque::new(),
            unfinished: 0,
            waiting: BTreeMap::new(),
        };
        let mut now = Duration::ZERO;
        for (number, next) in moves.into_iter().enumerate() {
            let free = |client| model.present[client] && !model.waiting.contains_key(&client);
            let event = match next {
                ClientMove::Put(client, wait) if free(client) => {
                    let item = number.to_le_bytes().to_vec();
                    asked(client, 0, RequestBody::Put { item, wait })
                }
                ClientMove::Get(client, wait) if free(client) => get(client, wait),
                ClientMove::TaskDone(client) if free(client) => asked(client, 0, RequestBody::TaskDone),
                ClientMove::Count(client) if free(client) => asked(client, 0, RequestBody::Count),
                ClientMove::Join(client) if free(client) => asked(client, 0, RequestBody::Join),
                ClientMove::Leave(client) if model.present[client] => BrokerEvent::Left(client),
                ClientMove::Pass(time) => {
                    now += Duration::from_nanos(time);
                    BrokerEvent::Tick
                }
                _ => continue,
            };
            match &event {
                BrokerEvent::Requested(client, request) => {
                    model.waiting.insert(*client, (request.clone(), now));
                }
                BrokerEvent::Left(client) => {
                    model.present[*client] = false;
                    model.waiting.remove(client);
                }
                BrokerEvent::Tick => {}
            }
            for (client, reply) in replies(&mut state, event, now) {
                model.take(client, reply, now);
            }
            model.check_waiting(now);
        }
    }
}
