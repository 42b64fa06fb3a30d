//! How long an operation may wait.

use std::time::Duration;

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::Failure;
use super::schema::with_schema;

/// How long an operation may wait, and so which form of the library's call it uses.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The library's blocking form, which waits until the operation is done.
    #[default]
    Deadline,
    /// The library's try form, which returns at once.
    Never,
    /// The library's timed form, which waits no longer than this.
    For(Duration),
}

impl Wait {
    /// Returns how long the operation may wait: `None` without limit, zero for the try form.
    pub(crate) fn limit(self) -> Option<Duration> {
        match self {
            Wait::Deadline => None,
            Wait::Never => Some(Duration::ZERO),
            Wait::For(time) => Some(time),
        }
    }

    /// Returns whether the operation waits until it is done.
    pub(crate) fn is_deadline(&self) -> bool {
        *self == Wait::Deadline
    }

    /// Refuses the try and the timed form, for an operation that can only block.
    ///
    /// # Errors
    /// [`Outcome::Refused`](super::Outcome::Refused) unless this is [`Wait::Deadline`].
    pub fn require_blocking(self) -> Result<(), Failure> {
        match self {
            Wait::Deadline => Ok(()),
            Wait::Never | Wait::For(_) => Err(Failure::refused(
                "this operation has no try form and no timed form",
            )),
        }
    }
}
