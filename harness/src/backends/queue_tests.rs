//! Tests of every queue in the registry, by its declared capabilities.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rstest::rstest;
use tempfile::TempDir;

use crate::backend::{
    Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind, Outcome,
    Parcel, QueueEnd, Side, System, Wait,
};
use crate::registry::Registry;

/// Runs helpers on threads in place of processes.
pub(super) struct QueueHost {
    backend: Arc<dyn Backend>,
    folder: TempDir,
    helpers: Vec<JoinHandle<io::Result<()>>>,
}

impl QueueHost {
    fn of(backend: &Arc<dyn Backend>) -> QueueHost {
        QueueHost {
            backend: Arc::clone(backend),
            folder: TempDir::new().unwrap(),
            helpers: Vec::new(),
        }
    }
}

impl Host for QueueHost {
    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn seed(&self) -> u64 {
        0
    }

    fn start_helper(&mut self, parcel: Parcel) -> io::Result<()> {
        let backend = Arc::clone(&self.backend);
        let helper = thread::spawn(move || backend.help(parcel));
        self.helpers.push(helper);
        Ok(())
    }
}

/// An open queue of a backend.
pub(super) struct OpenQueue {
    host: QueueHost,
    channel: Channel,
    parcels: Vec<Parcel>,
}

impl OpenQueue {
    /// Opens a queue for this many processes, each of which puts and gets.
    pub(super) fn new(
        backend: &Arc<dyn Backend>,
        capacity: Option<u64>,
        processes: usize,
    ) -> OpenQueue {
        let channel = channel(capacity);
        let mut host = QueueHost::of(backend);
        let mut opened = backend.open(&channel, &mut host).unwrap();
        let parcels = (0..processes).map(|_| opened.grant(GIVEN).unwrap());
        let parcels = parcels.collect();
        opened.ready(&mut host).unwrap();
        OpenQueue {
            host,
            channel,
            parcels,
        }
    }

    /// Returns the parcel for another process.
    pub(super) fn parcel(&mut self) -> Parcel {
        self.parcels.pop().expect("as many as there are processes")
    }

    /// Returns another process's end.
    pub(super) fn end(&mut self) -> Box<dyn QueueEnd> {
        let parcel = self.parcel();
        match self.host.backend.attach(&self.channel, GIVEN, parcel) {
            Ok(Attached::Queue(end)) => end,
            Ok(_) => panic!("a queue has queue ends"),
            Err(failure) => panic!("{failure}"),
        }
    }

    /// Runs the exit of the processes, which have closed their ends.
    pub(super) fn leave(self) {
        drop(self.parcels);
        self.host.backend.at_exit();
        for helper in self.host.helpers {
            helper.join().unwrap().unwrap();
        }
    }
}

const GIVEN: Grant = Grant {
    side: Side::Queue,
    puts: true,
    gets: true,
};

fn channel(capacity: Option<u64>) -> Channel {
    Channel {
        capacity,
        ..Channel::new("q", Kind::Queue)
    }
}

/// Returns the backend with this name.
#[cfg(unix)]
pub(super) fn queue(name: &str) -> Arc<dyn Backend> {
    let key = Key::new(Kind::Queue, name);
    Registry::builtin().get(&key).expect("a built-in queue")
}

pub(super) fn get(end: &mut dyn QueueEnd, wait: Wait) -> Result<Vec<u8>, Failure> {
    let mut item = b"what was there before".to_vec();
    end.get(&mut item, wait).map(|()| item)
}

/// Returns every queue of this system that declares all these capabilities.
fn queues_with(needed: &[Capability]) -> Vec<(Arc<dyn Backend>, Capabilities)> {
    let all = Registry::builtin();
    let queues = all.iter().filter(|one| one.key().kind == Kind::Queue);
    let declared = queues.filter_map(|one| {
        let capabilities = one.capabilities(System::current())?;
        Some((Arc::clone(one), capabilities))
    });
    declared
        .filter(|(_, has)| needed.iter().all(|capability| has.has(*capability)))
        .collect()
}

