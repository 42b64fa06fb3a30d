use std::io;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;

use super::header::ParcelHeader;
use super::memory::Memory;
use super::*;
use crate::backend::{
    Attached, Backend, Channel, Failure, Grant, Host, Key, Kind, Outcome, Parcel, Side, Wait,
};
use crate::backends::broker::Broker;
use crate::backends::std_pipe::StdPipe;
use crate::registry::Registry;

struct SeededHost;

impl Host for SeededHost {
    fn folder(&self) -> &Path {
        Path::new("/nowhere")
    }

    fn seed(&self) -> u64 {
        42
    }

    fn start_helper(&mut self, parcel: Parcel) -> io::Result<()> {
        thread::spawn(move || {
            let key = Key::new(Kind::Queue, "broker~capacity-plus-one");
            let mutant = Registry::builtin().get(&key).unwrap();
            mutant.help(parcel).unwrap();
        });
        Ok(())
    }
}

/// One producer's end, and the ends of some consumers.
struct GrantedEnds {
    backend: Arc<dyn Backend>,
    channel: Channel,
    parcels: Vec<(Grant, Parcel)>,
}

fn open(backend: Arc<dyn Backend>, capacity: Option<u64>, getters: usize) -> GrantedEnds {
    let kind = backend.key().kind;
    let channel = Channel {
        capacity,
        ..Channel::new("c", kind)
    };
    let sides = match kind {
        Kind::Queue => [Side::Queue, Side::Queue],
        _ => [Side::Tx, Side::Rx],
    };
    let mut opened = backend.open(&channel, &mut SeededHost).unwrap();
    let parcels = (0..=getters)
        .map(|place| {
            let grant = Grant {
                side: sides[place.min(1)],
                puts: place == 0,
                gets: place > 0,
            };
            (grant, opened.grant(grant).unwrap())
        })
        .collect();
    opened.ready(&mut SeededHost).unwrap();
    GrantedEnds {
        backend,
        channel,
        parcels,
    }
}

impl GrantedEnds {
    fn attach(self) -> Vec<AnyEnd> {
        self.parcels
            .into_iter()
            .map(|(grant, parcel)| {
                AnyEnd(self.backend.attach(&self.channel, grant, parcel).unwrap())
            })
            .collect()
    }
}

/// An end of any kind.
struct AnyEnd(Attached);

impl AnyEnd {
    fn put(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        match &mut self.0 {
            Attached::Queue(end) => end.put(message, wait),
            Attached::Pipe(end) => end.send(message, wait),
            Attached::Endpoint(_) => unreachable!("an endpoint is no end yet"),
            Attached::Stream(end) => {
                let mut left = message;
                while !left.is_empty() {
                    let written = end.write(left, wait)?;
                    left = &left[written..];
                }
                Ok(())
            }
        }
    }

    fn get(&mut self, wait: Wait) -> Result<Vec<u8>, Failure> {
        let mut message = Vec::new();
        match &mut self.0 {
            Attached::Queue(end) => end.get(&mut message, wait)?,
            Attached::Pipe(end) => end.recv(&mut message, wait)?,
            Attached::Endpoint(_) => unreachable!("an endpoint is no end yet"),
            Attached::Stream(end) => {
                message.resize(1 << 16, 0);
                let count = end.read(&mut message, wait)?;
                message.truncate(count);
            }
        }
        Ok(message)
    }

    fn close(self) {
        match self.0 {
            Attached::Queue(end) => end.close(),
            Attached::Pipe(end) => end.close(),
            Attached::Stream(end) => end.close(),
            Attached::Endpoint(_) => unreachable!("an endpoint is no end yet"),
        }
        .unwrap();
    }
}

/// Long enough for an operation that isn't blocked.
const SETTLING: Duration = Duration::from_millis(100);

/// Long enough for an operation that isn't blocked for ever, on any machine.
const FOR_EVER: Duration = Duration::from_secs(60);

/// Returns what a consumer sees of `aa` to `ff` and of two receives after the end.
fn seen(backend: Arc<dyn Backend>) -> String {
    seen_of(backend, usize::MAX)
}

/// Returns the same, with `-` if the consumer blocks after this many results.
fn seen_of(backend: Arc<dyn Backend>, blocked_after: usize) -> String {
    let ends = open(backend, None, 1);
    let (sender, seen) = mpsc::channel();
    thread::spawn(move || {
        let mut ends = ends.attach();
        let mut getter = ends.pop().unwrap();
        let mut putter = ends.pop().unwrap();
        for message in ["aa", "bb", "cc", "dd", "ee", "ff"] {
            putter.put(message.as_bytes(), Wait::Deadline).unwrap();
        }
        putter.close();
        let mut failures = 0;
        while failures < 2 {
            let word = match getter.get(Wait::Deadline) {
                Ok(message) => String::from_utf8(message).unwrap(),
                Err(failure) => {
                    failures += 1;
                    failure.outcome.to_string()
                }
            };
            if sender.send(word).is_err() {
                return;
            }
        }
    });
    let mut words = Vec::new();
    loop {
        let patience = if words.len() < blocked_after {
            FOR_EVER
        } else {
            SETTLING
        };
        match seen.recv_timeout(patience) {
            Ok(word) => words.push(word),
            Err(mpsc::RecvTimeoutError::Disconnected) => return words.join(" "),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                words.push("-".to_owned());
                return words.join(" ");
            }
        }
    }
}

