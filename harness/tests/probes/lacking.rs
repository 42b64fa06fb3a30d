//! An end of a backend without one of its capabilities.

use std::any::Any;
use std::collections::VecDeque;
use std::ops::Range;
use std::{mem, thread};

use ipc_conformance::backend::{
    Attached, Capability, Failure, Outcome, PipeEnd, QueueEnd, StreamEnd, Wait,
};
use ipc_conformance::internals::supervisor::signal;

/// Longer than any system buffer of a reference backend.
const LONG: usize = 256 << 10;

/// An end of any channel kind.
pub(crate) struct Lacking {
    sound: Option<Attached>,
    lacks: Capability,
    /// Items that were put and aren't sent yet.
    held: Vec<Vec<u8>>,
    /// Items that were received and that no get has returned yet.
    buffered: VecDeque<Vec<u8>>,
    has_sent: bool,
}

impl Lacking {
    pub(crate) fn new(sound: Attached, lacks: Capability) -> Lacking {
        Lacking {
            sound: Some(sound),
            lacks,
            held: Vec::new(),
            buffered: VecDeque::new(),
            has_sent: false,
        }
    }

    pub(crate) fn attached(self) -> Attached {
        match &self.sound {
            Some(Attached::Queue(_)) => Attached::Queue(Box::new(self)),
            Some(Attached::Pipe(_)) => Attached::Pipe(Box::new(self)),
            _ => Attached::Stream(Box::new(self)),
        }
    }

    /// Returns the sound end inside such an end.
    pub(crate) fn of(end: &mut Attached) -> &mut Attached {
        let end: &mut dyn Any = match end {
            Attached::Queue(end) => end.as_mut(),
            Attached::Pipe(end) => end.as_mut(),
            Attached::Stream(end) => end.as_mut(),
            Attached::Endpoint(end) => end.as_mut(),
        };
        let this: &mut Lacking = end
            .downcast_mut()
            .expect("all ends in these tests are `Lacking`");
        this.sound()
    }

    fn sound(&mut self) -> &mut Attached {
        self.sound
            .as_mut()
            .expect("the end is present until the close")
    }

    /// Returns an error if the removed capability is requested.
    fn check(&self, capability: Capability, is_asked_for: bool) -> Result<(), Failure> {
        if self.lacks == capability && is_asked_for {
            return Err(Failure::refused(format!("no {capability}")));
        }
        Ok(())
    }

    fn check_wait(
        &self,
        wait: Wait,
        try_form: Capability,
        timed_form: Capability,
    ) -> Result<(), Failure> {
        self.check(try_form, wait == Wait::Never)?;
        self.check(timed_form, matches!(wait, Wait::For(_)))
    }

    /// Puts, sends or writes the bytes. Returns how many were accepted.
    fn send(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        self.check_wait(wait, Capability::TryPut, Capability::TimedPut)?;
        self.check(Capability::RoomWithoutConsumers, wait != Wait::Deadline)?;
        self.has_sent = true;
        let mut whole = bytes.to_vec();
        match self.lacks {
            Capability::ZeroLength if bytes.is_empty() => return Ok(0),
            // Drops a long item and reports success, instead of waiting for room.
            Capability::Backpressure if bytes.len() > LONG => return Ok(bytes.len()),
            // Joins two items.
            Capability::Boundaries if self.held.is_empty() => {
                self.held.push(whole);
                return Ok(bytes.len());
            }
            Capability::Boundaries => {
                whole = self.held.concat();
                whole.extend(bytes);
                self.held.clear();
            }
            // Sends the content at the time of sending, which is later.
            Capability::SnapshotAtPut => match self.held.pop() {
                None => {
                    self.held.push(whole);
                    return Ok(bytes.len());
                }
                Some(_) => self.held.push(whole.clone()),
            },
            // Sends the items of each producer when it has finished.
            Capability::Linearizable | Capability::Causal => {
                self.held.push(whole);
                return Ok(bytes.len());
            }
            _ => {}
        }
        match self.pass_on(&whole, wait) {
            // Drops an item that can't be encoded.
            Err(failure)
                if self.lacks == Capability::Encoding && failure.outcome == Outcome::Refused =>
            {
                Ok(bytes.len())
            }
            sent => sent,
        }
    }

    fn pass_on(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        match self.sound() {
            Attached::Queue(end) => {
                let done = end.put(bytes, wait);
                let gone = |failure: &Failure| failure.outcome == Outcome::Gone;
                let is_gone = done.as_ref().err().is_some_and(gone);
                self.check(Capability::GoneWithoutConsumers, is_gone)?;
                done?;
            }
            Attached::Pipe(end) => end.send(bytes, wait)?,
            Attached::Stream(end) => return end.write(bytes, wait),
            Attached::Endpoint(_) => return Err(Failure::refused("an endpoint takes no messages")),
        }
        Ok(bytes.len())
    }

    fn check_get(&self, wait: Wait) -> Result<(), Failure> {
        self.check_wait(wait, Capability::TryGet, Capability::TimedGet)?;
        if self.lacks == Capability::StrictEmpty && wait == Wait::Never {
            return Err(Failure::new(Outcome::Empty, "perhaps"));
        }
        Ok(())
    }

