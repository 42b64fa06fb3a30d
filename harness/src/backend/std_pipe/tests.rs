use std::path::Path;
use std::thread;

use rstest::rstest;

use super::*;
use crate::backend::{PipeEnd, StreamEnd};
use crate::channel::End;
use crate::content::codec::Codec;

struct NoHost;

impl Host for NoHost {
    fn folder(&self) -> &Path {
        Path::new("/nowhere")
    }
    fn seed(&self) -> u64 {
        0
    }
    fn start_helper(&mut self, _parcel: Parcel) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Both ends of a new channel, not yet attached.
fn ends(backend: StdPipe, sides: [Side; 2]) -> [Given; 2] {
    let channel = Channel {
        name: "c".to_owned(),
        kind: backend.kind,
        capacity: None,
        duplex: sides[0] == Side::A,
        codec: Codec::Bytes,
        opener: None,
    };
    let mut opened = backend.open(&channel, &mut NoHost).unwrap();
    sides.map(|side| {
        let given = GivenEnd {
            end: End { channel: 0, side },
            puts: side != Side::Rx,
            gets: side != Side::Tx,
        };
        Given {
            backend,
            channel: channel.clone(),
            given,
            parcel: opened.grant(given).unwrap(),
        }
    })
}

/// An end on its way, which another thread may attach.
struct Given {
    backend: StdPipe,
    channel: Channel,
    given: GivenEnd,
    parcel: Parcel,
}

impl Given {
    fn with_data(mut self, data: &[u8]) -> Given {
        self.parcel.data = data.to_vec();
        self
    }

    fn attach(self) -> Attached {
        self.backend
            .attach(&self.channel, self.given, self.parcel)
            .unwrap()
    }

    fn pipe(self) -> Box<dyn PipeEnd> {
        match self.attach() {
            Attached::Pipe(end) => end,
            _ => panic!("a pipe has pipe ends"),
        }
    }