type Rule = fn(&Arc<dyn Backend>, &Capabilities);

#[rstest]
#[case::items_come_in_order(&[], items_come_in_order)]
#[case::an_empty_item_is_an_item(&[Capability::ZeroLength], an_empty_item_is_an_item)]
#[case::the_longest_item_comes_whole(&[], the_longest_item_comes_whole)]
#[case::a_longer_item_is_refused(&[], a_longer_item_is_refused)]
#[case::a_try_get_reports_empty(&[Capability::TryGet], a_try_get_reports_empty)]
#[case::a_timed_get_times_out(&[Capability::TimedGet], a_timed_get_times_out)]
#[case::a_try_get_gets_an_item(
    &[Capability::TryGet, Capability::StrictEmpty], a_try_get_gets_an_item
)]
#[case::a_try_put_reports_full(
    &[Capability::Capacity, Capability::TryPut], a_try_put_reports_full
)]
#[case::a_timed_put_times_out(
    &[Capability::Capacity, Capability::TimedPut], a_timed_put_times_out
)]
#[case::a_get_makes_room(&[Capability::Capacity], a_get_makes_room)]
#[case::a_capacity_of_zero_is_refused(&[], a_capacity_of_zero_is_refused)]
#[case::items_put_before_a_close_arrive(&[], items_put_before_a_close_arrive)]
#[case::all_share_all_items_once(
    &[Capability::SeveralProducers, Capability::SeveralConsumers], all_share_all_items_once
)]
#[case::threads_share_an_end(&[Capability::Threads], threads_share_an_end)]
#[case::an_empty_parcel_is_an_error(&[], an_empty_parcel_is_an_error)]
#[case::unused_ends_leave_no_name(&[], unused_ends_leave_no_name)]
fn every_queue_keeps(#[case] needed: &[Capability], #[case] rule: Rule) {
    let queues = queues_with(needed);
    assert!(!queues.is_empty(), "no queue has these capabilities");
    let broken: Vec<Key> = queues
        .into_iter()
        .filter_map(|(backend, declared)| {
            let key = backend.key();
            let keeps = thread::Builder::new().name(key.to_string());
            let keeps = keeps.spawn(move || rule(&backend, &declared)).unwrap();
            keeps.join().is_err().then_some(key)
        })
        .collect();
    assert_eq!(broken, []);
}

fn items_come_in_order(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut queue = OpenQueue::new(backend, None, 2);
    let (mut producer, mut consumer) = (queue.end(), queue.end());
    for round in 0..3 {
        for n in 0..5_u8 {
            producer.put(&[round, n], Wait::Deadline).unwrap();
        }
        for n in 0..5 {
            assert_eq!(get(consumer.as_mut(), Wait::Deadline).unwrap(), [round, n]);
        }
    }
    drop((producer, consumer));
    queue.leave();
}

fn an_empty_item_is_an_item(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut queue = OpenQueue::new(backend, None, 2);
    let (mut producer, mut consumer) = (queue.end(), queue.end());
    let items = [&b"hello"[..], b"", b"a", b"", b"bye"];
    for item in items {
        producer.put(item, Wait::Deadline).unwrap();
    }
    for item in items {
        assert_eq!(get(consumer.as_mut(), Wait::Deadline).unwrap(), item);
    }
    drop((producer, consumer));
    queue.leave();
}

fn the_longest_item_comes_whole(backend: &Arc<dyn Backend>, declared: &Capabilities) {
    let length = declared.largest_message.unwrap_or(u64::MAX).min(1_000_003);
    let item: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
    let mut queue = OpenQueue::new(backend, None, 2);
    let (mut producer, mut consumer) = (queue.end(), queue.end());
    producer.put(&item, Wait::Deadline).unwrap();
    assert!(get(consumer.as_mut(), Wait::Deadline).unwrap() == item);
    drop((producer, consumer));
    queue.leave();
}

