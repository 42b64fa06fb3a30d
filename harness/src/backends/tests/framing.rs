//! Messages over bytes that the test writes.

use std::io::Write;

use super::*;
use crate::backends::std_pipe::StdPipe;
use crate::backends::transport::Halves;
use crate::backends::transport::chunks::{ChunkSize, TINY_CHUNKS};
use crate::backends::transport::polled::Polled;

/// Returns a receiving end, and the writing end of its pipe.
pub(super) fn fed_by_hand() -> (io::PipeWriter, Box<dyn PipeEnd>) {
    let (from, to) = io::pipe().unwrap();
    let halves = Halves {
        from: Some(Box::new(Polled(from))),
        to: None,
    };
    match halves.attach(ChunkSize::whole(), Kind::Pipe) {
        Attached::Pipe(end) => (to, end),
        _ => panic!("a pipe has pipe ends"),
    }
}

#[test]
fn a_writer_that_dies_inside_a_message_is_a_lasting_error() {
    let (mut to, mut rx) = fed_by_hand();
    to.write_all(&10_i64.to_le_bytes()).unwrap();
    to.write_all(b"abc").unwrap();
    drop(to);
    for _ in 0..2 {
        let error = received(&mut *rx, Wait::Deadline).unwrap_err();
        assert_eq!(
            error.to_string(),
            "error: end of file inside a message: 3 of 10 bytes"
        );
    }
}

#[test]
fn a_message_larger_than_any_buffer_arrives_whole_in_chunks_too() {
    let std = TestedBackend(Arc::new(StdPipe::pipe()));
    let [tx, rx] = std.granted(ONE_WAY).map(|end| end.with_data(TINY_CHUNKS));
    let sent = long(1_000_003);
    let received = thread::scope(|scope| {
        scope.spawn(|| tx.pipe().send(&sent, Wait::Deadline).unwrap());
        received(&mut *rx.pipe(), Wait::Deadline).unwrap()
    });
    assert!(received == sent);
}
