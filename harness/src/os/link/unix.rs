//! A link is a socket pair; handles are sent as `SCM_RIGHTS`.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recv, recvmsg, sendmsg,
};

use super::frame::{Arrival, Frame, FrameHeader};
use crate::backend::Handle;
use crate::os::poll::poll_until;
use crate::os::spawn_lock;

/// How many handles are sent in one message; Linux accepts at most 253.
const BATCH: usize = 128;
const ANCILLARY: usize = rustix::cmsg_space!(ScmRights(BATCH));

pub(super) fn pair() -> io::Result<(HarnessLink, Handle)> {
    let _making = spawn_lock::making();
    let (harness, peer) = UnixStream::pair()?;
    Ok((
        HarnessLink {
            socket: harness,
            received: ReceiveBuffer::default(),
        },
        peer.into(),
    ))
}

/// The harness's end of a link.
#[derive(Debug)]
pub(crate) struct HarnessLink {
    socket: UnixStream,
    received: ReceiveBuffer,
}

impl HarnessLink {
    /// Sends a frame, which waits in the link until the process reads it.
    ///
    /// # Errors
    /// If the process is gone.
    pub(crate) fn send(&mut self, frame: Frame) -> io::Result<()> {
        send(&self.socket, &frame)
    }

    /// Sets which process has the other end. Only Windows needs it.
    ///
    /// # Errors
    /// Never on Unix.
    pub(crate) fn bind(&mut self, _process: u32) -> io::Result<()> {
        Ok(())
    }

    /// Gives up a process that will never be started. Only Windows needs it: on Unix the starter
    /// holds the other end of the link, which closes when the starter exits.
    pub(crate) fn abandon(&mut self) {}

    /// Waits until the process has sent its first frame or has exited. From then on it holds only
    /// the handles that it was given.
    ///
    /// # Errors
    /// If receiving fails.
    pub(crate) fn wait_for_birth(&self) -> io::Result<()> {
        loop {
            match recv(&self.socket, &mut [0], RecvFlags::PEEK) {
                Ok(_) | Err(Errno::CONNRESET) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reports all frames that have arrived, then `Gone` if the link is closed. Doesn't block.
    fn arrivals(&mut self, arrived: &mut impl FnMut(Arrival)) -> io::Result<()> {
        // Receiving creates the handles that arrive.
        let _making = spawn_lock::making();
        loop {
            match self
                .received
                .receive(self.socket.as_fd(), RecvFlags::DONTWAIT)
            {
                Ok(0) => {
                    arrived(Arrival::Gone);
                    return Ok(());
                }
                Ok(_) => {}
                Err(Errno::AGAIN) => return Ok(()),
                // A killed process left something unread in its socket.
                Err(Errno::CONNRESET) => {}
                Err(error) => return Err(error.into()),
            }
            while let Some(frame) = self.received.frame()? {
                // An empty frame only reports the start, which `wait_for_birth` waits for.
                if !frame.body.is_empty() {
                    arrived(Arrival::Frame(frame));
                }
            }
        }
    }
}

/// A process's end of its link.
#[derive(Debug)]
pub(crate) struct PeerLink {
    socket: UnixStream,
    received: ReceiveBuffer,
}

impl PeerLink {
    /// Takes the link from the standard input, which is empty afterwards.
    ///
    /// # Errors
    /// If duplicating the descriptor fails.
    pub(crate) fn from_stdin() -> io::Result<PeerLink> {
        let link = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
        let nothing = std::fs::File::open("/dev/null")?;
        rustix::stdio::dup2_stdin(&nothing)?;
        PeerLink::from_handle(link)
    }

    /// Reports that this process has started. Call it before sending anything else.
    pub(crate) fn say_alive(&mut self) {
        // If the harness is gone, the next send returns an error.
        let _ = send(&self.socket, &Frame::default());
    }

    /// Returns the link with this handle.
    ///
    /// # Errors
    /// Never on Unix.
    pub(crate) fn from_handle(handle: Handle) -> io::Result<PeerLink> {
        Ok(PeerLink {
            socket: handle.into(),
            received: ReceiveBuffer::default(),
        })
    }

    /// Duplicates this end. Only one of both may receive.
    ///
    /// # Errors
    /// If duplicating the descriptor fails.
    pub(crate) fn try_clone(&self) -> io::Result<PeerLink> {
        Ok(PeerLink {
            socket: self.socket.try_clone()?,
            received: ReceiveBuffer::default(),
        })
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// If the harness is gone.
    pub(crate) fn send(&mut self, frame: Frame) -> io::Result<()> {
        send(&self.socket, &frame)
    }

    /// Waits for a frame. Returns `None` if the harness is gone.
    ///
    /// # Errors
    /// If receiving fails.
    pub(crate) fn recv(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.received.frame()? {
                return Ok(Some(frame));
            }
            match self
                .received
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
pub(crate) struct HarnessLinks {
    links: Vec<Option<HarnessLink>>,
}

impl HarnessLinks {
    /// Watches these links, which are numbered in their order.
    ///
    /// # Errors
    /// Never on Unix.
    pub(crate) fn new(links: Vec<HarnessLink>) -> io::Result<HarnessLinks> {
        Ok(HarnessLinks {
            links: links.into_iter().map(Some).collect(),
        })
    }

    /// Returns the link with this number, or `None` once its process is gone.
    pub(crate) fn link(&mut self, number: usize) -> Option<&mut HarnessLink> {
        self.links[number].as_mut()
    }

    /// Waits until something arrives at any link, and returns everything that has arrived. Returns
    /// nothing if the deadline passes first. Reports each closed link once.
    ///
    /// # Errors
    /// If waiting or receiving fails.
    pub(crate) fn wait(&mut self, deadline: Option<Instant>) -> io::Result<Vec<(usize, Arrival)>> {
        let (numbers, mut fds): (Vec<usize>, Vec<PollFd<'_>>) = (self.links.iter().enumerate())
            .filter_map(|(n, link)| {
                Some((
                    n,
                    PollFd::from_borrowed_fd(link.as_ref()?.socket.as_fd(), PollFlags::IN),
                ))
            })
            .unzip();
        poll_until(&mut fds, deadline)?;
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

/// Received bytes and handles that don't make a whole frame yet.
#[derive(Debug, Default)]
struct ReceiveBuffer {
    bytes: Vec<u8>,
    handles: Vec<OwnedFd>,
}

impl ReceiveBuffer {
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
        // Of the handles for which this process has no free descriptor, the system has closed its copy.
        if received.flags.contains(ReturnFlags::CTRUNC) {
            return Err(Errno::MFILE);
        }
        self.bytes.extend_from_slice(&bytes[..received.bytes]);
        Ok(received.bytes)
    }

    fn frame(&mut self) -> io::Result<Option<Frame>> {
        let Some((header, _)) = self.bytes.split_first_chunk::<{ FrameHeader::LENGTH }>() else {
            return Ok(None);
        };
        let header = FrameHeader::from_bytes(*header)?;
        let length = FrameHeader::LENGTH + padding(header.handles) + header.body;
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

/// How many bytes stand between header and body: one for each batch of handles after the first,
/// because a message can't consist of handles alone.
fn padding(handles: usize) -> usize {
    handles.div_ceil(BATCH).saturating_sub(1)
}

fn send(socket: &UnixStream, frame: &Frame) -> io::Result<()> {
    let header = FrameHeader::of(frame).to_bytes();
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
