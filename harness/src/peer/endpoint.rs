//! The steps that listen, accept and connect, and the step that writes raw bytes to a connection.

use super::channel;
use super::thread::{StepResult, Thread};
use crate::backend::{Attached, Endpoint, Failure, Wait};
use crate::history::OperationKind;
use crate::peer::log::BeginRecord;
use crate::plan::{Content, End, RawWrite, Step};

impl Thread<'_> {
    pub(super) fn listen(&mut self, step: &Step, end: End, replace: bool) -> StepResult {
        let begin = BeginRecord::of(step.id, OperationKind::Listen).on(end);
        self.operate_and_see(begin, |thread| {
            thread.endpoint(end)?.listen(replace)?;
            Ok(thread.mode_of_name(end))
        })
    }

    pub(super) fn accept(&mut self, step: &Step, end: End, into: End, wait: Wait) -> StepResult {
        let begin = BeginRecord::of(step.id, OperationKind::Accept).on(end);
        self.operate_and_see(begin, |thread| {
            let accepted = thread.endpoint(end)?.accept(wait)?;
            thread.bind(into, Attached::Pipe(accepted.connection));
            Ok(accepted.peer)
        })
    }

    pub(super) fn connect(
        &mut self,
        step: &Step,
        end: End,
        into: End,
        key: Option<&str>,
        wait: Wait,
    ) -> StepResult {
        let me = std::process::id();
        let begin = BeginRecord::of(step.id, OperationKind::Connect).on(end);
        self.operate_and_see(begin, |thread| {
            let connection = thread.endpoint(end)?.connect(key, wait)?;
            thread.bind(into, Attached::Pipe(connection));
            Ok(Some(me))
        })
    }

    pub(super) fn close_listener(&mut self, step: &Step, end: End) -> StepResult {
        let begin = BeginRecord::of(step.id, OperationKind::Close).on(end);
        self.operate(begin, |thread| thread.endpoint(end)?.close())
            .map(drop)
    }

    pub(super) fn raw(&mut self, step: &Step, raw: &RawWrite) -> StepResult {
        let begin = BeginRecord::of(step.id, OperationKind::Raw)
            .on(raw.end)
            .with(Content::of(&raw.bytes));
        self.operate(begin, |thread| channel::raw(thread.end(raw.end)?, raw))
            .map(drop)
    }

    /// Runs and records one operation that returns a number if it succeeds.
    fn operate_and_see(
        &mut self,
        begin: BeginRecord,
        call: impl FnOnce(&mut Self) -> Result<Option<u32>, Failure>,
    ) -> StepResult {
        self.operate_with(begin, |thread| {
            let number = call(thread)?;
            Ok(number.map(|number| Content::of(&number.to_le_bytes())))
        })
        .map(drop)
    }

    /// Binds a connection to a name. The previous connection closes, like a value that is assigned
    /// over.
    fn bind(&mut self, name: End, connection: Attached) {
        self.ends.insert(name, connection);
    }

    fn endpoint(&mut self, end: End) -> Result<&mut dyn Endpoint, Failure> {
        match self.end(end)? {
            Attached::Endpoint(endpoint) => Ok(endpoint.as_mut()),
            _ => Err(Failure::refused("this end isn't an endpoint")),
        }
    }

    /// Returns the permissions of the endpoint's name, if the name is a file in the run's folder.
    #[cfg(unix)]
    fn mode_of_name(&self, end: End) -> Option<u32> {
        use std::os::unix::fs::PermissionsExt;
        let name = &self.plan.channels[end.channel].name;
        let file = self.resources.as_ref()?.folder.join(name);
        let found = std::fs::symlink_metadata(file).ok()?;
        Some(found.permissions().mode() & 0o7777)
    }

    #[cfg(windows)]
    fn mode_of_name(&self, _end: End) -> Option<u32> {
        None
    }
}
