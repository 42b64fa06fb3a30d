//! A link is two anonymous pipes. Handles are duplicated into the other process, and their values are
//! sent with the message.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Instant;

use windows_sys::Win32::Foundation::{
    DUPLICATE_CLOSE_SOURCE, DUPLICATE_SAME_ACCESS, DuplicateHandle, HANDLE,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcess, PROCESS_DUP_HANDLE};

use super::frame::{Arrival, Frame, FrameHeader};
use crate::backend::Handle;

pub(super) fn pair() -> io::Result<(HarnessLink, Handle)> {
    let (from_harness, to_peer) = io::pipe()?;
    let (from_peer, to_harness) = io::pipe()?;
    let link = HarnessLink {
        to_peer: File::from(OwnedHandle::from(to_peer)),
        from_peer: Some(File::from(OwnedHandle::from(from_peer))),
        unbound: Some(Unbound {
            to_harness: to_harness.into(),
            frames: Vec::new(),
        }),
        process: None,
    };
    Ok((link, from_harness.into()))
}

/// The harness's end of a link.
#[derive(Debug)]
pub(crate) struct HarnessLink {
    to_peer: File,
    from_peer: Option<File>,
    /// What is sent when the process starts: handles can be duplicated only into a running process.
    unbound: Option<Unbound>,
    process: Option<OwnedHandle>,
}

#[derive(Debug)]
struct Unbound {
    /// The end that the process writes to, until it is duplicated into the process.
    to_harness: OwnedHandle,
    frames: Vec<Frame>,
}

