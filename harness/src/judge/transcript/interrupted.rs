//! Items that were being put when their process was killed. With some libraries they still arrive,
//! sometimes, and both is right.

use std::collections::HashSet;

use super::view::View;
use crate::history::{History, OperationKind};
use crate::plan::{Content, ExpectedExit, Permutation};

/// The items that may or may not arrive, with their channels.
#[derive(Debug, Default)]
pub(super) struct Interrupted(HashSet<(usize, Content)>);

impl Interrupted {
    /// Considers only puts that are certainly reached; what arrives from others is open anyway.
    pub(super) fn of(permutation: &Permutation, history: &History, view: &View) -> Interrupted {
        let operations = history.operations();
        let interrupted = operations.filter(|(id, operation)| {
            operation.kind == OperationKind::Put
                && operation.is_pending()
                && permutation.exits[id.process] == ExpectedExit::Killed
                && !view.is_uncertain(operation.step)
        });
        let contents = interrupted
            .filter_map(|(_, operation)| Some((operation.end?.channel, operation.content?)));
        Interrupted(contents.collect())
    }

    pub(super) fn may_arrive(&self, channel: usize, content: Content) -> bool {
        self.0.contains(&(channel, content))
    }
}