fn with(fault: Fault, backend: impl Backend + 'static) -> Arc<dyn Backend> {
    Mutation::from(fault)
        .on(Arc::new(backend))
        .expect("the fault applies")
}

#[rstest]
#[case(Fault::Lost, "aa bb dd ee end end")]
#[case(Fault::Doubled, "aa bb cc cc dd ee ff ff end end")]
#[case(Fault::Swapped, "aa bb dd cc ee ff end end")]
#[case(Fault::Corrupt, "aa bb cb dd ee fg end end")]
#[case(Fault::LostFirst, "bb cc dd ee ff end end")]
#[case(Fault::LostLast, "aa bb cc dd ee end end")]
#[case(Fault::DataAfterEnd, "aa bb cc dd ee ff end ff end")]
#[case(Fault::EarlyEnd, "aa bb end end")]
#[case(Fault::EndOnce, "aa bb cc dd ee ff end gone")]
#[case(Fault::EndAsError, "aa bb cc dd ee ff error error")]
fn a_consumer_of_a_wrong_backend_sees(
    #[case] fault: Fault,
    #[case] expected: &str,
    #[values(Kind::Queue, Kind::Pipe, Kind::Stream)] kind: Kind,
) {
    assert_eq!(seen(with(fault, Memory::new(kind))), expected);
}

#[rstest]
#[case(Fault::MissingEnd, 6, "aa bb cc dd ee ff -")]
#[case(Fault::Hang, 2, "aa bb -")]
fn a_consumer_of_a_backend_that_blocks_sees(
    #[case] fault: Fault,
    #[case] after: usize,
    #[case] expected: &str,
    #[values(Kind::Queue, Kind::Pipe, Kind::Stream)] kind: Kind,
) {
    assert_eq!(seen_of(with(fault, Memory::new(kind)), after), expected);
}

#[rstest]
fn merged_messages_arrive_as_one(#[values(Kind::Queue, Kind::Pipe)] kind: Kind) {
    assert_eq!(
        seen(with(Fault::Merged, Memory::new(kind))),
        "aa bb ccdd ee ff end end"
    );
}

#[rstest]
fn a_consumer_of_a_control_sees_a_sound_backend(
    #[values(
        Fault::Delays,
        Fault::Spurious,
        Fault::Batched,
        Fault::Unfair,
        Fault::LateTimeouts
    )]
    fault: Fault,
    #[values(Kind::Queue, Kind::Pipe, Kind::Stream)] kind: Kind,
) {
    if let Some(odd) = Mutation::from(fault).on(Arc::new(Memory::new(kind))) {
        assert_eq!(seen(odd), seen(Arc::new(Memory::new(kind))));
    }
}

#[rstest]
#[case::pipe(StdPipe::pipe())]
#[case::stream(StdPipe::stream())]
fn a_dribbling_backend_delivers_the_same_bytes(#[case] backend: StdPipe) {
    let joined = |backend| seen(backend).replace(' ', "");
    assert_eq!(joined(with(Fault::Dribble, backend)), "aabbccddeeffendend");
}

#[test]
fn a_dribbling_stream_moves_a_few_bytes_at_a_time() {
    let memory = Memory::new(Kind::Stream);
    let mut ends = open(with(Fault::Dribble, memory.clone()), None, 1).attach();
    ends[0].put(&[7; 30], Wait::Deadline).unwrap();
    assert!(memory.puts() >= 10, "{} writes", memory.puts());
    assert!(ends[1].get(Wait::Deadline).unwrap().len() <= 3);
}

#[test]
fn only_our_own_framing_can_dribble() {
    assert!(
        Mutation::from(Fault::Dribble)
            .on(Arc::new(Memory::new(Kind::Pipe)))
            .is_none()
    );
}

#[rstest]
#[case::sound(None, 2)]
#[case::one_more(Some(Fault::CapacityPlusOne), 3)]
#[case::one_less(Some(Fault::CapacityMinusOne), 1)]
fn a_capacity_of_two_holds(#[case] fault: Option<Fault>, #[case] expected: usize) {
    let memory = Memory::new(Kind::Queue);
    let backend = match fault {
        Some(fault) => with(fault, memory),
        None => Arc::new(memory),
    };
    let mut ends = open(backend, Some(2), 1).attach();
    let mut put = || ends[0].put(b"x", Wait::Never);
    let held = (0..9).take_while(|_| put().is_ok()).count();
    assert_eq!(held, expected);
    assert_eq!(put().unwrap_err().outcome, Outcome::Full);
}

