//! Lines of a transcript.

use crate::history::OperationId;

/// One line, and the operations that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TranscriptLine {
    /// Its text, indented, without a line break.
    pub(crate) text: String,
    /// The operations that it shows; none for headings.
    pub(crate) operations: Vec<OperationId>,
}