fn a_longer_item_is_refused(backend: &Arc<dyn Backend>, declared: &Capabilities) {
    let Some(length) = declared.largest_message.filter(|length| *length < 1 << 24) else {
        return;
    };
    let mut queue = OpenQueue::new(backend, None, 1);
    let mut end = queue.end();
    let item = vec![0; length as usize + 1];
    let failure = end.put(&item, Wait::Deadline).unwrap_err();
    assert_eq!(
        (failure.outcome, failure.definite),
        (Outcome::Refused, true)
    );
    // No part of it is left in the queue.
    end.put(b"next", Wait::Deadline).unwrap();
    assert_eq!(get(end.as_mut(), Wait::Deadline).unwrap(), b"next");
    drop(end);
    queue.leave();
}

fn a_try_get_reports_empty(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut queue = OpenQueue::new(backend, None, 2);
    let (producer, mut consumer) = (queue.end(), queue.end());
    let failure = get(consumer.as_mut(), Wait::Never).unwrap_err();
    assert_eq!(failure.outcome, Outcome::Empty);
    drop((producer, consumer));
    queue.leave();
}

const SOME_TIME: Duration = Duration::from_millis(20);

fn a_timed_get_times_out(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut queue = OpenQueue::new(backend, None, 2);
    let (producer, mut consumer) = (queue.end(), queue.end());
    let start = Instant::now();
    let failure = get(consumer.as_mut(), Wait::For(SOME_TIME)).unwrap_err();
    assert_eq!(failure.outcome, Outcome::Timeout);
    assert!(start.elapsed() >= SOME_TIME);
    drop((producer, consumer));
    queue.leave();
}

fn a_try_get_gets_an_item(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut queue = OpenQueue::new(backend, None, 2);
    let (mut producer, mut consumer) = (queue.end(), queue.end());
    producer.put(b"a", Wait::Deadline).unwrap();
    assert_eq!(get(consumer.as_mut(), Wait::Never).unwrap(), b"a");
    drop((producer, consumer));
    queue.leave();
}

fn a_try_put_reports_full(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut queue = OpenQueue::new(backend, Some(2), 2);
    let (mut producer, consumer) = (queue.end(), queue.end());
    producer.put(b"a", Wait::Never).unwrap();
    producer.put(b"b", Wait::Never).unwrap();
    let failure = producer.put(b"c", Wait::Never).unwrap_err();
    assert_eq!((failure.outcome, failure.definite), (Outcome::Full, true));
    drop(consumer);
    drain(queue, producer, &[b"a", b"b"]);
}

fn a_timed_put_times_out(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut queue = OpenQueue::new(backend, Some(1), 2);
    let (mut producer, consumer) = (queue.end(), queue.end());
    producer.put(b"a", Wait::For(SOME_TIME)).unwrap();
    let start = Instant::now();
    let failure = producer.put(b"b", Wait::For(SOME_TIME)).unwrap_err();
    assert!(start.elapsed() >= SOME_TIME);
    assert_eq!(
        (failure.outcome, failure.definite),
        (Outcome::Timeout, true)
    );
    drop(consumer);
    drain(queue, producer, &[b"a"]);
}

/// Gets the remaining items, so that the exit needn't wait.
fn drain(queue: OpenQueue, mut end: Box<dyn QueueEnd>, left: &[&[u8]]) {
    for item in left {
        assert_eq!(get(end.as_mut(), Wait::Deadline).unwrap(), *item);
    }
    drop(end);
    queue.leave();
}

fn a_get_makes_room(backend: &Arc<dyn Backend>, _: &Capabilities) {
    const COUNT: u32 = 100;
    let mut queue = OpenQueue::new(backend, Some(1), 2);
    let (mut producer, mut consumer) = (queue.end(), queue.end());
    thread::scope(|scope| {
        scope.spawn(move || {
            for n in 0..COUNT {
                producer.put(&n.to_le_bytes(), Wait::Deadline).unwrap();
            }
        });
        for n in 0..COUNT {
            let item = get(consumer.as_mut(), Wait::Deadline).unwrap();
            assert_eq!(item, n.to_le_bytes());
        }
    });
    drop(consumer);
    queue.leave();
}

