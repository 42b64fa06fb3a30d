//! Items that were being put when whoever put them was killed: some libraries have them come all the
//! same, at times, and either is right.

use std::collections::HashSet;

use super::view::View;
use crate::history::{History, OperationKind};
use crate::plan::content::Content;
use crate::plan::{ExpectedExit, Permutation};

/// What may have come or not, by channel.
#[derive(Debug, Default)]
pub(super) struct Interrupted(HashSet<(usize, Content)>);

impl Interrupted {
    /// Of the puts that are surely come to: of others nobody can say what arrives anyway.
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

    pub(super) fn may_come(&self, channel: usize, content: Content) -> bool {
        self.0.contains(&(channel, content))
    }
}
