//! A socket pair; handles go along by SCM_RIGHTS.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recv, recvmsg, sendmsg,
};

use super::{Arrival, Frame, Header};
use crate::backend::Handle;
use crate::os::inheritance;

/// Handles in one message; the system takes 253 at most.
const BATCH: usize = 128;
const ANCILLARY: usize = rustix::cmsg_space!(ScmRights(BATCH));

pub(super) fn pair() -> io::Result<(HarnessLink, Handle)> {
    let _making = inheritance::making();
    let (harness, peer) = UnixStream::pair()?;
    Ok((
        HarnessLink {
            socket: harness,
            incoming: Incoming::default(),
        },
        peer.into(),
    ))
}

/// The harness's end.
#[derive(Debug)]
pub struct HarnessLink {
    socket: UnixStream,
    incoming: Incoming,
}

impl HarnessLink {
    /// Sends a frame; it waits in the link until the process takes it.
    ///
    /// # Errors
    /// Where the process is gone.
    pub fn send(&mut self, frame: Frame) -> io::Result<()> {
        send(&self.socket, &frame)
    }

    /// Says which process has the other end. Only Windows must know.
    ///
    /// # Errors
    /// Never here.
    pub fn bind(&mut self, _process: u32) -> io::Result<()> {
        Ok(())
    }

    /// Says that nobody will start the process any more. Only Windows must be told: here the link
    /// goes with the starter, who holds its other end.
    pub fn abandon(&mut self) {}