    fn stream(self) -> Box<dyn StreamEnd> {
        match self.attach() {
            Attached::Stream(end) => end,
            _ => panic!("a stream has stream ends"),
        }
    }
}

fn pipe(sides: [Side; 2]) -> [Box<dyn PipeEnd>; 2] {
    ends(StdPipe::pipe(), sides).map(Given::pipe)
}

fn stream(sides: [Side; 2]) -> [Box<dyn StreamEnd>; 2] {
    ends(StdPipe::stream(), sides).map(Given::stream)
}

fn outcome<T>(result: Result<T, Failure>) -> Outcome {
    result.map_or_else(|failure| failure.outcome, |_| Outcome::Ok)
}

const ONE_WAY: [Side; 2] = [Side::Tx, Side::Rx];
const DUPLEX: [Side; 2] = [Side::A, Side::B];

#[test]
fn messages_arrive_before_the_end_and_the_end_stays() {
    let [mut tx, mut rx] = pipe(ONE_WAY);
    tx.send(b"one", Wait::Deadline).unwrap();
    tx.send(b"", Wait::Deadline).unwrap();
    tx.close().unwrap();
    let mut message = Vec::new();
    rx.recv(&mut message, Wait::Deadline).unwrap();
    assert_eq!(message, b"one");
    rx.recv(&mut message, Wait::Deadline).unwrap();
    assert_eq!(message, b"");
    for _ in 0..3 {
        let end = rx.recv(&mut message, Wait::Deadline).unwrap_err();
        assert_eq!(end, Failure::end());
    }
}

#[test]
fn sending_to_nobody_is_gone_and_not_certainly_without_effect() {
    let [mut tx, rx] = pipe(ONE_WAY);
    drop(rx);
    for _ in 0..2 {
        let gone = tx.send(b"hello?", Wait::Deadline).unwrap_err();
        assert_eq!(gone.outcome, Outcome::Gone);
        assert!(!gone.definite);
    }
}

#[test]
fn a_writer_that_dies_inside_a_message_is_an_error_for_ever() {
    let (from, mut to) = io::pipe().unwrap();
    io::Write::write_all(&mut to, &10_i64.to_le_bytes()).unwrap();
    io::Write::write_all(&mut to, b"abc").unwrap();
    drop(to);
    let halves = Halves::from_handles(Side::Rx, vec![from.into()]).unwrap();
    let mut rx = MessageEnd::new(halves, Pieces::whole());
    for _ in 0..2 {
        let error = rx.recv(&mut Vec::new(), Wait::Deadline).unwrap_err();
        assert_eq!(
            error.to_string(),
            "error: end of file inside a message: 3 of 10 bytes"
        );
    }
}

#[rstest]
#[case::whole(&[])]
#[case::in_pieces(IN_PIECES)]
fn a_message_larger_than_any_buffer_arrives_whole(#[case] data: &[u8]) {
    let [tx, rx] = ends(StdPipe::pipe(), ONE_WAY).map(|end| end.with_data(data));
    let sent: Vec<u8> = (0..1_000_003_u32).map(|i| (i % 251) as u8).collect();
    let received = thread::scope(|scope| {
        scope.spawn(|| tx.pipe().send(&sent, Wait::Deadline).unwrap());
        let mut received = Vec::new();
        rx.pipe().recv(&mut received, Wait::Deadline).unwrap();
        received
    });
    assert!(received == sent);
}

#[test]
fn a_message_over_the_limit_is_refused_before_any_of_it_is_sent() {
    let [mut tx, mut rx] = pipe(ONE_WAY);
    // Zeroed pages that nobody touches: this takes no memory.
    let over = vec![0; framing::LONGEST as usize + 1];
    assert_eq!(outcome(tx.send(&over, Wait::Deadline)), Outcome::Refused);
    tx.send(b"next", Wait::Deadline).unwrap();
    let mut message = Vec::new();
    rx.recv(&mut message, Wait::Deadline).unwrap();
    assert_eq!(message, b"next");
}

#[test]
fn the_wrong_direction_is_refused() {
    let [mut tx, mut rx] = pipe(ONE_WAY);
    let mut message = Vec::new();
    assert_eq!(
        outcome(tx.recv(&mut message, Wait::Deadline)),
        Outcome::Refused
    );
    assert_eq!(outcome(rx.send(b"x", Wait::Deadline)), Outcome::Refused);
    assert_eq!(outcome(rx.half_close()), Outcome::Refused);
    let [mut tx, mut rx] = stream(ONE_WAY);
    assert_eq!(outcome(tx.read(&mut [0], Wait::Deadline)), Outcome::Refused);
    assert_eq!(outcome(rx.write(b"x", Wait::Deadline)), Outcome::Refused);
}

#[rstest]
#[case::try_form(Wait::Never)]
#[case::timed_form(Wait::For(std::time::Duration::ZERO))]
fn nothing_is_sent_but_by_the_blocking_form(#[case] wait: Wait) {
    let [mut tx, mut rx] = pipe(ONE_WAY);
    assert_eq!(outcome(tx.send(b"x", wait)), Outcome::Refused);
    tx.close().unwrap();
    let end = rx.recv(&mut Vec::new(), Wait::Deadline);
    assert_eq!(outcome(end), Outcome::End);
    let [mut tx, _rx] = stream(ONE_WAY);
    assert_eq!(outcome(tx.write(b"x", wait)), Outcome::Refused);
}

#[test]
fn both_ends_of_a_duplex_pipe_send_and_receive() {
    let [mut a, mut b] = pipe(DUPLEX);
    let mut message = Vec::new();
    a.send(b"question", Wait::Deadline).unwrap();
    b.recv(&mut message, Wait::Deadline).unwrap();
    assert_eq!(message, b"question");
    b.send(b"answer", Wait::Deadline).unwrap();
    a.recv(&mut message, Wait::Deadline).unwrap();
    assert_eq!(message, b"answer");
}

/// What one thread waits for would keep out the other, if a direction didn't have its own state.
#[test]
fn one_thread_receives_while_another_sends_on_the_same_end() {
    let [mut a, mut b] = pipe(DUPLEX);
    let mut shared = a.share().unwrap();
    let mut message = Vec::new();
    thread::scope(|scope| {
        let receiving = scope.spawn(move || {
            let mut message = Vec::new();
            let received = shared.recv(&mut message, Wait::Deadline);
            received.map(|()| message)
        });
        a.send(b"question", Wait::Deadline).unwrap();
        b.recv(&mut message, Wait::Deadline).unwrap();
        b.send(b"answer", Wait::Deadline).unwrap();
        assert_eq!(receiving.join().unwrap().unwrap(), b"answer");
    });
    drop(a);
    assert_eq!(outcome(b.recv(&mut message, Wait::Deadline)), Outcome::End);
}

#[test]
fn a_shared_end_is_open_until_the_last_share_is_closed() {
    let [mut tx, mut rx] = stream(ONE_WAY);
    let mut shared = tx.share().unwrap();
    tx.write(b"a", Wait::Deadline).unwrap();
    tx.close().unwrap();
    shared.write(b"b", Wait::Deadline).unwrap();
    let mut bytes = [0; 8];
    assert_eq!(rx.read(&mut bytes, Wait::Deadline).unwrap(), 2);
    drop(shared);
    assert_eq!(outcome(rx.read(&mut bytes, Wait::Deadline)), Outcome::End);
}

#[test]
fn behind_a_half_close_answers_still_flow() {
    let [mut a, mut b] = pipe(DUPLEX);
    let mut message = Vec::new();
    a.half_close().unwrap();
    assert_eq!(outcome(a.half_close()), Outcome::Closed);
    assert_eq!(outcome(a.send(b"x", Wait::Deadline)), Outcome::Closed);
    assert_eq!(outcome(b.recv(&mut message, Wait::Deadline)), Outcome::End);
    b.send(b"answer", Wait::Deadline).unwrap();
    a.recv(&mut message, Wait::Deadline).unwrap();
    assert_eq!(message, b"answer");
}

#[test]
fn a_stream_gives_the_bytes_then_the_end_for_ever() {
    let [mut tx, mut rx] = stream(ONE_WAY);
    assert_eq!(tx.write(b"abc", Wait::Deadline).unwrap(), 3);
    drop(tx);
    let mut bytes = [0; 8];
    assert_eq!(rx.read(&mut bytes[..2], Wait::Deadline).unwrap(), 2);
    assert_eq!(rx.read(&mut bytes[2..], Wait::Deadline).unwrap(), 1);
    assert_eq!(&bytes[..3], b"abc");
    for _ in 0..2 {
        assert_eq!(outcome(rx.read(&mut bytes, Wait::Deadline)), Outcome::End);
    }
    assert_eq!(rx.read(&mut [], Wait::Deadline).unwrap(), 0);
}

#[test]
fn a_parcel_without_its_handles_is_an_error() {
    let [tx, _rx] = ends(StdPipe::pipe(), ONE_WAY);
    let failure = tx
        .backend
        .attach(&tx.channel, tx.given, Parcel::default())
        .err()
        .unwrap();
    assert_eq!(
        failure.to_string(),
        "error: the parcel has 0 handles instead of 1"
    );
}

#[test]
fn a_one_way_pipe_has_no_sides_a_and_b() {
    let backend = StdPipe::pipe();
    let [tx, _rx] = ends(backend, ONE_WAY);
    let mut opened = backend.open(&tx.channel, &mut NoHost).unwrap();
    let refused = opened.grant(GivenEnd {
        end: End {
            channel: 0,
            side: Side::A,
        },
        ..tx.given
    });
    assert_eq!(outcome(refused), Outcome::Refused);
}

#[cfg(unix)]
mod waiting;
