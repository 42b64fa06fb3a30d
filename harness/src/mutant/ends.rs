//! A mutant's ends of queues and streams, and polling several of its ends.

use std::any::Any;

use super::acted;
use super::behavior::{EndBehavior, pause, report};
use super::fault::Fault;
use super::goodbye::GOODBYE;
use super::header::ParcelHeader;
use super::mutation::Mutation;
use super::pipe::MutantPipe;
use crate::backend::{Attached, Failure, QueueEnd, StreamEnd, Wait};
use crate::backends::ChunkSize;
use crate::backends::broker;
use crate::backends::counting::{Count, CountingEnd};

/// The sound end is there until `close`, which consumes the mutant's end too.
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

    fn send_rest(&mut self) {
        let Some(sound) = &mut self.sound else { return };
        // A failure has no caller to report to.
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
        self.send_rest();
        self.sound.take().expect(OPEN).close()
    }
}

/// Returns an end, sound or a mutant's, as one that counts, if its queue does.
pub(crate) fn counting(end: &mut dyn QueueEnd) -> Result<&mut dyn CountingEnd, Failure> {
    if !(&*end as &dyn Any).is::<MutantQueue>() {
        return broker::counting(end);
    }
    let mutant = (end as &mut dyn Any).downcast_mut::<MutantQueue>();
    Ok(mutant.expect("its type has been looked at"))
}

impl MutantQueue {
    fn counting(&mut self) -> Result<&mut dyn CountingEnd, Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        broker::counting(&mut **sound)
    }
}

impl CountingEnd for MutantQueue {
    fn task_done(&mut self) -> Result<(), Failure> {
        let done = self.counting()?.task_done();
        if done.is_err() && self.behavior.fault() == Fault::DoneTooOften {
            acted::note();
            return Ok(());
        }
        done
    }

    fn join(&mut self) -> Result<(), Failure> {
        if self.behavior.fault() == Fault::EarlyJoin {
            acted::note();
            return Ok(());
        }
        self.counting()?.join()
    }

    fn count(&mut self) -> Result<Count, Failure> {
        let mut count = self.counting()?.count()?;
        if self.behavior.fault() == Fault::Miscounted {
            acted::note();
            count.items += 1;
            count.is_full = false;
        }
        Ok(count)
    }
}

impl Drop for MutantQueue {
    fn drop(&mut self) {
        self.send_rest();
    }
}

/// A mutant's end of a stream. The bytes of one write count as one message.
pub(super) struct MutantStream {
    sound: Option<Box<dyn StreamEnd>>,
    behavior: EndBehavior,
    chunks: ChunkSize,
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
            chunks: if mutation.fault == Fault::Dribble {
                ChunkSize::tiny()
            } else {
                ChunkSize::whole()
            },
        }
    }

    fn write_rest(&mut self) {
        if let (Some(sound), Some(rest)) = (&mut self.sound, self.behavior.sending.rest()) {
            // A failure has no caller to report to.
            let _ = write_all(sound.as_mut(), &rest, Wait::Deadline);
        }
    }
}

impl StreamEnd for MutantStream {
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        if !self.behavior.sending.changes_messages() {
            pause(self.behavior.timing.before_put());
            let piece = self.chunks.next(bytes.len());
            let interruption = self.behavior.interruption();
            let written = sound.write(&bytes[..piece], wait);
            interruption.ends()?;
            pause(self.behavior.timing.after(&written, wait));
            return self.behavior.sending.result(written, piece, bytes);
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
        let piece = self.chunks.next(bytes.len());
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
            chunks: self.chunks.clone(),
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

/// Returns which of a mutant's ends have prefetched messages.
pub(super) fn have_prefetched(ends: &mut [&mut Attached]) -> Vec<bool> {
    let has_prefetched = |end: &mut &mut Attached| match end {
        Attached::Pipe(end) => own::<MutantPipe>(end.as_mut()).has_prefetched(),
        Attached::Queue(_) | Attached::Stream(_) | Attached::Endpoint(_) => false,
    };
    ends.iter_mut().map(has_prefetched).collect()
}

/// Calls `ask` with the sound ends of these ends of a mutant.
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
        Attached::Endpoint(_) => unreachable!("an endpoint can't be polled"),
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
        _ => unreachable!("a sound end goes back to the end that it came from"),
    }
}

fn own<T: Any>(end: &mut dyn Any) -> &mut T {
    end.downcast_mut().expect(OWN)
}
