use std::io::Write;
use std::path::Path;
use std::thread::{self, JoinHandle};

use super::*;
use crate::backend::{Outcome, QueueEnd, Wait};

/// Runs the server on a thread in place of a process.
#[derive(Default)]
struct ThreadHost {
    server: Option<JoinHandle<()>>,
}

impl Host for ThreadHost {
    fn folder(&self) -> &Path {
        Path::new("/nowhere")
    }

    fn seed(&self) -> u64 {
        0
    }

    fn start_helper(&mut self, parcel: Parcel) -> io::Result<()> {
        self.server = Some(thread::spawn(move || Broker.help(parcel).unwrap()));
        Ok(())
    }
}

const PUTS: ClientRole = ClientRole {
    puts: true,
    gets: false,
};
const GETS: ClientRole = ClientRole {
    puts: false,
    gets: true,
};

fn channel(capacity: Option<u64>) -> Channel {
    Channel {
        capacity,
        ..Channel::new("q", Kind::Queue)
    }
}

fn grant(role: ClientRole) -> Grant {
    Grant {
        side: Side::Queue,
        puts: role.puts,
        gets: role.gets,
    }
}

/// Returns the ends of a queue with these clients, and the server's thread, which ends when all of them
/// have left.
fn queue<const N: usize>(
    capacity: Option<u64>,
    roles: [ClientRole; N],
) -> ([Parcel; N], JoinHandle<()>) {
    let mut host = ThreadHost::default();
    let mut opened = Broker.open(&channel(capacity), &mut host).unwrap();
    let parcels = roles.map(|role| opened.grant(grant(role)).unwrap());
    opened.ready(&mut host).unwrap();
    (parcels, host.server.unwrap())
}

fn attach(parcel: Parcel) -> Box<dyn QueueEnd> {
    match Broker.attach(&channel(None), grant(PUTS), parcel).unwrap() {
        Attached::Queue(end) => end,
        _ => panic!("a queue has queue ends"),
    }
}

fn get(end: &mut dyn QueueEnd, wait: Wait) -> Result<Vec<u8>, Outcome> {
    let mut item = Vec::new();
    end.get(&mut item, wait)
        .map(|()| item)
        .map_err(|failure| failure.outcome)
}

fn put(end: &mut dyn QueueEnd, item: &[u8], wait: Wait) -> Outcome {
    end.put(item, wait)
        .map_or_else(|failure| failure.outcome, |()| Outcome::Ok)
}

#[test]
fn items_arrive_then_the_end_and_the_server_exits() {
    let ([producer, consumer], server) = queue(None, [PUTS, GETS]);
    let (mut producer, mut consumer) = (attach(producer), attach(consumer));
    for item in [&b"one"[..], b"", b"three"] {
        assert_eq!(put(producer.as_mut(), item, Wait::Deadline), Outcome::Ok);
    }
    producer.close().unwrap();
    for item in [&b"one"[..], b"", b"three"] {
        assert_eq!(get(consumer.as_mut(), Wait::Deadline), Ok(item.to_vec()));
    }
    for wait in [Wait::Deadline, Wait::Never] {
        assert_eq!(get(consumer.as_mut(), wait), Err(Outcome::End));
    }
    drop(consumer);
    server.join().unwrap();
}

