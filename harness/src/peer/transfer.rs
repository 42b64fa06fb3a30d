//! The put and get steps: one operation for each item.

use super::bindings::Bindings;
use super::channel;
use super::thread::{StepResult, Thread};
use crate::backend::{Attached, Failure, Outcome, Wait};
use crate::history::OperationKind;
use crate::peer::log::BeginRecord;
use crate::plan::{Buffer, Content, End, Item, Limit, Source, Step, Value};

/// How messages are received.
#[derive(Clone, Copy)]
pub(super) struct Receive {
    pub(super) buffer: Option<Buffer>,
    pub(super) wait: Wait,
}

impl Thread<'_> {
    pub(super) fn put(&mut self, step: &Step, end: End, source: &Source, wait: Wait) -> StepResult {
        let codec = self.plan.channels[end.channel].codec;
        let message = |bindings: &Bindings, value: &Value| bindings.encode(value, codec);
        match source {
            Source::Items(values) => {
                for value in values {
                    let message = message(&self.bindings, value)?;
                    if !self.put_one(step, end, &message, wait)? {
                        break;
                    }
                }
            }
            Source::Count { from, count, size } => {
                for n in 0..*count {
                    let number = Value::Literal(Item::Int(from.wrapping_add_unsigned(n)));
                    let value = match size {
                        Some(size) => Value::Sized {
                            number: Box::new(number),
                            size: *size,
                        },
                        None => number,
                    };
                    let message = message(&self.bindings, &value)?;
                    if !self.put_one(step, end, &message, wait)? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn put_one(&mut self, step: &Step, end: End, message: &[u8], wait: Wait) -> StepResult<bool> {
        let begin = BeginRecord::of(step.id, OperationKind::Put)
            .on(end)
            .with(Content::of(message));
        let outcome = self.operate(begin, |thread| {
            channel::put(thread.end(end)?, message, wait)
        })?;
        Ok(outcome == Outcome::Ok)
    }

    pub(super) fn get(
        &mut self,
        step: &Step,
        end: End,
        limit: &Limit,
        each: &[Step],
        into: Option<&str>,
        how: Receive,
    ) -> StepResult {
        let codec = self.plan.channels[end.channel].codec;
        let (most, last) = match limit {
            Limit::Count(count) => (*count, Vec::new()),
            Limit::Until(values) => {
                let last = values
                    .iter()
                    .map(|value| self.bindings.encode(value, codec));
                (u64::MAX, last.collect::<Result<Vec<_>, _>>()?)
            }
        };
        for _ in 0..most {
            if !self.get_one(step, end, how)? {
                break;
            }
            if let Some(name) = into {
                self.bindings
                    .vars
                    .insert(name.to_owned(), codec.decode(&self.buffer));
            }
            if last.contains(&self.buffer) {
                break;
            }
            if !each.is_empty() {
                let outer = self.bindings.bind_item(Some(codec.decode(&self.buffer)));
                self.steps(each)?;
                self.bindings.bind_item(outer);
            }
        }
        Ok(())
    }

    fn get_one(&mut self, step: &Step, end: End, how: Receive) -> StepResult<bool> {
        let begin = BeginRecord::of(step.id, OperationKind::Get).on(end);
        let outcome = self.operate(begin, |thread| {
            // Taken out of the thread so that both can be borrowed.
            let mut buffer = std::mem::take(&mut thread.buffer);
            let got = thread
                .end(end)
                .and_then(|end| channel::get(end, &mut buffer, how.wait))
                .and_then(|()| fits(&buffer, how.buffer));
            thread.buffer = buffer;
            got
        })?;
        Ok(outcome == Outcome::Ok)
    }

    pub(super) fn end(&mut self, end: End) -> Result<&mut Attached, Failure> {
        self.ends.get_mut(&end).ok_or_else(channel::closed)
    }
}

/// Returns an error for a message that is longer than the buffer. The traits have no receive into a buffer, so
/// the harness adds it.
fn fits(message: &[u8], buffer: Option<Buffer>) -> Result<(), Failure> {
    match buffer {
        Some(Buffer { bytes, .. }) if message.len() as u64 > bytes => {
            let length = message.len();
            let said = format!("a message of {length} bytes doesn't fit into a buffer of {bytes}");
            Err(Failure::new(Outcome::Error, said).indefinite())
        }
        _ => Ok(()),
    }
}
