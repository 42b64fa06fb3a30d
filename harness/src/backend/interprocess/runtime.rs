//! What runs the library's futures: a runtime of Tokio for each end, on the thread that waits.
//!
//! It starts no thread by itself. On Unix neither do the futures of this library; on Windows those
//! of unnamed pipes block on threads of the runtime's, and whatever was written and not read when
//! its end is dropped waits on one of the library's.

use std::io::{self, ErrorKind};
use std::time::Duration;

use tokio::runtime::{Builder, EnterGuard};
use tokio::time::timeout;

/// The least time that Tokio's clock can tell.
const TICK: Duration = Duration::from_millis(1);

/// A runtime of one thread: whoever waits. Others may wait in it at once.
#[derive(Debug)]
pub(super) struct Runtime(tokio::runtime::Runtime);

impl Runtime {
    pub(super) fn new() -> io::Result<Runtime> {
        let mut runtime = Builder::new_current_thread();
        Ok(Runtime(runtime.enable_io().enable_time().build()?))
    }

    /// Held while the library makes something that is to be used in this runtime.
    pub(super) fn enter(&self) -> EnterGuard<'_> {
        self.0.enter()
    }

    /// Waits for an operation no longer than this, and then drops it; none waits for ever.
    ///
    /// Whether something is there the runtime learns while it waits, so a try form waits too, for
    /// as short as can be.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] where it was dropped; else what the library says.
    pub(super) fn complete<T>(
        &self,
        operation: impl Future<Output = io::Result<T>>,
        within: Option<Duration>,
    ) -> io::Result<T> {
        self.0.block_on(async {
            let Some(within) = within else {
                return operation.await;
            };
            timeout(within.max(TICK), operation)
                .await
                .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
        })
    }
}
