//! Rows of a section, before they are laid out as lines.

use crate::history::OperationId;

/// One row below a heading.
#[derive(Debug)]
pub(super) enum SectionRow {
    /// A step, in columns.
    Step {
        depth: usize,
        verb: &'static str,
        on: String,
        rest: String,
        operations: Vec<OperationId>,
    },
    /// Any other text.
    Plain {
        depth: usize,
        text: String,
        operations: Vec<OperationId>,
    },
}