#[test]
fn a_mutant_of_the_broker_runs_its_own_helper() {
    let mutant = with(Fault::CapacityPlusOne, Broker);
    let mut ends = open(mutant, Some(2), 1).attach();
    let held = (0..9).take_while(|_| ends[0].put(b"x", Wait::Never).is_ok());
    assert_eq!(held.count(), 3);
    assert_eq!(ends[1].get(Wait::Deadline).unwrap(), b"x");
}

#[test]
fn a_late_timeout_is_still_a_timeout() {
    let memory = Memory::new(Kind::Queue);
    let mut ends = open(with(Fault::LateTimeouts, memory), None, 1).attach();
    let time = Duration::from_millis(10);
    let start = Instant::now();
    let failure = ends[1].get(Wait::For(time)).unwrap_err();
    assert_eq!(failure.outcome, Outcome::Timeout);
    assert!(start.elapsed() >= 2 * time);
}

#[rstest]
#[case::try_form(Wait::Never, Outcome::Empty)]
#[case::timed_form(Wait::For(Duration::from_millis(5)), Outcome::Timeout)]
fn a_missing_end_looks_like_a_live_producer(#[case] wait: Wait, #[case] expected: Outcome) {
    let memory = Memory::new(Kind::Queue);
    let mut ends = open(with(Fault::MissingEnd, memory), None, 1).attach();
    let mut getter = ends.pop().unwrap();
    drop(ends);
    assert_eq!(getter.get(wait).unwrap_err().outcome, expected);
}

#[test]
fn an_early_end_comes_while_the_writer_lives() {
    let memory = Memory::new(Kind::Pipe);
    let mut ends = open(with(Fault::EarlyEnd, memory), None, 1).attach();
    ends[0].put(b"a", Wait::Deadline).unwrap();
    ends[0].put(b"b", Wait::Deadline).unwrap();
    ends[1].get(Wait::Deadline).unwrap();
    ends[1].get(Wait::Deadline).unwrap();
    let end = ends[1].get(Wait::Deadline).unwrap_err();
    assert_eq!(end.outcome, Outcome::End);
}

#[rstest]
#[case(Fault::Swapped)]
#[case(Fault::Merged)]
fn a_held_message_is_sent_when_the_end_is_dropped(#[case] fault: Fault) {
    let mut ends = open(with(fault, Memory::new(Kind::Pipe)), None, 1).attach();
    let mut getter = ends.pop().unwrap();
    let mut putter = ends.pop().unwrap();
    for message in ["aa", "bb", "cc"] {
        putter.put(message.as_bytes(), Wait::Deadline).unwrap();
    }
    drop(putter);
    for expected in ["aa", "bb", "cc"] {
        assert_eq!(getter.get(Wait::Deadline).unwrap(), expected.as_bytes());
    }
}

#[test]
fn only_the_first_consumer_of_an_unfair_queue_is_slow() {
    let ends = open(with(Fault::Unfair, Memory::new(Kind::Queue)), None, 2);
    let slow: Vec<bool> = ends
        .parcels
        .into_iter()
        .map(|(_, mut parcel)| ParcelHeader::take_from(&mut parcel).unwrap().slow)
        .collect();
    assert_eq!(slow, [false, true, false]);
}

#[test]
fn every_end_has_its_own_delays_from_the_runs_seed() {
    let seeds = || -> Vec<u64> {
        open(with(Fault::Delays, Memory::new(Kind::Queue)), None, 2)
            .parcels
            .into_iter()
            .map(|(_, mut parcel)| ParcelHeader::take_from(&mut parcel).unwrap().seed)
            .collect()
    };
    assert_eq!(seeds(), [42, 43, 44]);
    assert_eq!(seeds(), seeds());
}

#[test]
fn a_mutant_describes_its_fault() {
    let abouts: Vec<String> = ["pipe:std/pipe~lost", "queue:broker~delays"]
        .into_iter()
        .flat_map(|pattern| Registry::builtin().matching(pattern))
        .map(|mutant| format!("{}: {}", mutant.key(), mutant.about().mechanism))
        .collect();
    insta::assert_snapshot!(abouts.join("\n"), @r"
    pipe:std/pipe~lost: io::pipe, with messages framed by the harness; wrong on purpose: every third message is lost
    queue:broker~delays: a server process that owns the items, each client over a pair of std::io::pipe; odd on purpose: random pauses
    ");
}
