//! Waiting for futures.

use std::io::{self, ErrorKind};
use std::time::Duration;

use tokio::runtime::{Builder, EnterGuard};
use tokio::time::timeout;

/// The least time that Tokio's clock can tell.
const TICK: Duration = Duration::from_millis(1);

/// Where operations are waited for, by several threads at once if they like.
#[derive(Debug)]
pub(crate) enum Runtime {
    /// One end's. It is dropped behind that, and waits then for what it began on other threads.
    Own(tokio::runtime::Runtime),
    /// All of the process's, to its end.
    #[cfg_attr(
        unix,
        expect(dead_code, reason = "nothing goes on here when nobody waits")
    )]
    Shared(&'static tokio::runtime::Runtime),
}

impl Runtime {
    /// One for one end.
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

    /// Held while the library makes something that is to be used in this runtime.
    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.get().enter()
    }

    /// Waits for an operation no longer than this, and then drops it; none waits for ever.
    ///
    /// Whether something is there the runtime learns while it waits, so a try form waits too, for
    /// as short as can be.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] where it was dropped; else what the library says.
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
