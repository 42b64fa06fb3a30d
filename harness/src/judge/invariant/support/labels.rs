//! What witnesses call processes, ends, items and operations.

use crate::backend::Kind;
use crate::history::naming::Name;
use crate::history::{OperationId, OperationKind};
use crate::judge::invariant::support::evidence::Evidence;
use crate::plan::{Content, End, Item, ProcessIndex};

impl Evidence<'_> {
    /// Returns the name of the process, as in `producer#1`.
    pub(crate) fn process(&self, process: ProcessIndex) -> String {
        self.permutation.plan.processes[process].name()
    }

    /// Returns the name of the process that made the call, with its thread if it isn't the main one,
    /// as in `main/1`.
    pub(crate) fn caller(&self, id: OperationId) -> String {
        let process = &self.permutation.plan.processes[id.process];
        process.thread_name(self.operation(id).thread)
    }

    /// Returns the end as a case file writes it.
    pub(crate) fn end_name(&self, end: End) -> String {
        self.permutation.plan.end_name(end)
    }

    /// Returns an item of this channel as people read it.
    pub(crate) fn item(&self, channel: usize, content: Content) -> String {
        self.naming(channel, content).to_string()
    }

    /// Returns the item that an operation put or got.
    pub(crate) fn item_of(&self, id: OperationId) -> String {
        let operation = self.operation(id);
        match (operation.end, operation.content) {
            (Some(end), Some(content)) => self.item(end.channel, content),
            _ => "nothing".to_owned(),
        }
    }

    /// Returns the past participle of "put" for the operation's channel: "put", "sent" or "written".
    pub(crate) fn put_of(&self, id: OperationId) -> &'static str {
        match self.kind(self.operation(id)) {
            Kind::Pipe => "sent",
            Kind::Stream => "written",
            Kind::Queue | Kind::Endpoint | Kind::Process => "put",
        }
    }

    /// Returns the operation as people read it, as in `send p.tx 3`.
    pub(crate) fn name(&self, id: OperationId) -> String {
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

    /// Returns the operation and its caller, as in `writer: send p.tx 3`.
    pub(crate) fn name_with_caller(&self, id: OperationId) -> String {
        format!("{}: {}", self.caller(id), self.name(id))
    }

    /// Returns the item with this content, if the history has all its bytes or some put of the plan
    /// names it.
    pub(crate) fn find_item(&self, channel: usize, content: Content) -> Option<Item> {
        match self.naming(channel, content) {
            Name::Item(item) => Some(item),
            Name::Unknown(_) => None,
        }
    }

    fn naming(&self, channel: usize, content: Content) -> Name {
        self.names().borrow_mut().name(channel, content)
    }
}
