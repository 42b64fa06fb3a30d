//! Tests of every backend of pipes and streams in the registry.
//!
//! `std/stdio` isn't tested here, because the test process would lose its standard input and output. Cases
//! test it.

use std::path::Path;
use std::sync::Arc;
use std::{io, panic, thread};

use tempfile::TempDir;

use crate::backend::*;
use crate::backend::{Capability, Channel, Side};
use crate::registry::Registry;

mod framing;
#[cfg(unix)]
mod raw;
mod streams;
mod threads;
#[cfg(unix)]
mod waiting;

const ONE_WAY: [Side; 2] = [Side::Tx, Side::Rx];
const DUPLEX: [Side; 2] = [Side::A, Side::B];

/// A backend under test.
#[derive(Clone)]
struct TestedBackend(Arc<dyn Backend>);

/// Tests every backend of this kind that has these capabilities. The name of the thread that panics is
/// the backend's.
fn each(kind: Kind, needs: &[Capability], rule: impl Fn(&TestedBackend) + Sync) {
    let registry = Registry::builtin();
    let subjects = registry
        .iter()
        .map(|backend| TestedBackend(Arc::clone(backend)))
        .filter(|subject| {
            let key = subject.0.key();
            key.kind == kind
                && key.name != "std/stdio"
                && needs.iter().all(|need| subject.has(*need))
        });
    let mut tried = 0;
    for subject in subjects {
        tried += 1;
        let rule = &rule;
        thread::scope(|scope| {
            let name = subject.0.key().to_string();
            let trying = thread::Builder::new().name(name);
            let done = trying
                .spawn_scoped(scope, || rule(&subject))
                .unwrap()
                .join();
            done.unwrap_or_else(|panic| panic::resume_unwind(panic));
        });
    }
    assert!(tried > 0, "no {kind} has {needs:?} here");
}

struct TestHost(TempDir);

impl Host for TestHost {
    fn folder(&self) -> &Path {
        self.0.path()
    }
    fn seed(&self) -> u64 {
        0
    }
    fn start_helper(&mut self, _parcel: Parcel) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl TestedBackend {
    fn capabilities(&self) -> Option<Capabilities> {
        self.0.capabilities(System::current())
    }

    fn has(&self, capability: Capability) -> bool {
        self.capabilities().is_some_and(|has| has.has(capability))
    }

    fn channel(&self, sides: [Side; 2]) -> Channel {
        Channel {
            duplex: sides[0] == Side::A,
            ..Channel::new("c", self.0.key().kind)
        }
    }

    fn open(&self, sides: [Side; 2]) -> Box<dyn Opened> {
        let mut host = TestHost(TempDir::new().unwrap());
        let opened = self.0.open(&self.channel(sides), &mut host).unwrap();
        assert_eq!(names(host.folder()), 0, "a name is left");
        opened
    }

    /// Returns both ends of a new channel, not yet attached.
    fn granted(&self, sides: [Side; 2]) -> [GrantedEnd; 2] {
        let mut opened = self.open(sides);
        sides.map(|side| GrantedEnd {
            backend: Arc::clone(&self.0),
            channel: self.channel(sides),
            grant: end(side),
            parcel: opened.grant(end(side)).unwrap(),
        })
    }

    fn pipe(&self, sides: [Side; 2]) -> [Box<dyn PipeEnd>; 2] {
        self.granted(sides).map(GrantedEnd::pipe)
    }

    fn stream(&self, sides: [Side; 2]) -> [Box<dyn StreamEnd>; 2] {
        self.granted(sides).map(GrantedEnd::stream)
    }

    /// Returns whether this failure is end of stream. `interprocess/unnamed-pipe` passes on Windows' own
    /// error instead.
    fn is_end(&self, failure: &Failure) -> bool {
        if cfg!(windows) && self.0.key().name == "interprocess/unnamed-pipe" {
            let raw = failure.raw.map(|raw| raw.to_string());
            return failure.outcome == Outcome::Error && raw.as_deref() == Some("BrokenPipe (109)");
        }
        *failure == Failure::end()
    }

    /// Returns whether a dropped end may close later. Threads of `interprocess` first flush named pipes,
    /// which its asynchronous unnamed pipes are too. Sends on those succeed and fail only later.
    fn closes_later(&self) -> bool {
        let name = self.0.key().name;
        cfg!(windows) && name.starts_with("interprocess/") && name != "interprocess/unnamed-pipe"
    }

    /// Returns whether a try form without room succeeds and writes nothing, as Windows does for a named
    /// pipe. `interprocess` passes this on.
    fn writes_nothing_without_room(&self) -> bool {
        let names = ["interprocess/local-socket", "interprocess/named-pipe-bytes"];
        cfg!(windows) && names.contains(&&*self.0.key().name)
    }

    fn largest_message(&self) -> u64 {
        self.capabilities()
            .and_then(|has| has.largest_message)
            .expect("a pipe says what it takes")
    }
}

fn names(folder: &Path) -> usize {
    folder.read_dir().unwrap().count()
}

fn end(side: Side) -> Grant {
    Grant {
        side,
        puts: side != Side::Rx,
        gets: side != Side::Tx,
    }
}

/// An end that isn't attached yet. Another thread may attach it.
struct GrantedEnd {
    backend: Arc<dyn Backend>,
    channel: Channel,
    grant: Grant,
    parcel: Parcel,
}

impl GrantedEnd {
    fn with_data(mut self, data: &[u8]) -> GrantedEnd {
        self.parcel.data = data.to_vec();
        self
    }

