//! The names of operations, items and threads on the pages of one run.

use crate::history::OperationId;
use crate::history::naming::Naming;
use crate::judge::invariant::Evidence;
use crate::judge::wording;
use crate::plan::Content;

/// Names things, the same thing always alike.
pub(super) struct Names<'a> {
    evidence: &'a Evidence<'a>,
    naming: Naming,
}

impl<'a> Names<'a> {
    pub(super) fn of(evidence: &'a Evidence<'a>, naming: Naming) -> Names<'a> {
        Names { evidence, naming }
    }

    /// Returns the operation in words, as in `send p.tx 3`.
    pub(super) fn operation(&mut self, id: OperationId) -> String {
        wording::operation(self.evidence, &mut self.naming, id)
    }

    pub(super) fn item(&mut self, channel: usize, content: Content) -> String {
        self.naming.name(channel, content).to_string()
    }

    /// Returns the name of the operation's process, or of its thread, as in `main/1`.
    pub(super) fn thread(&self, id: OperationId) -> String {
        let process = &self.evidence.permutation.plan.processes[id.process];
        process.thread_name(self.evidence.history.operation(id).thread)
    }
}
