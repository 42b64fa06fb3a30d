use rstest::rstest;

use super::*;
use crate::mutant::Trigger;

const PRODUCER: ClientRole = ClientRole {
    puts: true,
    gets: false,
};
const CONSUMER: ClientRole = ClientRole {
    puts: false,
    gets: true,
};

/// Two producers, 0 and 1, and two consumers, 2 and 3.
const CLIENTS: &[ClientRole] = &[PRODUCER, PRODUCER, CONSUMER, CONSUMER];

/// A FIFO queue without bounds, waits or end of stream.
#[derive(Default)]
struct Plain {
    items: VecDeque<Vec<u8>>,
}

impl Keeper for Plain {
    fn handle(&mut self, event: BrokerEvent, _now: Duration) -> Replies {
        let BrokerEvent::Requested(client, Request { number, body }) = event else {
            return Vec::new();
        };
        let reply = match body {
            RequestBody::Put { item, .. } => {
                self.items.push_back(item);
                Reply::Done
            }
            RequestBody::Get { .. } => self.items.pop_front().map_or(Reply::Empty, Reply::Item),
            RequestBody::TaskDone | RequestBody::Join | RequestBody::Count => Reply::Done,
        };
        vec![(Origin { client, number }, reply)]
    }

    fn next_deadline(&self) -> Option<Duration> {
        None
    }
}

/// A keeper, and a clock on which events are a second apart.
struct TestedKeeper {
    keeper: MutantKeeper,
    now: Duration,
}

impl TestedKeeper {
    fn of(fault: Fault) -> TestedKeeper {
        let mutation = Mutation {
            fault,
            often: Some(Trigger::Always),
        };
        TestedKeeper {
            keeper: MutantKeeper::new(Box::<Plain>::default(), CLIENTS, mutation, 1),
            now: Duration::ZERO,
        }
    }

    fn event(&mut self, event: BrokerEvent) -> Vec<Reply> {
        self.now += Duration::from_secs(1);
        let replies = self.keeper.handle(event, self.now);
        replies.into_iter().map(|(_, reply)| reply).collect()
    }

    fn ask(&mut self, client: ClientId, body: RequestBody) -> Vec<Reply> {
        self.event(BrokerEvent::Requested(client, Request { number: 0, body }))
    }

    fn put(&mut self, client: ClientId, item: &str) -> Vec<Reply> {
        let item = item.as_bytes().to_vec();
        let wait = Wait::Deadline;
        self.ask(client, RequestBody::Put { item, wait })
    }

    fn get(&mut self, client: ClientId) -> Vec<Reply> {
        let wait = Wait::Deadline;
        self.ask(client, RequestBody::Get { wait })
    }

    fn goodbye(&mut self, client: ClientId) {
        let (item, wait) = (GOODBYE.to_vec(), Wait::Never);
        assert_eq!(
            self.ask(client, RequestBody::Put { item, wait }),
            [Reply::Done]
        );
    }

    fn leave(&mut self, client: ClientId) {
        self.event(BrokerEvent::Left(client));
    }

    /// Returns all remaining items, in the order in which the second consumer gets them.
    fn rest(&mut self) -> String {
        let mut rest = String::new();
        while let [Reply::Item(item)] = &self.get(3)[..] {
            rest.push_str(str::from_utf8(item).unwrap());
        }
        rest
    }
}

#[rstest]
#[case::sound(Fault::Delays, "abcde")]
#[case::last_first(Fault::Lifo, "edabc")]
#[case::overtaken(Fault::Overtaking, "abced")]
fn items_of_two_producers_come_out(#[case] fault: Fault, #[case] expected: &str) {
    let mut keeper = TestedKeeper::of(fault);
    for (client, item) in [(0, "a"), (0, "b"), (0, "c"), (0, "d"), (1, "e")] {
        assert_eq!(keeper.put(client, item), [Reply::Done]);
    }
    assert_eq!(keeper.rest(), expected);
}

#[rstest]
#[case::three_are_lost(Fault::LostPrefetched, false, "d")]
#[case::who_closes_loses_nothing(Fault::LostPrefetched, true, "abcd")]
#[case::one_is_lost_with_its_getter(Fault::LostWithGetter, false, "abcd")]
fn a_consumer_leaves(#[case] fault: Fault, #[case] orderly: bool, #[case] left: &str) {
    let mut keeper = TestedKeeper::of(fault);
    for item in ["a", "b", "c", "d"] {
        keeper.put(0, item);
    }
    if orderly {
        keeper.goodbye(2);
    }
    keeper.leave(2);
    assert_eq!(keeper.rest(), left);
}

#[rstest]
#[case::sound(Fault::Delays, false, "ab")]
#[case::redelivered(Fault::Redelivered, false, "abb")]
#[case::not_who_closes(Fault::Redelivered, true, "ab")]
#[case::somebody_may_still_put(Fault::EndBeforeDrain, false, "ab")]
fn a_producer_leaves(#[case] fault: Fault, #[case] orderly: bool, #[case] left: &str) {
    let mut keeper = TestedKeeper::of(fault);
    keeper.put(0, "a");
    keeper.put(0, "b");
    if orderly {
        keeper.goodbye(0);
    }
    keeper.leave(0);
    assert_eq!(keeper.rest(), left);
}

#[test]
fn when_the_last_producer_leaves_the_rest_is_lost() {
    let mut keeper = TestedKeeper::of(Fault::EndBeforeDrain);
    keeper.put(0, "a");
    keeper.leave(0);
    keeper.put(1, "b");
    keeper.leave(1);
    assert_eq!(keeper.rest(), "");
}

#[test]
fn the_next_consumer_gets_the_same_item() {
    let mut keeper = TestedKeeper::of(Fault::GivenTwice);
    keeper.put(0, "a");
    let item = [Reply::Item(b"a".to_vec())];
    assert_eq!(keeper.get(2), item);
    assert_eq!(keeper.get(2), [Reply::Empty]);
    assert_eq!(keeper.get(3), item);
}

#[test]
fn the_second_of_two_puts_at_once_is_lost() {
    let mut keeper = TestedKeeper::of(Fault::LostAtOnce);
    let put = |client| {
        let (item, wait) = (vec![b'a'], Wait::Deadline);
        let body = RequestBody::Put { item, wait };
        BrokerEvent::Requested(client, Request { number: 0, body })
    };
    for client in [0, 1] {
        let replies = keeper.keeper.handle(put(client), Duration::ZERO);
        assert_eq!(replies[0].1, Reply::Done);
    }
    assert_eq!(keeper.rest(), "a");
}

#[test]
fn only_the_first_consumer_starves() {
    let mut keeper = TestedKeeper::of(Fault::Starved);
    keeper.put(0, "a");
    assert_eq!(keeper.get(2), []);
    assert_eq!(keeper.rest(), "a");
}
