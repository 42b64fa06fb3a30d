//! An end of a stream: the bytes as they are.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard};

use super::patience::gave_up;
use super::{Halves, Inlet, Outlet, turn, write_failure};
use crate::backend::{Failure, StreamEnd};
use crate::plan::Wait;

pub(super) struct ByteEnd {
    outlet: Arc<Mutex<Outlet>>,
    inlet: Arc<Mutex<Inlet>>,
}

impl ByteEnd {
    pub(super) fn new(halves: Halves) -> ByteEnd {
        ByteEnd {
            outlet: Arc::new(Mutex::new(halves.outlet)),
            inlet: Arc::new(Mutex::new(halves.inlet)),
        }
    }

    pub(super) fn inlet(&self) -> MutexGuard<'_, Inlet> {
        turn(&self.inlet)
    }
}

impl StreamEnd for ByteEnd {
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        let mut outlet = turn(&self.outlet);
        let to = outlet.writer(wait)?;
        uninterrupted(|| to.write(bytes)).map_err(|error| write_failure(&error))
    }

    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        let mut inlet = self.inlet();
        let mut from = inlet.reader(wait)?;
        match uninterrupted(|| from.read(bytes)) {
            Ok(0) if !bytes.is_empty() => Err(Failure::end()),
            Ok(count) => Ok(count),
            Err(error) => Err(read_failure(error, wait)),
        }
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let mut inlet = self.inlet();
        let from = inlet.reader(wait)?;
        from.poll().map_err(|error| read_failure(error, wait))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        turn(&self.outlet).close()
    }

    fn share(&self) -> Result<Box<dyn StreamEnd>, Failure> {
        Ok(Box::new(ByteEnd {
            outlet: Arc::clone(&self.outlet),
            inlet: Arc::clone(&self.inlet),
        }))
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
