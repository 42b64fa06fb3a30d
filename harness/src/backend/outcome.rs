//! How an operation ended, in the words of the case language.

use std::fmt;

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::schema::with_schema;

/// How an operation ended, as the library documents it.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Outcome {
    /// The operation was done.
    Ok = 1,
    /// A try form found nothing to receive.
    Empty,
    /// A try form found no room.
    Full,
    /// A timed form ran out of time.
    Timeout,
    /// End of stream, by the means that the library documents.
    End,
    /// The other side has no live end any more.
    Gone,
    /// This process closed its own end before.
    Closed,
    /// The library refused the request: wrong direction, too large, not supported.
    Refused,
    /// The operating system or the library denied permission.
    Denied,
    /// The name doesn't exist.
    Absent,
    /// The name is taken.
    Taken,
    /// A receive wouldn't block.
    Ready,
    /// The operation still hadn't returned when every process had ended or was blocked.
    Pending,
    /// Any other error.
    Error,
}

impl Outcome {
    /// Every outcome, in the order of the case language.
    pub const ALL: [Outcome; 14] = [
        Outcome::Ok,
        Outcome::Empty,
        Outcome::Full,
        Outcome::Timeout,
        Outcome::End,
        Outcome::Gone,
        Outcome::Closed,
        Outcome::Refused,
        Outcome::Denied,
        Outcome::Absent,
        Outcome::Taken,
        Outcome::Ready,
        Outcome::Pending,
        Outcome::Error,
    ];

    /// Returns the word for it in case files, transcripts and reports.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Empty => "empty",
            Outcome::Full => "full",
            Outcome::Timeout => "timeout",
            Outcome::End => "end",
            Outcome::Gone => "gone",
            Outcome::Closed => "closed",
            Outcome::Refused => "refused",
            Outcome::Denied => "denied",
            Outcome::Absent => "absent",
            Outcome::Taken => "taken",
            Outcome::Ready => "ready",
            Outcome::Pending => "pending",
            Outcome::Error => "error",
        }
    }

    /// Returns the outcome with this word.
    pub fn from_word(word: &str) -> Option<Outcome> {
        Outcome::ALL
            .into_iter()
            .find(|outcome| outcome.word() == word)
    }

    pub(crate) fn from_number(number: u8) -> Option<Outcome> {
        Outcome::ALL
            .into_iter()
            .find(|outcome| *outcome as u8 == number)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
