//! Ends of queues and streams that do as their fault says, and all ends of a mutant at once.

use std::any::Any;

use super::goodbye::GOODBYE;
use super::header::ParcelHeader;
use super::manner::{Manner, pause, report};
use super::pipe::MutantPipe;
use super::{Fault, Mutation};
use crate::backend::{Attached, Failure, QueueEnd, StreamEnd, Wait};
use crate::backends::transport::pieces::Pieces;

/// Only `close` takes the sound end, and the mutant's with it.
const OPEN: &str = "an end in use is open";

/// A mutant's end of a queue.
pub(super) struct MutantQueue {
    sound: Option<Box<dyn QueueEnd>>,
    manner: Manner,
}

impl MutantQueue {
    pub(super) fn new(
        sound: Box<dyn QueueEnd>,
        mutation: Mutation,
        header: &ParcelHeader,
    ) -> MutantQueue {
        MutantQueue {
            sound: Some(sound),
            manner: Manner::new(mutation, header),
        }
    }

    fn say_the_last(&mut self) {
        let Some(sound) = &mut self.sound else { return };
        // Nobody can be told any more whether this worked.
        if let Some(rest) = self.manner.sending.rest() {
            let _ = sound.put(&rest, Wait::Deadline);
        }
        if self.manner.fault().wants_goodbyes() {
            let _ = sound.put(GOODBYE, Wait::Never);
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
        if let Some(again) = self.manner.receiving.again() {
            *item = again;
            return Ok(());
        }
        let sound = self.sound.as_mut().expect(OPEN);
        self.manner.get(wait, |wait| sound.get(item, wait))?;
        self.manner.receiving.took(item);
        Ok(())
    }

    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        let sound = self.sound.as_ref().expect(OPEN).share()?;
        Ok(Box::new(MutantQueue {
            sound: Some(sound),
            manner: self.manner.shared(),
        }))
    }

    fn close(mut self: Box<Self>) -> Result<(), Failure> {
        self.say_the_last();
        self.sound.take().expect(OPEN).close()
    }
}

impl Drop for MutantQueue {
    fn drop(&mut self) {
        self.say_the_last();
    }
}

/// A mutant's end of a stream. What counts as one message is what one write is asked to write.
pub(super) struct MutantStream {
    sound: Option<Box<dyn StreamEnd>>,
    manner: Manner,
    pieces: Pieces,
}

impl MutantStream {
    pub(super) fn new(
        sound: Box<dyn StreamEnd>,
        mutation: Mutation,
        header: &ParcelHeader,
    ) -> MutantStream {
        MutantStream {
            sound: Some(sound),
            manner: Manner::new(mutation, header),
            pieces: if mutation.fault == Fault::Dribble {
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
            return self.manner.sending.told(written, piece, bytes);
        }
        self.manner.put(bytes, wait, |bytes, wait| {
            write_all(sound.as_mut(), bytes, wait)
        })?;
        Ok(bytes.len())
    }

    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        if let Some(deaf) = self.manner.receiving.deaf(wait) {
            return report(deaf).map(|()| 0);
        }
        if let Some(again) = self.manner.receiving.again() {
            let count = again.len().min(bytes.len());
            bytes[..count].copy_from_slice(&again[..count]);
            return Ok(count);
        }
        let sound = self.sound.as_mut().expect(OPEN);
        let piece = self.pieces.next(bytes.len());
        let count = (self.manner).get(wait, |wait| sound.read(&mut bytes[..piece], wait))?;
        self.manner.receiving.took(&bytes[..count]);
        Ok(count)
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.manner.poll(wait, |wait| sound.poll(wait))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.write_rest();
        if self.manner.receiving.goes_deaf() {
            return self.sound.take().expect(OPEN).close();
        }
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

/// Which of a mutant's ends have received something that nobody has asked for yet.
pub(super) fn in_stock(ends: &mut [&mut Attached]) -> Vec<bool> {
    let has_stock = |end: &mut &mut Attached| match end {
        Attached::Pipe(end) => own::<MutantPipe>(end.as_mut()).has_stock(),
        Attached::Queue(_) | Attached::Stream(_) | Attached::Endpoint(_) => false,
    };
    ends.iter_mut().map(has_stock).collect()
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