impl HarnessLink {
    /// Sends a frame. Before the process starts, the frame is kept in this struct.
    ///
    /// # Errors
    /// If the process is gone.
    pub(crate) fn send(&mut self, frame: Frame) -> io::Result<()> {
        match (&mut self.unbound, &self.process) {
            (Some(unbound), _) => {
                unbound.frames.push(frame);
                Ok(())
            }
            (None, Some(process)) => send_to(&mut self.to_peer, process, frame),
            (None, None) => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Returns at once: on Windows a process that is being started holds none of our handles.
    ///
    /// # Errors
    /// Never on Windows.
    pub(crate) fn wait_for_birth(&self) -> io::Result<()> {
        Ok(())
    }

    /// Sets which process has the other end, and sends the frames that were kept for it.
    ///
    /// # Errors
    /// If there is no such process.
    pub(crate) fn bind(&mut self, process: u32) -> io::Result<()> {
        let Some(unbound) = self.unbound.take() else {
            return Ok(());
        };
        let process = open(process)?;
        let greeting = Frame {
            body: Vec::new(),
            handles: vec![unbound.to_harness],
        };
        for frame in std::iter::once(greeting).chain(unbound.frames) {
            send_to(&mut self.to_peer, &process, frame)?;
        }
        self.process = Some(process);
        Ok(())
    }

    /// Gives up a process that will never be started. Drops the frames that were kept for it, and the
    /// only handle that writes to this link, so that the link closes.
    pub(crate) fn abandon(&mut self) {
        self.unbound = None;
    }

    /// Moves the handles with these values from the process into this one.
    fn take_over(&self, values: Vec<u64>) -> io::Result<Vec<Handle>> {
        let process = self.process.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        values
            .into_iter()
            .map(|value| {
                let taken = duplicate(
                    process.as_raw_handle(),
                    value as RawHandle,
                    this_process(),
                    DUPLICATE_CLOSE_SOURCE,
                )?;
                Ok(owned(taken))
            })
            .collect()
    }
}

/// A process's end of its link.
#[derive(Debug)]
pub(crate) struct PeerLink {
    from_harness: File,
    to_harness: File,
}

impl PeerLink {
    /// Sends nothing: on Windows the harness doesn't wait for it.
    pub(crate) fn say_alive(&mut self) {}

    /// Takes the link from the standard input.
    ///
    /// # Errors
    /// If the standard input isn't a link.
    pub(crate) fn from_stdin() -> io::Result<PeerLink> {
        PeerLink::from_handle(io::stdin().as_handle().try_clone_to_owned()?)
    }

    /// Returns the link with this handle. Waits for the first frame, which brings the handle of the
    /// other direction.
    ///
    /// # Errors
    /// If the first frame is another one.
    pub(crate) fn from_handle(handle: Handle) -> io::Result<PeerLink> {
        let mut from_harness = File::from(handle);
        let (_, values) = read(&mut from_harness)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let to_harness = values.first().ok_or(io::ErrorKind::InvalidData)?;
        let to_harness = File::from(owned(*to_harness as RawHandle));
        Ok(PeerLink {
            from_harness,
            to_harness,
        })
    }

    /// Duplicates this end. Only one of both may receive.
    ///
    /// # Errors
    /// If duplicating the handles fails.
    pub(crate) fn try_clone(&self) -> io::Result<PeerLink> {
        Ok(PeerLink {
            from_harness: self.from_harness.try_clone()?,
            to_harness: self.to_harness.try_clone()?,
        })
    }

    /// Sends a frame. The harness moves the frame's handles into itself.
    ///
    /// # Errors
    /// If the harness is gone.
    pub(crate) fn send(&mut self, frame: Frame) -> io::Result<()> {
        let header = FrameHeader::of(&frame);
        let values: Vec<u64> = frame
            .handles
            .into_iter()
            .map(|handle| std::os::windows::io::IntoRawHandle::into_raw_handle(handle) as u64)
            .collect();
        write(&mut self.to_harness, header, &values, &frame.body)
    }

    /// Waits for a frame. Returns `None` if the harness is gone.
    ///
    /// # Errors
    /// If reading fails.
    pub(crate) fn recv(&mut self) -> io::Result<Option<Frame>> {
        Ok(read(&mut self.from_harness)?.map(|(body, values)| Frame {
            body,
            handles: values
                .into_iter()
                .map(|value| owned(value as RawHandle))
                .collect(),
        }))
    }
}

/// A frame's body and the values of its handles.
type RawFrame = (Vec<u8>, Vec<u64>);

/// The harness's ends of all links of a run. A thread reads from each.
#[derive(Debug)]
pub(crate) struct HarnessLinks {
    links: Vec<Option<HarnessLink>>,
    arrivals: Receiver<(usize, Option<RawFrame>)>,
}

impl HarnessLinks {
    /// Watches these links, which are numbered in their order.
    ///
    /// # Errors
    /// If a thread can't be started.
    pub(crate) fn new(mut links: Vec<HarnessLink>) -> io::Result<HarnessLinks> {
        let (sender, arrivals) = channel();
        for (number, link) in links.iter_mut().enumerate() {
            let Some(from_peer) = link.from_peer.take() else {
                continue;
            };
            let sender = sender.clone();
            std::thread::Builder::new().spawn(move || forward(number, from_peer, &sender))?;
        }
        Ok(HarnessLinks {
            links: links.into_iter().map(Some).collect(),
            arrivals,
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
    /// If moving handles into this process fails.
    pub(crate) fn wait(&mut self, deadline: Option<Instant>) -> io::Result<Vec<(usize, Arrival)>> {
        let first = match deadline {
            None => self.arrivals.recv().ok(),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                match self.arrivals.recv_timeout(left) {
                    Ok(arrival) => Some(arrival),
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
                }
            }
        };
        let raw: Vec<_> = first.into_iter().chain(self.arrivals.try_iter()).collect();
        raw.into_iter()
            .map(|(number, raw)| Ok((number, self.arrival(number, raw)?)))
            .collect()
    }

    fn arrival(&mut self, number: usize, raw: Option<RawFrame>) -> io::Result<Arrival> {
        let Some((body, values)) = raw else {
            self.links[number] = None;
            return Ok(Arrival::Gone);
        };
        let handles = match &self.links[number] {
            Some(link) if !values.is_empty() => link.take_over(values)?,
            _ => Vec::new(),
        };
        Ok(Arrival::Frame(Frame { body, handles }))
    }
}

fn forward(number: usize, mut from_peer: File, arrivals: &Sender<(usize, Option<RawFrame>)>) {
    while let Ok(Some(raw)) = read(&mut from_peer) {
        if arrivals.send((number, Some(raw))).is_err() {
            return;
        }
    }
    // If the run is over, no thread receives it, which is fine.
    let _ = arrivals.send((number, None));
}

fn read(pipe: &mut File) -> io::Result<Option<RawFrame>> {
    let mut header = [0; FrameHeader::LENGTH];
    match pipe.read_exact(&mut header) {
        Ok(()) => {}
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    let header = FrameHeader::from_bytes(header)?;
    let mut values = vec![0; header.handles * 8];
    pipe.read_exact(&mut values)?;
    let values = values
        .as_chunks::<8>()
        .0
        .iter()
        .map(|value| u64::from_le_bytes(*value))
        .collect();
    let mut body = vec![0; header.body];
    pipe.read_exact(&mut body)?;
    Ok(Some((body, values)))
}

fn write(pipe: &mut File, header: FrameHeader, values: &[u64], body: &[u8]) -> io::Result<()> {
    let mut bytes = header.to_bytes().to_vec();
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes.extend_from_slice(body);
    pipe.write_all(&bytes)
}

fn send_to(pipe: &mut File, process: &OwnedHandle, frame: Frame) -> io::Result<()> {
    let values = frame
        .handles
        .iter()
        .map(|handle| {
            duplicate(
                this_process(),
                handle.as_raw_handle(),
                process.as_raw_handle(),
                0,
            )
            .map(|value| value as u64)
        })
        .collect::<io::Result<Vec<u64>>>()?;
    write(pipe, FrameHeader::of(&frame), &values, &frame.body)
}

#[expect(
    unsafe_code,
    reason = "no safe crate duplicates handles between processes"
)]
fn duplicate(
    from: RawHandle,
    handle: RawHandle,
    to: RawHandle,
    options: u32,
) -> io::Result<RawHandle> {
    let mut value: HANDLE = std::ptr::null_mut();
    // SAFETY: both process handles are open, and `value` is valid to write to. An invalid `handle` is
    // an error, not undefined behaviour.
    let done = unsafe {
        DuplicateHandle(
            from,
            handle,
            to,
            &mut value,
            0,
            0,
            DUPLICATE_SAME_ACCESS | options,
        )
    };
    if done == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(value)
    }
}

#[expect(unsafe_code, reason = "handles arrive as numbers")]
fn owned(handle: RawHandle) -> OwnedHandle {
    // SAFETY: the system returned the value to this process as a new handle, and each value is passed
    // to this function once.
    unsafe { OwnedHandle::from_raw_handle(handle) }
}

#[expect(unsafe_code, reason = "no safe crate names this process")]
fn this_process() -> RawHandle {
    // SAFETY: the call takes nothing and returns a constant.
    unsafe { GetCurrentProcess() }
}

#[expect(unsafe_code, reason = "no safe crate opens a process by number")]
fn open(process: u32) -> io::Result<OwnedHandle> {
    // SAFETY: the call takes numbers, and returns null or a handle that we own.
    let handle = unsafe { OpenProcess(PROCESS_DUP_HANDLE, 0, process) };
    if handle.is_null() {
        Err(io::Error::last_os_error())
    } else {
        Ok(owned(handle))
    }
}