    /// Waits until the process has said that it lives, or is gone. From then on it has nothing of
    /// ours but what it was given.
    ///
    /// # Errors
    /// As receiving does.
    pub fn wait_for_birth(&self) -> io::Result<()> {
        loop {
            match recv(&self.socket, &mut [0], RecvFlags::PEEK) {
                Ok(_) | Err(Errno::CONNRESET) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// All frames that have arrived, then `Gone` where the link has ended. Doesn't block.
    fn arrivals(&mut self, arrived: &mut impl FnMut(Arrival)) -> io::Result<()> {
        // Handles that arrive are made here.
        let _making = inheritance::making();
        loop {
            match self
                .incoming
                .receive(self.socket.as_fd(), RecvFlags::DONTWAIT)
            {
                Ok(0) => {
                    arrived(Arrival::Gone);
                    return Ok(());
                }
                Ok(_) => {}
                Err(Errno::AGAIN) => return Ok(()),
                // What a killed process left unread in its socket.
                Err(Errno::CONNRESET) => {}
                Err(error) => return Err(error.into()),
            }
            while let Some(frame) = self.incoming.frame()? {
                // An empty one says that the process lives, which whoever started it has heard.
                if !frame.body.is_empty() {
                    arrived(Arrival::Frame(frame));
                }
            }
        }
    }
}

/// A process's end.
#[derive(Debug)]
pub struct PeerLink {
    socket: UnixStream,
    incoming: Incoming,
}

impl PeerLink {
    /// Takes the link from the standard input, where whoever started this process put it, and
    /// leaves nothing there.
    ///
    /// # Errors
    /// As duplicating a handle does.
    pub fn from_stdin() -> io::Result<PeerLink> {
        let link = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
        let nothing = std::fs::File::open("/dev/null")?;
        rustix::stdio::dup2_stdin(&nothing)?;
        PeerLink::from_handle(link)
    }

    /// Says that this process lives, before anything else.
    pub fn say_alive(&mut self) {
        // Where the harness is gone, the next word finds that out.
        let _ = send(&self.socket, &Frame::default());
    }

    /// The link with this handle.
    ///
    /// # Errors
    /// Never here.
    pub fn from_handle(handle: Handle) -> io::Result<PeerLink> {
        Ok(PeerLink {
            socket: handle.into(),
            incoming: Incoming::default(),
        })
    }

    /// The same link once more.
    ///
    /// # Errors
    /// As duplicating a handle does.
    pub fn try_clone(&self) -> io::Result<PeerLink> {
        Ok(PeerLink {
            socket: self.socket.try_clone()?,
            incoming: Incoming::default(),
        })
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// Where the harness is gone.
    pub fn send(&mut self, frame: Frame) -> io::Result<()> {
        send(&self.socket, &frame)
    }

    /// Waits for a frame; `None` where the harness is gone.
    ///
    /// # Errors
    /// As receiving does.
    pub fn recv(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.incoming.frame()? {
                return Ok(Some(frame));
            }
            match self
                .incoming
                .receive(self.socket.as_fd(), RecvFlags::empty())
            {
                Ok(0) => return Ok(None),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The harness's ends of all links of a run.
#[derive(Debug)]
pub struct Post {
    links: Vec<Option<HarnessLink>>,
}

impl Post {
    /// Watches these links; a link's number is its place.
    ///
    /// # Errors
    /// Never here.
    pub fn new(links: Vec<HarnessLink>) -> io::Result<Post> {
        Ok(Post {
            links: links.into_iter().map(Some).collect(),
        })
    }

    /// The link with this number, while it lasts.
    pub fn link(&mut self, number: usize) -> Option<&mut HarnessLink> {
        self.links[number].as_mut()
    }

    /// Waits until something arrives at any link, and takes all that has; nothing where the
    /// deadline passed before. A link that is gone says so once.
    ///
    /// # Errors
    /// As waiting and receiving do.
    pub fn wait(&mut self, deadline: Option<Instant>) -> io::Result<Vec<(usize, Arrival)>> {
        let (numbers, mut fds): (Vec<usize>, Vec<PollFd<'_>>) = (self.links.iter().enumerate())
            .filter_map(|(n, link)| {
                Some((
                    n,
                    PollFd::from_borrowed_fd(link.as_ref()?.socket.as_fd(), PollFlags::IN),
                ))
            })
            .unzip();
        wait_for(&mut fds, deadline)?;
        let ready: Vec<usize> = (numbers.into_iter().zip(&fds))
            .filter(|(_, fd)| !fd.revents().is_empty())
            .map(|(number, _)| number)
            .collect();
        let mut arrivals = Vec::new();
        for number in ready {
            let Some(link) = &mut self.links[number] else {
                continue;
            };
            let mut gone = false;
            link.arrivals(&mut |arrival| {
                gone |= matches!(arrival, Arrival::Gone);
                arrivals.push((number, arrival));
            })?;
            if gone {
                self.links[number] = None;
            }
        }
        Ok(arrivals)
    }
}

/// Waits until one of these is ready, or the deadline has passed. A signal, as an interruption sends
/// one, is neither.
fn wait_for(fds: &mut [PollFd<'_>], deadline: Option<Instant>) -> Result<(), Errno> {
    loop {
        let timeout = deadline.map(|deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            Timespec {
                tv_sec: left.as_secs() as i64,
                tv_nsec: left.subsec_nanos().into(),
            }
        });
        match poll(fds, timeout.as_ref()) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Bytes and handles that have come in, until they make a frame.
#[derive(Debug, Default)]
struct Incoming {
    bytes: Vec<u8>,
    handles: Vec<OwnedFd>,
}

impl Incoming {
    fn receive(&mut self, socket: BorrowedFd<'_>, flags: RecvFlags) -> Result<usize, Errno> {
        let mut bytes = [0; 4096];
        let mut space = [MaybeUninit::uninit(); ANCILLARY];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        #[cfg(target_os = "linux")]
        let flags = flags | RecvFlags::CMSG_CLOEXEC;
        let received = recvmsg(
            socket,
            &mut [IoSliceMut::new(&mut bytes)],
            &mut control,
            flags,
        )?;
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(handles) = message {
                self.handles.extend(handles);
            }
        }
        #[cfg(not(target_os = "linux"))]
        for handle in &self.handles {
            rustix::io::fcntl_setfd(handle, rustix::io::FdFlags::CLOEXEC)?;
        }
        self.bytes.extend_from_slice(&bytes[..received.bytes]);
        Ok(received.bytes)
    }

    fn frame(&mut self) -> io::Result<Option<Frame>> {
        let Some((header, _)) = self.bytes.split_first_chunk::<{ Header::LENGTH }>() else {
            return Ok(None);
        };
        let header = Header::from_bytes(*header)?;
        let length = Header::LENGTH + padding(header.handles) + header.body;
        if self.bytes.len() < length || self.handles.len() < header.handles {
            return Ok(None);
        }
        let body = self
            .bytes
            .drain(..length)
            .skip(length - header.body)
            .collect();
        Ok(Some(Frame {
            body,
            handles: self.handles.drain(..header.handles).collect(),
        }))
    }
}

/// A byte for each batch of handles but the first, to carry it.
fn padding(handles: usize) -> usize {
    handles.div_ceil(BATCH).saturating_sub(1)
}

fn send(socket: &UnixStream, frame: &Frame) -> io::Result<()> {
    let header = Header::of(frame).to_bytes();
    let mut batches = frame.handles.chunks(BATCH);
    let first = batches.next().unwrap_or_default();
    if frame.handles.len() <= BATCH {
        return send_all(socket, &header, &frame.body, first);
    }
    send_all(socket, &header, &[], first)?;
    for batch in batches {
        send_all(socket, &[0], &[], batch)?;
    }
    send_all(socket, &[], &frame.body, &[])
}

fn send_all(
    socket: &UnixStream,
    mut head: &[u8],
    mut body: &[u8],
    mut handles: &[OwnedFd],
) -> io::Result<()> {
    while !(head.is_empty() && body.is_empty()) {
        let borrowed: Vec<BorrowedFd<'_>> = handles.iter().map(AsFd::as_fd).collect();
        let mut space = [MaybeUninit::uninit(); ANCILLARY];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !borrowed.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(&borrowed));
        }
        let parts = [IoSlice::new(head), IoSlice::new(body)];
        match sendmsg(socket, &parts, &mut control, SendFlags::empty()) {
            Ok(sent) => {
                let of_head = sent.min(head.len());
                head = &head[of_head..];
                body = &body[sent - of_head..];
                handles = &[];
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