    fn attach(self) -> Result<Attached, Failure> {
        self.backend.attach(&self.channel, self.grant, self.parcel)
    }

    fn pipe(self) -> Box<dyn PipeEnd> {
        match self.attach().unwrap() {
            Attached::Pipe(end) => end,
            _ => panic!("a pipe has pipe ends"),
        }
    }

    fn stream(self) -> Box<dyn StreamEnd> {
        match self.attach().unwrap() {
            Attached::Stream(end) => end,
            _ => panic!("a stream has stream ends"),
        }
    }
}

fn outcome<T>(result: Result<T, Failure>) -> Outcome {
    result.map_or_else(|failure| failure.outcome, |_| Outcome::Ok)
}

fn received(end: &mut dyn PipeEnd, wait: Wait) -> Result<Vec<u8>, Failure> {
    let mut message = b"old".to_vec();
    end.recv(&mut message, wait)?;
    Ok(message)
}

/// Returns this many bytes, each of which depends on its position.
fn long(size: u64) -> Vec<u8> {
    (0..size).map(|i| (i % 251) as u8).collect()
}

#[test]
fn messages_arrive_before_the_end_and_the_end_is_final() {
    each(Kind::Pipe, &[], |subject| {
        let [mut tx, mut rx] = subject.pipe(ONE_WAY);
        tx.send(b"one", Wait::Deadline).unwrap();
        tx.send(b"another", Wait::Deadline).unwrap();
        tx.close().unwrap();
        assert_eq!(received(&mut *rx, Wait::Deadline).unwrap(), b"one");
        assert_eq!(received(&mut *rx, Wait::Deadline).unwrap(), b"another");
        for _ in 0..3 {
            let end = received(&mut *rx, Wait::Deadline).unwrap_err();
            assert!(subject.is_end(&end), "{end:?}");
        }
    });
}

#[test]
fn an_empty_message_is_not_the_end() {
    each(Kind::Pipe, &[Capability::ZeroLength], |subject| {
        let [mut tx, mut rx] = subject.pipe(ONE_WAY);
        tx.send(b"", Wait::Deadline).unwrap();
        tx.send(b"more", Wait::Deadline).unwrap();
        assert_eq!(received(&mut *rx, Wait::Deadline).unwrap(), b"");
        assert_eq!(received(&mut *rx, Wait::Deadline).unwrap(), b"more");
    });
}

#[test]
fn sending_without_a_receiver_is_gone_and_indefinite() {
    each(Kind::Pipe, &[], |subject| {
        let [mut tx, rx] = subject.pipe(ONE_WAY);
        drop(rx);
        for _ in 0..2 {
            let gone = loop {
                match tx.send(b"hello?", Wait::Deadline) {
                    Ok(()) => assert!(subject.closes_later()),
                    Err(gone) => break gone,
                }
            };
            assert_eq!(gone.outcome, Outcome::Gone);
            assert!(!gone.definite);
        }
    });
}

#[test]
fn the_longest_message_arrives_whole() {
    each(Kind::Pipe, &[], |subject| {
        let sent = long(subject.largest_message().min(1_000_003));
        let [tx, rx] = subject.granted(ONE_WAY);
        let received = thread::scope(|scope| {
            scope.spawn(|| tx.pipe().send(&sent, Wait::Deadline).unwrap());
            received(&mut *rx.pipe(), Wait::Deadline).unwrap()
        });
        assert!(received == sent);
    });
}

#[test]
fn a_message_over_the_limit_is_refused_before_any_of_it_is_sent() {
    each(Kind::Pipe, &[], |subject| {
        let [mut tx, mut rx] = subject.pipe(ONE_WAY);
        // Untouched zero pages take no memory.
        let over = vec![0; subject.largest_message() as usize + 1];
        let refused = tx.send(&over, Wait::Deadline).unwrap_err();
        assert_eq!(refused.outcome, Outcome::Refused);
        assert!(refused.definite);
        tx.send(b"next", Wait::Deadline).unwrap();
        assert_eq!(received(&mut *rx, Wait::Deadline).unwrap(), b"next");
    });
}

#[test]
fn the_wrong_direction_is_refused() {
    each(Kind::Pipe, &[], |subject| {
        let [mut tx, mut rx] = subject.pipe(ONE_WAY);
        assert_eq!(
            outcome(received(&mut *tx, Wait::Deadline)),
            Outcome::Refused
        );
        assert_eq!(outcome(rx.send(b"x", Wait::Deadline)), Outcome::Refused);
        assert_eq!(outcome(rx.half_close()), Outcome::Refused);
        assert_eq!(outcome(tx.poll(Wait::Never)), Outcome::Refused);
    });
}

#[test]
fn both_ends_of_a_duplex_pipe_send_and_receive() {
    each(Kind::Pipe, &[Capability::Duplex], |subject| {
        let [mut a, mut b] = subject.pipe(DUPLEX);
        a.send(b"question", Wait::Deadline).unwrap();
        assert_eq!(received(&mut *b, Wait::Deadline).unwrap(), b"question");
        b.send(b"answer", Wait::Deadline).unwrap();
        assert_eq!(received(&mut *a, Wait::Deadline).unwrap(), b"answer");
    });
}

#[test]
fn after_a_half_close_the_other_direction_still_works() {
    let needs = [Capability::Duplex, Capability::HalfClose];
    each(Kind::Pipe, &needs, |subject| {
        let [mut a, mut b] = subject.pipe(DUPLEX);
        a.send(b"question", Wait::Deadline).unwrap();
        a.half_close().unwrap();
        assert_eq!(outcome(a.half_close()), Outcome::Closed);
        assert_eq!(outcome(a.send(b"x", Wait::Deadline)), Outcome::Closed);
        assert_eq!(received(&mut *b, Wait::Deadline).unwrap(), b"question");
        let end = received(&mut *b, Wait::Deadline).unwrap_err();
        assert!(subject.is_end(&end), "{end:?}");
        b.send(b"answer", Wait::Deadline).unwrap();
        assert_eq!(received(&mut *a, Wait::Deadline).unwrap(), b"answer");
    });
}

#[test]
fn a_parcel_without_its_handles_is_an_error() {
    for kind in [Kind::Pipe, Kind::Stream] {
        each(kind, &[], |subject| {
            let [mut tx, _rx] = subject.granted(ONE_WAY);
            tx.parcel = Parcel::default();
            let failure = tx.attach().err().unwrap();
            let said = "error: the parcel has 0 handles instead of 1";
            assert_eq!(failure.to_string(), said);
        });
    }
}

#[test]
fn a_one_way_channel_has_no_sides_a_and_b() {
    for kind in [Kind::Pipe, Kind::Stream] {
        each(kind, &[], |subject| {
            let refused = subject.open(ONE_WAY).grant(end(Side::A));
            assert_eq!(outcome(refused), Outcome::Refused);
        });
    }
}

#[test]
fn another_kind_of_channel_is_refused() {
    for kind in [Kind::Pipe, Kind::Stream] {
        each(kind, &[], |subject| {
            let channel = Channel {
                kind: Kind::Queue,
                ..subject.channel(ONE_WAY)
            };
            let mut host = TestHost(TempDir::new().unwrap());
            let refused = subject.0.open(&channel, &mut host);
            assert_eq!(outcome(refused.map(drop)), Outcome::Refused);
        });
    }
}

/// The opener keeps the library's own handles. Granted handles aren't inheritable.
#[cfg(unix)]
#[test]
fn only_what_the_opener_keeps_may_be_inheritable() {
    let inheritable = |parcel: &Parcel| {
        let flags = rustix::io::fcntl_getfd(&parcel.handles[0]).unwrap();
        !flags.contains(rustix::io::FdFlags::CLOEXEC)
    };
    for kind in [Kind::Pipe, Kind::Stream] {
        each(kind, &[], |subject| {
            let by_design = subject.0.key().name.ends_with("unnamed-pipe");
            let mut opened = subject.open(ONE_WAY);
            for side in ONE_WAY {
                assert!(!inheritable(&opened.grant(end(side)).unwrap()));
                assert_eq!(inheritable(&opened.keep(end(side)).unwrap()), by_design);
                assert!(!inheritable(&opened.grant(end(side)).unwrap()));
            }
        });
    }
}
