//! The account of one process.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::contents::Contents;
use super::steps::{PlacedStep, Steps};
use crate::adapter::protocol::operation::{OperationBegan, OperationReturned};
use crate::adapter::protocol::parts::Ask;
use crate::backend::{ErrorName, Outcome, RawError};
use crate::history::{Aside, Exit, LibraryText, Operation, OperationKind, ProcessHistory};
use crate::plan::{Content, Item, Plan, ProcessIndex};

/// Everything that an adapter has reported about one process so far.
#[derive(Debug, Default)]
pub(super) struct ProcessAccount {
    pub(super) pid: Option<u32>,
    pub(super) operations: Vec<Operation>,
    pub(super) asides: Vec<Aside>,
    pub(super) said: Vec<LibraryText>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) exit: Option<Exit>,
    is_gone: bool,
    /// The operations that have not returned.
    pending: Vec<usize>,
    /// The last stamp of each thread.
    stamps: BTreeMap<u16, u64>,
}

/// The error describes what is wrong with a message. Its subject is the process.
type Checked<T = ()> = Result<T, String>;

impl ProcessAccount {
    pub(super) fn is_known(&self) -> bool {
        self.pid.is_some()
    }

    pub(super) fn lives(&self) -> bool {
        self.pid.is_some() && !self.is_gone
    }

    /// Whether it has exited, or can never start.
    pub(super) fn is_gone(&self) -> bool {
        self.is_gone
    }

    pub(super) fn alive(&mut self, pid: u32) -> Checked {
        if self.pid.is_some() {
            return Err("is alive a second time".to_owned());
        }
        if self.is_gone {
            return Err("is alive after it was gone".to_owned());
        }
        self.pid = Some(pid);
        Ok(())
    }

    pub(super) fn exited(&mut self, exit: Exit) -> Checked {
        match (self.pid, self.exit) {
            (None, _) => Err("exited before it was alive".to_owned()),
            (_, Some(_)) => Err("exited twice".to_owned()),
            _ => {
                self.exit = Some(exit);
                self.is_gone = true;
                Ok(())
            }
        }
    }

    pub(super) fn gone(&mut self) -> Checked {
        if self.lives() || !self.is_known() {
            self.is_gone = true;
            return Ok(());
        }
        self.check_alive()
    }

    /// Checks that the process is running, as every message about it requires.
    fn check_alive(&self) -> Checked {
        match (self.pid, self.is_gone) {
            (None, _) => Err("does something before it is alive".to_owned()),
            (_, true) => Err("does something after its exit".to_owned()),
            _ => Ok(()),
        }
    }

    pub(super) fn begin(
        &mut self,
        began: OperationBegan,
        steps: &Steps<'_>,
        contents: &mut Contents,
        window: &RangeInclusive<u64>,
    ) -> Checked {
        self.check_alive()?;
        let (number, next) = (began.operation, self.operations.len());
        if number != next {
            return Err(format!("began operation {number}, where {next} comes next"));
        }
        steps.check(
            began.process,
            began.step,
            began.thread,
            began.kind,
            began.end,
        )?;
        self.check_pending(&began, steps)?;
        self.check_stamp(number, began.thread, began.at, window)?;
        let content = match (began.kind, began.item, began.text) {
            (OperationKind::Put, Some(item), None) => contents.put(
                (began.process, number),
                item,
                began
                    .end
                    .expect("`check` has compared it with the step's end"),
            )?,
            (OperationKind::Print, None, Some(text)) => Some(Content::of(text.as_bytes())),
            (OperationKind::Put | OperationKind::Print, ..) => {
                return Err(format!(
                    "began operation {number} without the item that it puts, or the text that it prints"
                ));
            }
            (_, None, None) => None,
            _ => {
                return Err(format!(
                    "began operation {number} with an item or a text, although its kind has none"
                ));
            }
        };
        self.operations.push(Operation {
            step: began.step,
            thread: began.thread,
            kind: began.kind,
            end: began.end,
            start: began.at,
            returned: None,
            outcome: None,
            content,
            raw: None,
            definite: false,
        });
        self.pending.push(number);
        Ok(())
    }

