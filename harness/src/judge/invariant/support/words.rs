//! Operations and items in words, for witnesses.

use crate::backend::{End, Kind};
use crate::history::naming::Name;
use crate::history::{OperationId, OperationKind};
use crate::judge::invariant::Evidence;
use crate::plan::content::Content;
use crate::plan::{Item, ProcessIndex};

impl Evidence<'_> {
    /// The name of this process, as in `producer#1`.
    pub(in crate::judge::invariant) fn process(&self, process: ProcessIndex) -> String {
        self.permutation.plan.processes[process].name()
    }

    /// Who did this: a process, or a thread of one, as in `main/1`.
    pub(in crate::judge::invariant) fn doer(&self, id: OperationId) -> String {
        let process = &self.permutation.plan.processes[id.process];
        process.thread_name(self.operation(id).thread)
    }

    /// The end as a case file writes it.
    pub(in crate::judge::invariant) fn end_name(&self, end: End) -> String {
        self.permutation.plan.end_name(end)
    }

    /// An item of this channel as people know it.
    pub(in crate::judge::invariant) fn item(&self, channel: usize, content: Content) -> String {
        self.known(channel, content).to_string()
    }

    /// What an operation put or got, in words.
    pub(in crate::judge::invariant) fn item_of(&self, id: OperationId) -> String {
        let operation = self.operation(id);
        match (operation.end, operation.content) {
            (Some(end), Some(content)) => self.item(end.channel, content),
            _ => "nothing".to_owned(),
        }
    }

    /// That it was put, in the word for this operation's channel: "put", "sent" or "written".
    pub(in crate::judge::invariant) fn put_of(&self, id: OperationId) -> &'static str {
        match self.kind(self.operation(id)) {
            Kind::Pipe => "sent",
            Kind::Stream => "written",
            Kind::Queue | Kind::Endpoint | Kind::Process => "put",
        }
    }

    /// The operation in words, as in `send p.tx 3`.
    pub(in crate::judge::invariant) fn name(&self, id: OperationId) -> String {
        let operation = self.operation(id);
        let word = operation.kind.word(self.kind(operation));
        let moves_an_item = matches!(operation.kind, OperationKind::Put | OperationKind::Get);
        match (operation.end, operation.content) {
            (Some(end), Some(_)) if moves_an_item => {
                format!("{word} {} {}", self.end_name(end), self.item_of(id))
            }
            (Some(end), _) => format!("{word} {}", self.end_name(end)),
            _ => word.to_owned(),
        }
    }

    /// Who does what, as in `writer: send p.tx 3`.
    pub(in crate::judge::invariant) fn whole_name(&self, id: OperationId) -> String {
        format!("{}: {}", self.doer(id), self.name(id))
    }

    /// The item with this content, if it was kept whole or some put of the plan names it.
    pub(in crate::judge::invariant) fn find_item(
        &self,
        channel: usize,
        content: Content,
    ) -> Option<Item> {
        match self.known(channel, content) {
            Name::Item(item) => Some(item),
            Name::Unknown(_) => None,
        }
    }

    fn known(&self, channel: usize, content: Content) -> Name {
        self.names().borrow_mut().name(channel, content)
    }
}
