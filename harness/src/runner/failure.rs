//! Why a run has no history.

use std::fmt::Display;
use std::io;

use crate::backend::Failure;
use crate::os::shortage::Shortage;

/// Why a run has no history.
#[derive(Debug, thiserror::Error)]
pub enum RunFailure {
    /// The user interrupted it.
    #[error("interrupted")]
    Interrupted,
    /// The adapter says that it doesn't support the plan.
    #[error("{0}")]
    Unsupported(String),
    /// The adapter failed, or broke the protocol; or the backend failed before any operation.
    #[error("{0}")]
    Adapter(String),
    /// The machine kept its processes from running for so long that it shows nothing.
    #[error("{0}")]
    TooSlow(String),
    /// The machine ran out of something that the run needs: the harness, a process, a helper or an adapter.
    #[error("{0}")]
    Machine(String),
    /// The harness failed.
    #[error("{0}")]
    Trouble(String),
}

impl RunFailure {
    /// Returns the failure of an adapter, which is the machine's if the adapter says that something
    /// ran out.
    pub(super) fn of_adapter(why: String) -> RunFailure {
        match Shortage::in_text_of_start(&why) {
            None => RunFailure::Adapter(why),
            Some((shortage, line)) => RunFailure::Machine(shortage.sentence(line)),
        }
    }

    fn of(what: String, shortage: Option<Shortage>) -> RunFailure {
        match shortage {
            None => RunFailure::Trouble(what),
            Some(shortage) => RunFailure::Machine(shortage.sentence(what)),
        }
    }
}

impl From<io::Error> for RunFailure {
    fn from(error: io::Error) -> RunFailure {
        RunFailure::of(error.to_string(), error.shortage())
    }
}

/// An error that may tell what ran out.
pub(super) trait MayBeShortage: Display {
    /// Returns what ran out.
    fn shortage(&self) -> Option<Shortage>;
}

impl MayBeShortage for io::Error {
    fn shortage(&self) -> Option<Shortage> {
        Shortage::of_error(self)
    }
}

impl MayBeShortage for serde_json::Error {
    fn shortage(&self) -> Option<Shortage> {
        None
    }
}

/// A backend opens channels, and may start helpers for them.
impl MayBeShortage for Failure {
    fn shortage(&self) -> Option<Shortage> {
        self.raw?.code.and_then(Shortage::of_start)
    }
}

/// Calls code of a backend before the first operation. If it fails or panics, that is the adapter's
/// doing.
pub(super) fn of_backend<T>(
    what: &str,
    call: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, RunFailure> {
    Failure::of_panic(call).map_err(|failure| {
        let what = failure.said_at(what);
        match failure.shortage() {
            None => RunFailure::Adapter(what),
            Some(shortage) => RunFailure::Machine(shortage.sentence(what)),
        }
    })
}

/// Adds to an error what the harness was doing.
pub(super) trait Doing<T> {
    /// Returns the value, or a failure that begins with `what`.
    fn doing(self, what: &str) -> Result<T, RunFailure>;
}

impl<T, E: MayBeShortage> Doing<T> for Result<T, E> {
    fn doing(self, what: &str) -> Result<T, RunFailure> {
        self.map_err(|error| RunFailure::of(format!("{what}: {error}"), error.shortage()))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_in_the_harness_is_the_machines() {
        let error = io::Error::from_raw_os_error(libc::EMFILE);
        let failed: RunFailure = Err::<(), _>(error).doing("starting").unwrap_err();
        let RunFailure::Machine(why) = failed else {
            panic!("{failed:?}");
        };
        insta::assert_snapshot!(
            why,
            @"the machine ran out of file descriptors: starting: Too many open files (os error 24); raise the limit (`ulimit -n`), or run fewer trials at once (`--jobs`)"
        );
    }

    #[test]
    fn a_backend_that_cant_open_a_channel_for_a_shortage_isnt_at_fault() {
        let failure = Failure::from(io::Error::from_raw_os_error(libc::EAGAIN));
        let failed = of_backend("opening", || Err::<(), _>(failure)).unwrap_err();
        assert!(matches!(failed, RunFailure::Machine(_)), "{failed:?}");
        let failure = Failure::refused("no such channel");
        let failed = of_backend("opening", || Err::<(), _>(failure)).unwrap_err();
        assert!(matches!(failed, RunFailure::Adapter(_)), "{failed:?}");
        let failed = of_backend::<()>("opening", || panic!("no room")).unwrap_err();
        assert_eq!(
            failed.to_string(),
            "it panicked: no room; so opening (error)"
        );
    }

    #[test]
    fn an_adapter_that_reports_a_shortage_isnt_at_fault() {
        let of = |why: &str| RunFailure::of_adapter(why.to_owned());
        let short = of(
            "the adapter exited with code 1; its standard error ends:\nOSError: [Errno 24] Too many open files",
        );
        assert!(matches!(short, RunFailure::Machine(_)), "{short:?}");
        let broken = of("the adapter exited with code 1");
        assert!(matches!(broken, RunFailure::Adapter(_)), "{broken:?}");
    }
}
