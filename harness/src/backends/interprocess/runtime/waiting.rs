//! A runtime, and waiting for a future in it.

use std::io::{self, ErrorKind};
use std::time::Duration;

use tokio::runtime::{Builder, EnterGuard};
use tokio::time::timeout;

/// The resolution of Tokio's clock.
const TICK: Duration = Duration::from_millis(1);

/// Runs operations. Several threads can wait in it at once.
#[derive(Debug)]
pub(crate) enum Runtime {
    /// The runtime of one end. It is dropped after the end, and then waits for operations on other threads.
    Own(tokio::runtime::Runtime),
    /// The runtime of all ends of the process, until it exits.
    #[cfg_attr(
        unix,
        expect(
            dead_code,
            reason = "on Unix no operation continues while no thread waits"
        )
    )]
    Shared(&'static tokio::runtime::Runtime),
}

impl Runtime {
    /// Returns a runtime for one end.
    pub(crate) fn new() -> io::Result<Runtime> {
        let mut runtime = Builder::new_current_thread();
        Ok(Runtime::Own(runtime.enable_io().enable_time().build()?))
    }

    fn get(&self) -> &tokio::runtime::Runtime {
        match self {
            Runtime::Own(runtime) => runtime,
            Runtime::Shared(runtime) => runtime,
        }
    }

    /// Enters the runtime, so that the library makes a handle for it.
    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.get().enter()
    }

    /// Waits for an operation no longer than `within`, and then drops it; `None` waits without limit.
    ///
    /// The runtime learns whether a handle is ready only while it waits. So a try form waits too, for the
    /// shortest possible time.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] if the operation was dropped, else the library's error.
    pub(crate) fn complete<T>(
        &self,
        operation: impl Future<Output = io::Result<T>>,
        within: Option<Duration>,
    ) -> io::Result<T> {
        self.get().block_on(async {
            let Some(within) = within else {
                return operation.await;
            };
            timeout(within.max(TICK), operation)
                .await
                .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
        })
    }
}
