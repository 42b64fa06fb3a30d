//! The control link between the harness and one process of a run: frames of bytes and handles.
//!
//! A process's end of it is its standard input. What the harness sends waits there, handles
//! included, until the process takes it; so the ends of a process that doesn't live yet are held
//! by whoever holds its link, its starter, and by nobody else.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub use system::{HarnessLink, PeerLink, Post};

use crate::backend::Handle;

/// What travels over a link at once.
#[derive(Debug, Default)]
pub struct Frame {
    /// A message: see [`crate::peer::wire`].
    pub body: Vec<u8>,
    /// The handles that it speaks of, in its order.
    pub handles: Vec<Handle>,
}

/// What became of a link.
#[derive(Debug)]
pub enum Arrival {
    /// The process sent something.
    Frame(Frame),
    /// The process is gone, or was never started and its starter is gone.
    Gone,
}

/// Both ends of a new link: the harness's, and the one to become a process's standard input.
///
/// # Errors
/// Where the system has no more handles.
pub fn pair() -> std::io::Result<(HarnessLink, Handle)> {
    system::pair()
}

/// The longest message; a longer one comes from nobody here.
const LONGEST: usize = 64 << 20;

/// The beginning of a frame: how long its body is, and how many handles come with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    body: usize,
    handles: usize,
}

impl Header {
    const LENGTH: usize = 8;

    fn of(frame: &Frame) -> Header {
        Header {
            body: frame.body.len(),
            handles: frame.handles.len(),
        }
    }

    fn to_bytes(self) -> [u8; Header::LENGTH] {
        (self.body as u64 | (self.handles as u64) << 32).to_le_bytes()
    }

    fn from_bytes(bytes: [u8; Header::LENGTH]) -> std::io::Result<Header> {
        let word = u64::from_le_bytes(bytes);
        let header = Header {
            body: (word & 0xffff_ffff) as usize,
            handles: (word >> 32) as usize,
        };
        if header.body > LONGEST || header.handles > LONGEST {
            return Err(std::io::Error::other(
                "a frame of impossible size on the control link",
            ));
        }
        Ok(header)
    }
}

// On Windows a link wants a living process at its other end: the cases themselves try it there.
#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::time::{Duration, Instant};

    fn soon() -> Option<Instant> {
        Some(Instant::now() + Duration::from_secs(10))
    }

    #[test]
    fn a_frame_sent_before_the_process_lives_arrives_with_its_handles() {
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
    fn handles_held_by_a_link_that_nobody_takes_close_with_it() {
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
    fn the_post_tells_who_spoke_and_who_is_gone() {
        let (first, first_peer) = pair().unwrap();
        let (second, second_peer) = pair().unwrap();
        let mut post = Post::new(vec![first, second]).unwrap();
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
    fn waiting_ends_with_the_deadline() {
        let (first, _first_peer) = pair().unwrap();
        let mut post = Post::new(vec![first]).unwrap();
        let deadline = Instant::now() + Duration::from_millis(5);
        assert!(post.wait(Some(deadline)).unwrap().is_empty());
        assert!(Instant::now() >= deadline);
    }
}
