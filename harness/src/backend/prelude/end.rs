//! A process's end of a channel that closures use.

use std::sync::Arc;

use super::calls::Calls;
use crate::backend::{Failure, PipeEnd, QueueEnd, StreamEnd, Wait};

/// The halves of the library that a process has.
pub(super) struct SimpleEnd<T, R> {
    pub(super) tx: Option<T>,
    pub(super) rx: Option<R>,
    pub(super) calls: Arc<Calls<T, R>>,
}

impl<T, R> SimpleEnd<T, R> {
    fn put_message(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        self.calls.send(half(&mut self.tx)?, message, wait)
    }

    fn get_message(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        *message = self.calls.recv(half(&mut self.rx)?, wait)?;
        Ok(())
    }
}

fn half<H>(half: &mut Option<H>) -> Result<&mut H, Failure> {
    half.as_mut()
        .ok_or_else(|| Failure::refused("this end has only the other direction"))
}

impl<T: Send + 'static, R: Send + 'static> QueueEnd for SimpleEnd<T, R> {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        self.put_message(item, wait)
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        self.get_message(item, wait)
    }
}

impl<T: Send + 'static, R: Send + 'static> PipeEnd for SimpleEnd<T, R> {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        self.put_message(message, wait)
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        self.get_message(message, wait)
    }
}

impl<T: Send + 'static, R: Send + 'static> StreamEnd for SimpleEnd<T, R> {
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        self.calls.write(half(&mut self.tx)?, bytes, wait)
    }

    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        self.calls.read(half(&mut self.rx)?, bytes, wait)
    }
}
