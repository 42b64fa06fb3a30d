//! Ends that do as their fault says.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::Fault;
use super::grant::Grant;
use super::receiving::{Receiving, Report};
use super::sending::Sending;
use super::timing::Timing;
use crate::backend::transport::pieces::Pieces;
use crate::backend::{Attached, Failure, PipeEnd, QueueEnd, StreamEnd};
use crate::plan::Wait;

/// Only `close` takes the sound end, and the mutant's with it.
const OPEN: &str = "an end in use is open";

/// What one end has to do beside its work.
struct Manner {
    fault: Fault,
    grant: Grant,
    /// Held by whichever thread uses the end, where only one may.
    turn: Option<Arc<Mutex<()>>>,
    sending: Sending,
    receiving: Receiving,
    timing: Timing,
}

impl Manner {
    fn new(fault: Fault, grant: &Grant) -> Manner {
        Manner {
            fault,
            grant: *grant,
            turn: (fault == Fault::OneAtATime).then(Arc::default),
            sending: Sending::new(fault),
            receiving: Receiving::new(fault),
            timing: Timing::new(fault, grant),
        }
    }

    /// What the same end has to do on another thread.
    fn shared(&self) -> Manner {
        Manner {
            turn: self.turn.clone(),
            ..Manner::new(self.fault, &self.grant)
        }
    }

    /// Sends whatever there is to send in place of `message`; only the first of it can fail.
    fn put(
        &mut self,
        message: &[u8],
        wait: Wait,
        mut put: impl FnMut(&[u8], Wait) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let _turn = turn(&self.turn);
        pause(self.timing.before_put());
        if let Some(failure) = self.sending.at_once(wait) {
            return Err(failure);
        }
        let asked = self.timing.asked(wait);
        let outgoing = self.sending.instead(message);
        let mut result = Ok(());
        for (place, message) in outgoing.iter().enumerate() {
            let sent = put(message, asked);
            if place == 0 {
                result = sent;
            }
        }
        if self.timing.keeps(&result, wait) {
            block_for_ever();
        }
        pause(self.timing.behind(&result, wait));
        self.sending.told(result, ())
    }

    fn get<T>(
        &mut self,
        wait: Wait,
        get: impl FnOnce(Wait) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let _turn = turn(&self.turn);
        pause(self.timing.before_get());
        if let Some(failure) = self.receiving.at_once(wait) {
            return Err(failure);
        }
        let got = get(self.timing.asked(wait));
        pause(self.timing.behind(&got, wait));
        match self
            .receiving
            .instead(got.as_ref().map(drop).map_err(Failure::clone), wait)
        {
            Report::Now(Ok(())) => got,
            Report::Now(Err(failure)) => Err(failure),
            Report::After(time, failure) => {
                pause(time);
                Err(failure)
            }
            Report::Never => block_for_ever(),
        }
    }

    fn poll(
        &mut self,
        wait: Wait,
        poll: impl FnOnce(Wait) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        pause(self.timing.before_get());
        let result = poll(self.timing.asked(wait));
        pause(self.timing.behind(&result, wait));
        self.receiving.of_poll(result)
    }
}

fn turn(turn: &Option<Arc<Mutex<()>>>) -> Option<MutexGuard<'_, ()>> {
    let turn = turn.as_ref()?.lock();
    Some(turn.unwrap_or_else(PoisonError::into_inner))
}

fn pause(time: Duration) {
    if !time.is_zero() {
        thread::sleep(time);
    }
}

fn block_for_ever() -> ! {
    loop {
        thread::park();
    }
}

/// A mutant's end of a queue.
pub(super) struct MutantQueue {
    sound: Option<Box<dyn QueueEnd>>,
    manner: Manner,
}

impl MutantQueue {
    pub(super) fn new(sound: Box<dyn QueueEnd>, fault: Fault, grant: &Grant) -> MutantQueue {
        MutantQueue {
            sound: Some(sound),
            manner: Manner::new(fault, grant),
        }
    }

    fn put_rest(&mut self) {
        if let (Some(sound), Some(rest)) = (&mut self.sound, self.manner.sending.rest()) {
            // Nobody can be told any more whether this worked.
            let _ = sound.put(&rest, Wait::Deadline);
        }
    }
}

impl QueueEnd for MutantQueue {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.manner
            .put(item, wait, |item, wait| sound.put(item, wait))
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.manner.get(wait, |wait| sound.get(item, wait))
    }

    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        let sound = self.sound.as_ref().expect(OPEN).share()?;
        Ok(Box::new(MutantQueue {
            sound: Some(sound),
            manner: self.manner.shared(),
        }))
    }

    fn close(mut self: Box<Self>) -> Result<(), Failure> {
        self.put_rest();
        self.sound.take().expect(OPEN).close()
    }
}

impl Drop for MutantQueue {
    fn drop(&mut self) {
        self.put_rest();
    }
}

/// A mutant's end of a pipe.
pub(super) struct MutantPipe {
    sound: Option<Box<dyn PipeEnd>>,
    manner: Manner,
}

impl MutantPipe {
    pub(super) fn new(sound: Box<dyn PipeEnd>, fault: Fault, grant: &Grant) -> MutantPipe {
        MutantPipe {
            sound: Some(sound),
            manner: Manner::new(fault, grant),
        }
    }

    fn send_rest(&mut self) {
        if let (Some(sound), Some(rest)) = (&mut self.sound, self.manner.sending.rest()) {
            // Nobody can be told any more whether this worked.
            let _ = sound.send(&rest, Wait::Deadline);
        }
    }
}

