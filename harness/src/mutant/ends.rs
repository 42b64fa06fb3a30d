//! Ends of queues and streams that do as their fault says, and all ends of a mutant at once.

use std::any::Any;

use super::behavior::{EndBehavior, pause, report};
use super::fault::Fault;
use super::goodbye::GOODBYE;
use super::header::ParcelHeader;
use super::mutation::Mutation;
use super::pipe::MutantPipe;
use crate::backend::{Attached, Failure, QueueEnd, StreamEnd, Wait};
use crate::backends::transport::chunks::ChunkSize;

/// Only `close` takes the sound end, and the mutant's with it.
const OPEN: &str = "an end in use is open";

/// A mutant's end of a queue.
pub(super) struct MutantQueue {
    sound: Option<Box<dyn QueueEnd>>,
    behavior: EndBehavior,
}

impl MutantQueue {
    pub(super) fn new(
        sound: Box<dyn QueueEnd>,
        mutation: Mutation,
        header: &ParcelHeader,
    ) -> MutantQueue {
        MutantQueue {
            sound: Some(sound),
            behavior: EndBehavior::new(mutation, header),
        }
    }

    fn say_the_last(&mut self) {
        let Some(sound) = &mut self.sound else { return };
        // Nobody can be told any more whether this worked.
        if let Some(rest) = self.behavior.sending.rest() {
            let _ = sound.put(&rest, Wait::Deadline);
        }
        if self.behavior.fault().wants_goodbyes() {
            let _ = sound.put(GOODBYE, Wait::Never);
        }
    }
}

impl QueueEnd for MutantQueue {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.behavior
            .put(item, wait, |item, wait| sound.put(item, wait))
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        if let Some(again) = self.behavior.receiving.again() {
            *item = again;
            return Ok(());
        }
        let sound = self.sound.as_mut().expect(OPEN);
        self.behavior.get(wait, |wait| sound.get(item, wait))?;
        self.behavior.receiving.took(item);
        Ok(())
    }

    fn share(&self) -> Result<Box<dyn QueueEnd>, Failure> {
        let sound = self.sound.as_ref().expect(OPEN).share()?;
        Ok(Box::new(MutantQueue {
            sound: Some(sound),
            behavior: self.behavior.shared(),
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
    behavior: EndBehavior,
    pieces: ChunkSize,
}

impl MutantStream {
    pub(super) fn new(
        sound: Box<dyn StreamEnd>,
        mutation: Mutation,
        header: &ParcelHeader,
    ) -> MutantStream {
        MutantStream {
            sound: Some(sound),
            behavior: EndBehavior::new(mutation, header),
            pieces: if mutation.fault == Fault::Dribble {
                ChunkSize::tiny()
            } else {
                ChunkSize::whole()
            },
        }
    }

    fn write_rest(&mut self) {
        if let (Some(sound), Some(rest)) = (&mut self.sound, self.behavior.sending.rest()) {
            // Nobody can be told any more whether this worked.
            let _ = write_all(sound.as_mut(), &rest, Wait::Deadline);
        }
    }
}

impl StreamEnd for MutantStream {
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        if !self.behavior.sending.changes_messages() {
            pause(self.behavior.timing.before_put());
            let piece = self.pieces.next(bytes.len());
            let written = sound.write(&bytes[..piece], wait);
            pause(self.behavior.timing.behind(&written, wait));
            return self.behavior.sending.told(written, piece, bytes);
        }
        self.behavior.put(bytes, wait, |bytes, wait| {
            write_all(sound.as_mut(), bytes, wait)
        })?;
        Ok(bytes.len())
    }

    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        if let Some(deaf) = self.behavior.receiving.deaf(wait) {
            return report(deaf).map(|()| 0);
        }
        if let Some(again) = self.behavior.receiving.again() {
            let count = again.len().min(bytes.len());
            bytes[..count].copy_from_slice(&again[..count]);
            return Ok(count);
        }
        let sound = self.sound.as_mut().expect(OPEN);
        let piece = self.pieces.next(bytes.len());
        let count = (self.behavior).get(wait, |wait| sound.read(&mut bytes[..piece], wait))?;
        self.behavior.receiving.took(&bytes[..count]);
        Ok(count)
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.behavior.poll(wait, |wait| sound.poll(wait))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.write_rest();
        if self.behavior.receiving.goes_deaf() {
            return self.sound.take().expect(OPEN).close();
        }
        self.sound.as_mut().expect(OPEN).half_close()
    }

    fn share(&self) -> Result<Box<dyn StreamEnd>, Failure> {
        let sound = self.sound.as_ref().expect(OPEN).share()?;
        Ok(Box::new(MutantStream {
            sound: Some(sound),
            behavior: self.behavior.shared(),
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
pub(super) fn have_prefetched(ends: &mut [&mut Attached]) -> Vec<bool> {
    let has_prefetched = |end: &mut &mut Attached| match end {
        Attached::Pipe(end) => own::<MutantPipe>(end.as_mut()).has_prefetched(),
        Attached::Queue(_) | Attached::Stream(_) | Attached::Endpoint(_) => false,
    };
    ends.iter_mut().map(has_prefetched).collect()
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