    /// Checks that a thread is in one operation at a time, except in a poll of several ends.
    fn check_pending(&self, began: &OperationBegan, steps: &Steps<'_>) -> Checked {
        let of_thread = self
            .pending
            .iter()
            .find(|number| self.operations[**number].thread == began.thread);
        match of_thread {
            Some(number)
                if self.operations[*number].step != began.step
                    || !steps.is_poll_of_several(began.step) =>
            {
                Err(format!(
                    "began operation {} before operation {number} of the same thread returned",
                    began.operation
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_stamp(
        &mut self,
        number: usize,
        thread: u16,
        at: u64,
        window: &RangeInclusive<u64>,
    ) -> Checked {
        if !window.contains(&at) {
            let (when, by) = match at < *window.start() {
                true => ("before the run", window.start() - at),
                false => ("in the future", at - window.end()),
            };
            return Err(format!(
                "did operation {number} {when}, by {by} ns: `at` must be the machine's monotonic clock"
            ));
        }
        let last = self.stamps.entry(thread).or_default();
        if at < *last {
            return Err(format!("did operation {number} before its previous one"));
        }
        *last = at;
        Ok(())
    }

    pub(super) fn end(
        &mut self,
        returned: OperationReturned,
        plan: &Plan,
        contents: &mut Contents,
        window: &RangeInclusive<u64>,
    ) -> Checked {
        self.check_alive()?;
        let number = returned.operation;
        let index = self.pending.iter().position(|pending| *pending == number);
        let Some(index) = index else {
            let what = if number < self.operations.len() {
                "had returned"
            } else {
                "never began"
            };
            return Err(format!("returned from operation {number}, which {what}"));
        };
        let (kind, thread, end) = {
            let operation = &self.operations[number];
            (operation.kind, operation.thread, operation.end)
        };
        self.check_stamp(number, thread, returned.at, window)?;
        let outcome = returned.outcome;
        if outcome == Outcome::Pending {
            return Err(format!(
                "returned from operation {number} with the outcome `pending`"
            ));
        }
        let content = match (kind, returned.item, end) {
            (OperationKind::Get, Some(item), Some(end)) if outcome == Outcome::Ok => {
                let id = (returned.process, number);
                let (content, aside) = contents.got(id, item, end, plan)?.unzip();
                self.asides.extend(aside.flatten());
                content
            }
            (OperationKind::Get, None, _) if outcome == Outcome::Ok => {
                return Err(format!(
                    "received no item by operation {number}, although its outcome is ok"
                ));
            }
            (OperationKind::Size, Some(Item::Int(size)), _) if outcome == Outcome::Ok => {
                let size = u64::try_from(size)
                    .map_err(|_| format!("counted {size} items by operation {number}"))?;
                Some(Content::of(&size.to_le_bytes()))
            }
            (OperationKind::Size, None, _) if outcome == Outcome::Ok => {
                return Err(format!(
                    "counted no items by operation {number}, although its outcome is ok"
                ));
            }
            (_, Some(_), _) => {
                return Err(format!(
                    "received an item by operation {number}, which can't receive one"
                ));
            }
            (OperationKind::Exit, None, _) => {
                let count = returned.handles.map(u64::to_le_bytes);
                count.map(|count| Content::of(&count))
            }
            (_, None, _) => self.operations[number].content,
        };
        if returned.handles.is_some() && kind != OperationKind::Exit {
            return Err(format!(
                "counted handles at the return of operation {number}, which isn't the exit"
            ));
        }
        let error = returned.error.unwrap_or_default();
        if let Some(message) = error.message.filter(|_| LibraryText::explains(outcome)) {
            if outcome == Outcome::Error {
                self.stderr.extend(message.as_bytes());
                self.stderr.push(b'\n');
            }
            self.said.push(LibraryText {
                operation: number,
                text: message,
            });
        }
        let raw = RawError {
            kind: error.kind.map(ErrorName::from),
            code: error.code,
        };
        let has_raw = raw.kind.is_some() || raw.code.is_some();
        self.pending.remove(index);
        let operation = &mut self.operations[number];
        operation.returned = Some(returned.at);
        operation.outcome = Some(outcome);
        operation.content = content;
        operation.raw = has_raw.then_some(raw);
        operation.definite = error.definite;
        Ok(())
    }

    pub(super) fn step_done(&self, placed: PlacedStep<'_>) -> Checked {
        self.check_alive()?;
        let step = placed.step.id;
        if !placed.step.watched {
            return Err(format!("is done with step {step}, which isn't watched"));
        }
        let under_way = |number: &&usize| self.operations[**number].step == step;
        match self.pending.iter().find(under_way) {
            Some(number) => Err(format!(
                "is done with step {step}, but its operation {number} hasn't returned"
            )),
            None => Ok(()),
        }
    }

    pub(super) fn asks(&self, thread: u16, what: &Ask, steps: &Steps<'_>) -> Checked {
        self.check_alive()?;
        let waits = |operation: &Operation| {
            operation.thread == thread && steps.waits_for(operation.step, what)
        };
        if self.pending().any(waits) {
            Ok(())
        } else {
            Err(format!(
                "asks for something that its current step doesn't wait for: {what:?}"
            ))
        }
    }

    /// Returns the operations that haven't returned.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Operation> {
        self.pending.iter().map(|number| &self.operations[*number])
    }

    /// Whether the process may have started another one: it began to, and the start didn't fail.
    pub(super) fn may_have_started(&self, process: ProcessIndex, steps: &Steps<'_>) -> bool {
        let starts = self.operations.iter().filter(|operation| {
            let failed = operation
                .outcome
                .is_some_and(|outcome| outcome != Outcome::Ok);
            operation.kind == OperationKind::Start && !failed
        });
        starts
            .into_iter()
            .any(|operation| steps.starts(operation.step, process))
    }

    pub(super) fn into_history(self) -> ProcessHistory {
        ProcessHistory {
            operations: self.operations,
            asides: self.asides,
            said: self.said,
            exit: self.exit.filter(|exit| *exit != Exit::Unseen),
            stdout: self.stdout,
            stderr: self.stderr,
        }
    }
}
