//! An end of a stream: the bytes as they are.

use std::io::{self, ErrorKind, Read, Write};

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
        let from = self.halves.reader(wait)?;
        match uninterrupted(|| from.read(bytes))? {
            0 if !bytes.is_empty() => Err(Failure::end()),
            count => Ok(count),
        }
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.halves.close_writer()
    }
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
