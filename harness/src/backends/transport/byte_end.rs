//! An end of a stream.

use std::io::{self, ErrorKind, Read};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use super::bytes::{read_failure, write_failure};
use super::half::{ReadHalf, WriteHalf, lock};
use super::timed_source::TimedSource;
use crate::backend::{Failure, StreamEnd, Wait};

#[derive(Clone)]
pub(super) struct ByteEnd {
    from: Arc<Mutex<ReadHalf>>,
    to: Arc<Mutex<WriteHalf>>,
}

impl ByteEnd {
    pub(super) fn new(from: ReadHalf, to: WriteHalf) -> ByteEnd {
        ByteEnd {
            from: Arc::new(Mutex::new(from)),
            to: Arc::new(Mutex::new(to)),
        }
    }

    pub(super) fn reading(&self) -> MutexGuard<'_, ReadHalf> {
        lock(&self.from)
    }
}

impl StreamEnd for ByteEnd {
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        let mut to = lock(&self.to);
        let to = to.get()?;
        let begun = Instant::now();
        let left = || Some(wait.limit()?.saturating_sub(begun.elapsed()));
        uninterrupted(|| to.write(bytes, left())).map_err(|error| write_failure(&error, wait))
    }

    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        let mut from = self.reading();
        let mut from = TimedSource::new(from.get()?.as_mut(), wait);
        match uninterrupted(|| from.read(bytes)) {
            Ok(0) if !bytes.is_empty() => Err(Failure::end()),
            Ok(count) => Ok(count),
            Err(error) => Err(read_failure(error, wait)),
        }
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let mut from = self.reading();
        TimedSource::new(from.get()?.as_mut(), wait)
            .poll()
            .map_err(|error| read_failure(error, wait))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        lock(&self.to).half_close()
    }

    fn share(&self) -> Result<Box<dyn StreamEnd>, Failure> {
        Ok(Box::new(self.clone()))
    }
}

/// Calls again while a signal interrupts the call.
fn uninterrupted(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