#[test]
fn several_producers_and_consumers_share_all_items_once() {
    const EACH: u32 = 200;
    let (parcels, server) = queue(Some(3), [PUTS, PUTS, GETS, GETS]);
    let [one, two, three, four] = parcels;
    let mut all = thread::scope(|scope| {
        for (parcel, from) in [(one, 0), (two, EACH)] {
            scope.spawn(move || {
                let mut end = attach(parcel);
                for number in from..from + EACH {
                    end.put(&number.to_le_bytes(), Wait::Deadline).unwrap();
                }
            });
        }
        let consumers = [three, four].map(|parcel| {
            scope.spawn(move || {
                let (mut end, mut got) = (attach(parcel), Vec::new());
                while let Ok(item) = get(end.as_mut(), Wait::Deadline) {
                    got.push(u32::from_le_bytes(item.try_into().unwrap()));
                }
                got
            })
        });
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
    server.join().unwrap();
}

#[test]
fn threads_of_one_client_put_and_get_at_once() {
    let ([client], server) = queue(
        None,
        [ClientRole {
            puts: true,
            gets: true,
        }],
    );
    let mut end = attach(client);
    let mut shared = end.share().unwrap();
    thread::scope(|scope| {
        let getting = scope.spawn(move || get(shared.as_mut(), Wait::Deadline));
        assert_eq!(put(end.as_mut(), b"a", Wait::Deadline), Outcome::Ok);
        assert_eq!(getting.join().unwrap(), Ok(b"a".to_vec()));
    });
    drop(end);
    server.join().unwrap();
}

#[test]
fn a_client_that_dies_inside_a_request_affects_only_itself() {
    let ([dying, producer, consumer], server) = queue(None, [PUTS, PUTS, GETS]);
    let mut handles = dying.handles.into_iter();
    let mut requests = PipeWriter::from(handles.next().unwrap());
    requests.write_all(&1000_i64.to_le_bytes()).unwrap();
    requests.write_all(b"p only the beginning").unwrap();
    drop((requests, handles));
    let (mut producer, mut consumer) = (attach(producer), attach(consumer));
    assert_eq!(put(producer.as_mut(), b"a", Wait::Deadline), Outcome::Ok);
    drop(producer);
    assert_eq!(get(consumer.as_mut(), Wait::Deadline), Ok(b"a".to_vec()));
    assert_eq!(get(consumer.as_mut(), Wait::Deadline), Err(Outcome::End));
    drop(consumer);
    server.join().unwrap();
}

#[test]
fn a_client_that_sends_malformed_input_has_left() {
    let ([garbler, other], server) = queue(None, [PUTS, GETS]);
    let mut handles = garbler.handles.into_iter();
    let mut requests = PipeWriter::from(handles.next().unwrap());
    requests.write_all(&(-1_i64).to_le_bytes()).unwrap();
    let mut other = attach(other);
    assert_eq!(get(other.as_mut(), Wait::Deadline), Err(Outcome::End));
    drop((requests, handles, other));
    server.join().unwrap();
}

#[test]
fn a_client_that_reads_no_reply_stops_no_other() {
    let ([producer, stopped, consumer], _server) = queue(None, [PUTS, GETS, GETS]);
    let (mut producer, mut consumer) = (attach(producer), attach(consumer));
    let large = vec![7; 1 << 20];
    assert_eq!(put(producer.as_mut(), &large, Wait::Deadline), Outcome::Ok);
    // It asks for the item, whose reply is more than its pipe holds, and never reads it.
    let mut handles = stopped.handles.into_iter();
    let mut requests = PipeWriter::from(handles.next().unwrap());
    let mut ask = Vec::new();
    protocol::write_get(0, Wait::Deadline, &mut ask);
    crate::backends::framing::write_message(&mut requests, &ask, &mut Vec::new()).unwrap();
    while get(consumer.as_mut(), Wait::Never) != Err(Outcome::Empty) {
        assert_eq!(put(producer.as_mut(), &large, Wait::Deadline), Outcome::Ok);
    }
    assert_eq!(put(producer.as_mut(), b"a", Wait::Deadline), Outcome::Ok);
    assert_eq!(get(consumer.as_mut(), Wait::Deadline), Ok(b"a".to_vec()));
}

#[test]
fn without_its_server_every_operation_reports_gone_and_a_put_is_indefinite() {
    let mut opened = Broker
        .open(&channel(None), &mut ThreadHost::default())
        .unwrap();
    let parcel = opened.grant(grant(PUTS)).unwrap();
    drop(opened);
    let mut end = attach(parcel);
    for _ in 0..2 {
        let failure = end.put(b"a", Wait::Deadline).unwrap_err();
        assert_eq!(failure.outcome, Outcome::Gone);
        assert!(!failure.definite);
    }
    assert_eq!(get(end.as_mut(), Wait::Deadline), Err(Outcome::Gone));
}

#[test]
fn an_operation_reports_gone_if_the_server_dies_before_its_reply() {
    let (mut requests, to_server) = io::pipe().unwrap();
    let (from_server, replies) = io::pipe().unwrap();
    let dying = thread::spawn(move || {
        let mut message = Vec::new();
        crate::backends::framing::read_message(&mut requests, &mut message).unwrap();
        drop(replies);
    });
    let mut end = BrokerEnd::new(to_server, from_server);
    let failure = end.put(b"a", Wait::Deadline).unwrap_err();
    assert_eq!(failure.to_string(), "gone: the broker is gone");
    assert!(!failure.definite);
    dying.join().unwrap();
}
