//! An end of a stream: the bytes as they are.

use std::io::{self, ErrorKind, Read, Write};

use super::patience::gave_up;
use super::{Halves, write_failure};
use crate::backend::{Failure, StreamEnd};
use crate::plan::Wait;

pub(super) struct ByteEnd {
    halves: Halves,
}

impl ByteEnd {
    pub(super) fn new(halves: Halves) -> ByteEnd {
        ByteEnd { halves }
    }
}

impl StreamEnd for ByteEnd {
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        let to = self.halves.writer(wait)?;
        uninterrupted(|| to.write(bytes)).map_err(|error| write_failure(&error))
    }

    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        let mut from = self.halves.reader(wait)?;
        match uninterrupted(|| from.read(bytes)) {
            Ok(0) if !bytes.is_empty() => Err(Failure::end()),
            Ok(count) => Ok(count),
            Err(error) => Err(read_failure(error, wait)),
        }
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let from = self.halves.reader(wait)?;
        from.poll().map_err(|error| read_failure(error, wait))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.halves.close_writer()
    }
}

fn read_failure(error: io::Error, wait: Wait) -> Failure {
    gave_up(&error, wait).unwrap_or_else(|| error.into())
}

/// Calls again as long as a signal gets in between.
fn uninterrupted(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