impl PipeEnd for MutantPipe {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.manner
            .put(message, wait, |message, wait| sound.send(message, wait))
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        if let Some(echo) = self.manner.sending.echo() {
            *message = echo;
            return Ok(());
        }
        let sound = self.sound.as_mut().expect(OPEN);
        self.manner.get(wait, |wait| sound.recv(message, wait))
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.manner.poll(wait, |wait| sound.poll(wait))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.send_rest();
        self.sound.as_mut().expect(OPEN).half_close()
    }

    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        let sound = self.sound.as_ref().expect(OPEN).share()?;
        Ok(Box::new(MutantPipe {
            sound: Some(sound),
            manner: self.manner.shared(),
        }))
    }

    fn close(mut self: Box<Self>) -> Result<(), Failure> {
        self.send_rest();
        self.sound.take().expect(OPEN).close()
    }
}

impl Drop for MutantPipe {
    fn drop(&mut self) {
        self.send_rest();
    }
}

/// A mutant's end of a stream. What counts as one message is what one write is asked to write.
pub(super) struct MutantStream {
    sound: Option<Box<dyn StreamEnd>>,
    manner: Manner,
    pieces: Pieces,
}

impl MutantStream {
    pub(super) fn new(sound: Box<dyn StreamEnd>, fault: Fault, grant: &Grant) -> MutantStream {
        MutantStream {
            sound: Some(sound),
            manner: Manner::new(fault, grant),
            pieces: if fault == Fault::Dribble {
                Pieces::tiny()
            } else {
                Pieces::whole()
            },
        }
    }

    fn write_rest(&mut self) {
        if let (Some(sound), Some(rest)) = (&mut self.sound, self.manner.sending.rest()) {
            // Nobody can be told any more whether this worked.
            let _ = write_all(sound.as_mut(), &rest, Wait::Deadline);
        }
    }
}

impl StreamEnd for MutantStream {
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        if !self.manner.sending.changes_messages() {
            pause(self.manner.timing.before_put());
            let piece = self.pieces.next(bytes.len());
            let written = sound.write(&bytes[..piece], wait);
            pause(self.manner.timing.behind(&written, wait));
            return self.manner.sending.told(written, piece);
        }
        self.manner.put(bytes, wait, |bytes, wait| {
            write_all(sound.as_mut(), bytes, wait)
        })?;
        Ok(bytes.len())
    }

    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        let piece = self.pieces.next(bytes.len());
        self.manner
            .get(wait, |wait| sound.read(&mut bytes[..piece], wait))
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.manner.poll(wait, |wait| sound.poll(wait))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.write_rest();
        self.sound.as_mut().expect(OPEN).half_close()
    }

    fn share(&self) -> Result<Box<dyn StreamEnd>, Failure> {
        let sound = self.sound.as_ref().expect(OPEN).share()?;
        Ok(Box::new(MutantStream {
            sound: Some(sound),
            manner: self.manner.shared(),
            pieces: self.pieces.clone(),
        }))
    }

    fn close(mut self: Box<Self>) -> Result<(), Failure> {
        self.write_rest();
        self.sound.take().expect(OPEN).close()
    }
}

impl Drop for MutantStream {
    fn drop(&mut self) {
        self.write_rest();
    }
}

fn write_all(to: &mut dyn StreamEnd, mut bytes: &[u8], wait: Wait) -> Result<(), Failure> {
    while !bytes.is_empty() {
        let written = to.write(bytes, wait)?;
        bytes = &bytes[written..];
    }
    Ok(())
}

/// The sound ends of a mutant's, for as long as the sound backend asks all of them at once.
pub(super) fn with_sound<T>(
    ends: &mut [&mut Attached],
    ask: impl FnOnce(&mut [&mut Attached]) -> T,
) -> T {
    let mut sound: Vec<Attached> = ends.iter_mut().map(|end| take_sound(end)).collect();
    let result = ask(&mut sound.iter_mut().collect::<Vec<_>>());
    for (end, sound) in ends.iter_mut().zip(sound) {
        put_back(end, sound);
    }
    result
}

/// What only a mutant's own ends are asked.
const OWN: &str = "a mutant attaches mutants";

fn take_sound(end: &mut Attached) -> Attached {
    match end {
        Attached::Queue(end) => {
            Attached::Queue(own::<MutantQueue>(end.as_mut()).sound.take().expect(OPEN))
        }
        Attached::Pipe(end) => {
            Attached::Pipe(own::<MutantPipe>(end.as_mut()).sound.take().expect(OPEN))
        }
        Attached::Stream(end) => {
            Attached::Stream(own::<MutantStream>(end.as_mut()).sound.take().expect(OPEN))
        }
        Attached::Endpoint(_) => unreachable!("an endpoint is not asked whether it is ready"),
    }
}

fn put_back(end: &mut Attached, sound: Attached) {
    match (end, sound) {
        (Attached::Queue(end), Attached::Queue(sound)) => {
            own::<MutantQueue>(end.as_mut()).sound = Some(sound)
        }
        (Attached::Pipe(end), Attached::Pipe(sound)) => {
            own::<MutantPipe>(end.as_mut()).sound = Some(sound)
        }
        (Attached::Stream(end), Attached::Stream(sound)) => {
            own::<MutantStream>(end.as_mut()).sound = Some(sound)
        }
        _ => unreachable!("what was taken from an end is of its kind"),
    }
}

fn own<T: Any>(end: &mut dyn Any) -> &mut T {
    end.downcast_mut().expect(OWN)
}
