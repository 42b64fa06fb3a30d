//! A thread of the harness on which a run depends: one that reads or writes for it.
//!
//! On a busy machine such a thread may wait for a processor for seconds. What it has to pass on has happened
//! by then, so a run whose thread is busy doesn't stand still.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

/// A thread that was started and is never joined.
#[derive(Debug)]
pub(crate) struct ServiceThread {
    /// The system's number of the thread; 0 until it runs.
    number: Arc<AtomicU32>,
}

impl ServiceThread {
    /// Starts a thread that does this.
    ///
    /// # Errors
    /// If the system can't start any more.
    pub(crate) fn begin(run: impl FnOnce() + Send + 'static) -> io::Result<ServiceThread> {
        let number = Arc::new(AtomicU32::new(0));
        let known = Arc::clone(&number);
        thread::Builder::new().spawn(move || {
            known.store(system::number(), Ordering::Relaxed);
            run();
        })?;
        Ok(ServiceThread { number })
    }

    /// Whether it uses a processor or waits for one. Returns `false` on systems that don't tell.
    pub(crate) fn is_busy(&self) -> bool {
        system::is_busy(self.number.load(Ordering::Relaxed))
    }
}
