//! The control link between the harness and one process of a run.
//!
//! A link carries frames of bytes and handles. A process's end of it is its standard input. What the
//! harness sends waits in the link, handles included, until the process reads it. So handles that are
//! sent to a process before its start are held only by the process that will start it.

mod frame;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use frame::{Arrival, Frame};
pub(crate) use system::{HarnessLink, HarnessLinks, PeerLink};

use crate::backend::Handle;

/// Creates a link. Returns the harness's end, and the end that becomes a process's standard input.
///
/// # Errors
/// If the system has no handles left.
pub(crate) fn pair() -> std::io::Result<(HarnessLink, Handle)> {
    system::pair()
}

// On Windows a link needs a running process at its other end, so only the cases test it there.
#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::time::{Duration, Instant};

    fn soon() -> Option<Instant> {
        Some(Instant::now() + Duration::from_secs(10))
    }

    #[test]
    fn a_frame_sent_before_the_process_starts_arrives_with_its_handles() {
        let (mut harness, peer) = pair().unwrap();
        let (mut reader, writer) = std::io::pipe().unwrap();
        let frame = Frame {
            body: b"plan".to_vec(),
            handles: vec![writer.into()],
        };
        harness.send(frame).unwrap();

        let mut peer = PeerLink::from_handle(peer).unwrap();
        let mut frame = peer.recv().unwrap().unwrap();
        assert_eq!(frame.body, b"plan");
        std::io::PipeWriter::from(frame.handles.remove(0))
            .write_all(b"x")
            .unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "x");
    }

    #[test]
    fn handles_that_no_process_reads_close_with_the_link() {
        let (mut harness, peer) = pair().unwrap();
        let (mut reader, writer) = std::io::pipe().unwrap();
        harness
            .send(Frame {
                body: Vec::new(),
                handles: vec![writer.into()],
            })
            .unwrap();
        drop(peer);
        drop(harness);
        assert_eq!(reader.read(&mut [0; 1]).unwrap(), 0, "end of stream");
    }

    #[test]
    fn many_handles_and_a_long_body_arrive_whole() {
        let (mut harness, peer) = pair().unwrap();
        let handles: Vec<Handle> = (0..300)
            .map(|_| crate::os::scratch::file().unwrap().into())
            .collect();
        let body = vec![7; 1 << 20];
        let reader = std::thread::spawn(move || {
            PeerLink::from_handle(peer)
                .unwrap()
                .recv()
                .unwrap()
                .unwrap()
        });
        harness
            .send(Frame {
                body: body.clone(),
                handles,
            })
            .unwrap();
        let frame = reader.join().unwrap();
        assert_eq!((frame.body == body, frame.handles.len()), (true, 300));
    }

    #[test]
    fn waiting_reports_which_process_sent_a_frame_and_which_is_gone() {
        let (first, first_peer) = pair().unwrap();
        let (second, second_peer) = pair().unwrap();
        let mut post = HarnessLinks::new(vec![first, second]).unwrap();
        let mut second_peer = PeerLink::from_handle(second_peer).unwrap();
        second_peer
            .send(Frame {
                body: b"hello".to_vec(),
                handles: Vec::new(),
            })
            .unwrap();
        let arrivals = post.wait(soon()).unwrap();
        assert!(matches!(&arrivals[..], [(1, Arrival::Frame(f))] if f.body == b"hello"));
        drop(first_peer);
        let arrivals = post.wait(soon()).unwrap();
        assert!(matches!(&arrivals[..], [(0, Arrival::Gone)]));
    }

    #[test]
    fn waiting_ends_at_the_deadline() {
        let (first, _first_peer) = pair().unwrap();
        let mut post = HarnessLinks::new(vec![first]).unwrap();
        let deadline = Instant::now() + Duration::from_millis(5);
        assert!(post.wait(Some(deadline)).unwrap().is_empty());
        assert!(Instant::now() >= deadline);
    }
}