    /// Returns the result of a get. Hides end of stream, or fails after a signal, if that capability is removed.
    fn got<T>(&self, done: Result<T, Failure>) -> Result<T, Failure> {
        let is_end = |failure: &Failure| failure.outcome == Outcome::End;
        self.check(Capability::Signals, signal::handled() > 0)?;
        self.check(
            Capability::EndOnClose,
            done.as_ref().err().is_some_and(is_end),
        )?;
        done
    }

    fn shared(&self) -> Result<Lacking, Failure> {
        self.check(Capability::Threads, true)?;
        let sound = match self
            .sound
            .as_ref()
            .expect("the end is present until the close")
        {
            Attached::Queue(end) => Attached::Queue(end.share()?),
            Attached::Pipe(end) => Attached::Pipe(end.share()?),
            Attached::Stream(end) => Attached::Stream(end.share()?),
            Attached::Endpoint(_) => return Err(Failure::refused("an endpoint isn't shared")),
        };
        Ok(Lacking::new(sound, self.lacks))
    }

    /// Sends the items that were held back.
    fn release(&mut self) -> Result<(), Failure> {
        for bytes in mem::take(&mut self.held) {
            self.pass_on(&bytes, Wait::Deadline)?;
        }
        Ok(())
    }

    fn closed(mut self) -> Result<(), Failure> {
        self.release()?;
        match self.sound.take() {
            Some(Attached::Queue(end)) => end.close(),
            Some(Attached::Pipe(end)) => end.close(),
            Some(Attached::Stream(end)) => end.close(),
            Some(Attached::Endpoint(mut end)) => end.close(),
            None => Ok(()),
        }
    }

    fn polled(&mut self, wait: Wait) -> Result<(), Failure> {
        self.check(Capability::Poll, true)?;
        self.check_wait(wait, Capability::TryGet, Capability::TimedGet)?;
        match self.sound() {
            Attached::Pipe(end) => end.poll(wait),
            Attached::Stream(end) => end.poll(wait),
            Attached::Queue(_) | Attached::Endpoint(_) => Err(Failure::refused("it has no poll")),
        }
    }

    fn half_closed(&mut self) -> Result<(), Failure> {
        self.check(Capability::HalfClose, true)?;
        self.release()?;
        match self.sound() {
            Attached::Pipe(end) => end.half_close(),
            Attached::Stream(end) => end.half_close(),
            Attached::Queue(_) | Attached::Endpoint(_) => {
                Err(Failure::refused("it has no directions"))
            }
        }
    }
}

impl Drop for Lacking {
    fn drop(&mut self) {
        if self.sound.is_some() {
            // There is no caller left that could receive the error.
            let _ = self.release();
        }
        if self.lacks == Capability::FreeExit && self.has_sent {
            // It doesn't know when its items are received.
            loop {
                thread::park();
            }
        }
    }
}

impl QueueEnd for Lacking {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        self.send(item, wait).map(drop)
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        self.check_get(wait)?;
        if let Some(buffered) = self.buffered.pop_front() {
            *item = buffered;
            return Ok(());
        }
        let takes_more = self.lacks == Capability::SharedItems;
        let done = match self.sound.as_mut() {
            Some(Attached::Queue(end)) => {
                let done = end.get(item, wait);
                let mut more = Vec::new();
                while takes_more && done.is_ok() && end.get(&mut more, Wait::Never).is_ok() {
                    self.buffered.push_back(mem::take(&mut more));
                }
                done
            }
            _ => Err(Failure::refused("no queue")),
        };
        self.got(done)
    }

    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        Ok(Box::new(self.shared()?))
    }

    fn close(self: Box<Self>) -> Result<(), Failure> {
        (*self).closed()
    }
}

impl PipeEnd for Lacking {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        Lacking::send(self, message, wait).map(drop)
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        self.check_get(wait)?;
        let done = match self.sound() {
            Attached::Pipe(end) => end.recv(message, wait),
            _ => Err(Failure::refused("no pipe")),
        };
        self.got(done)
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        self.polled(wait)
    }

    fn raw(&mut self, length: Option<i64>, bytes: &[u8], part: Range<u64>) -> Result<(), Failure> {
        self.check(Capability::Raw, true)?;
        match self.sound() {
            Attached::Pipe(end) => end.raw(length, bytes, part),
            _ => Err(Failure::refused("no pipe")),
        }
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.half_closed()
    }

    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        Ok(Box::new(self.shared()?))
    }

    fn close(self: Box<Self>) -> Result<(), Failure> {
        (*self).closed()
    }
}

impl StreamEnd for Lacking {
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        self.send(bytes, wait)
    }

    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        self.check_get(wait)?;
        let done = match self.sound() {
            Attached::Stream(end) => end.read(bytes, wait),
            _ => Err(Failure::refused("no stream")),
        };
        self.got(done)
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        self.polled(wait)
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.half_closed()
    }

    fn share(&self) -> Result<Box<dyn StreamEnd>, Failure> {
        Ok(Box::new(self.shared()?))
    }

    fn close(self: Box<Self>) -> Result<(), Failure> {
        (*self).closed()
    }
}