fn a_capacity_of_zero_is_refused(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut host = QueueHost::of(backend);
    let refused = backend.open(&channel(Some(0)), &mut host).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "refused: a queue with a capacity of 0 could never hold an item"
    );
}

fn items_put_before_a_close_arrive(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut queue = OpenQueue::new(backend, None, 2);
    let (mut producer, mut consumer) = (queue.end(), queue.end());
    for n in 0..5 {
        producer.put(&[n], Wait::Deadline).unwrap();
    }
    producer.close().unwrap();
    for n in 0..5 {
        assert_eq!(get(consumer.as_mut(), Wait::Deadline).unwrap(), [n]);
    }
    drop(consumer);
    queue.leave();
}

fn all_share_all_items_once(backend: &Arc<dyn Backend>, _: &Capabilities) {
    const EACH: u32 = 200;
    const STOP: u32 = u32::MAX;
    let mut queue = OpenQueue::new(backend, None, 5);
    let mut closer = queue.end();
    let producers = [0, EACH].map(|from| (queue.end(), from));
    let consumers = [queue.end(), queue.end()];
    let mut all = thread::scope(|scope| {
        let consumers = consumers.map(|mut end| {
            scope.spawn(move || {
                let mut got = Vec::new();
                loop {
                    let item = get(end.as_mut(), Wait::Deadline).unwrap();
                    match u32::from_le_bytes(item.try_into().unwrap()) {
                        STOP => return got,
                        number => got.push(number),
                    }
                }
            })
        });
        let producers = producers.map(|(mut end, from)| {
            scope.spawn(move || {
                for number in from..from + EACH {
                    end.put(&number.to_le_bytes(), Wait::Deadline).unwrap();
                }
            })
        });
        for producer in producers {
            producer.join().unwrap();
        }
        // All items are sent now, so the items that stop the consumers come after them.
        backend.at_exit();
        for _ in 0..2 {
            closer.put(&STOP.to_le_bytes(), Wait::Deadline).unwrap();
        }
        let mut all = Vec::new();
        for consumer in consumers {
            let got = consumer.join().unwrap();
            for producer in [0..EACH, EACH..2 * EACH] {
                let of_one = got.iter().filter(|number| producer.contains(number));
                assert!(of_one.is_sorted(), "items of one producer out of order");
            }
            all.extend(got);
        }
        all
    });
    all.sort_unstable();
    assert!(all.into_iter().eq(0..2 * EACH));
    drop(closer);
    queue.leave();
}

fn threads_share_an_end(backend: &Arc<dyn Backend>, _: &Capabilities) {
    const COUNT: u32 = 100;
    let mut queue = OpenQueue::new(backend, None, 1);
    let mut end = queue.end();
    let mut other = end.share().unwrap();
    thread::scope(|scope| {
        // Waits for the item that the other thread puts.
        let consumer = scope.spawn(move || {
            for n in 0..COUNT {
                let item = get(other.as_mut(), Wait::Deadline).unwrap();
                assert_eq!(item, n.to_le_bytes());
            }
        });
        for n in 0..COUNT {
            end.put(&n.to_le_bytes(), Wait::Deadline).unwrap();
        }
        consumer.join().unwrap();
    });
    // The share is dropped, and this end still works.
    end.put(b"more", Wait::Deadline).unwrap();
    drain(queue, end, &[b"more"]);
}

fn an_empty_parcel_is_an_error(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let nothing = backend.attach(&channel(None), GIVEN, Parcel::default());
    assert_eq!(nothing.err().unwrap().outcome, Outcome::Error);
}

fn unused_ends_leave_no_name(backend: &Arc<dyn Backend>, _: &Capabilities) {
    let mut queue = OpenQueue::new(backend, None, 3);
    let ends = [queue.end(), queue.end()];
    drop(ends);
    queue.leave();
}
