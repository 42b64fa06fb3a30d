//! Collects or judges the operations on one channel while its file is read.

use std::mem;

use super::channel::RecordedChannel;
use super::readable::readable;
use crate::linearizable::claims::Claims;
use crate::linearizable::history::{Kind, Operation};
use crate::linearizable::online::{OnlineError, OnlineJudge};

/// A channel whose operations are kept, or judged one by one and dropped.
#[derive(Debug)]
pub(super) struct ChannelReader {
    channel: RecordedChannel,
    /// For each item, whether a put of it was read that may have had an effect.
    put: Vec<bool>,
    /// The judge and the number of operations that it has seen, if operations aren't kept.
    watch: Option<(OnlineJudge, usize)>,
}

impl ChannelReader {
    /// Starts with no operations. They are judged one by one if there is a judge, or else kept.
    pub(super) fn new(name: &str, watch: Option<OnlineJudge>) -> ChannelReader {
        ChannelReader {
            channel: RecordedChannel::new(name),
            put: Vec::new(),
            watch: watch.map(|watch| (watch, 0)),
        }
    }

    /// Returns the number of an item; `None` for a new item if there are too many.
    pub(super) fn item(&mut self, name: &str) -> Option<u32> {
        let item = self.channel.items.number(name)?;
        self.put.resize(self.channel.items.len(), false);
        Some(item)
    }

    /// Records that a put of this item may have had an effect.
    ///
    /// # Errors
    /// A message if there was such a put before.
    pub(super) fn put(&mut self, item: u32) -> Result<(), String> {
        if !mem::replace(&mut self.put[item as usize], true) {
            return Ok(());
        }
        let name = readable(self.channel.item(item));
        let mut operations = self.channel.history.operations.iter();
        let first = operations.position(|other| {
            other.kind == Kind::Put && other.item == item && other.outcome.may_have_effect()
        });
        Err(match first {
            Some(first) => {
                let line = self.channel.line(first);
                format!("item {name} was put before, on line {line}")
            }
            None => format!("item {name} was put before"),
        })
    }

    /// Adds the next operation and its line.
    pub(super) fn add(&mut self, line: u32, operation: Operation) -> Result<(), OnlineError> {
        match &mut self.watch {
            Some((watch, operations)) => {
                watch.see(line.into(), operation)?;
                *operations += 1;
            }
            None => {
                self.channel.lines.push(line);
                self.channel.history.operations.push(operation);
            }
        }
        Ok(())
    }

    /// Returns a judge that has seen all operations so far, if they can be judged one by one.
    pub(super) fn online_judge(&self, claims: &Claims) -> Option<OnlineJudge> {
        let mut watch = OnlineJudge::of(claims)?;
        let operations = self.channel.history.operations.iter();
        for (line, operation) in self.channel.lines.iter().zip(operations) {
            watch.see((*line).into(), *operation).ok()?;
        }
        Some(watch)
    }

    /// Drops all operations and adds later ones to this judge, which must have seen all of them.
    pub(super) fn switch_to(&mut self, watch: OnlineJudge) {
        self.channel.lines = Vec::new();
        let operations = mem::take(&mut self.channel.history.operations);
        self.watch = Some((watch, operations.len()));
    }

    pub(super) fn finish(mut self) -> RecordedChannel {
        self.channel.items.close();
        match self.watch.take() {
            None => self.finish_kept(),
            Some((watch, operations)) => self.finish_judged(watch, operations),
        }
    }

    fn finish_judged(mut self, watch: OnlineJudge, operations: usize) -> RecordedChannel {
        let judged = watch.finish();
        for (line, operation) in judged.witnesses {
            let line = u32::try_from(line).expect("it was a u32 when it was added");
            self.channel.lines.push(line);
            self.channel.history.operations.push(operation);
        }
        self.channel.judged = Some((judged.judgement, operations));
        self.channel.history.items = self.channel.items.len() as u32;
        self.channel
    }

    /// Gives a number of its own to the item of each put that certainly failed and was tried again, so
    /// that no two puts have the same item.
    fn finish_kept(mut self) -> RecordedChannel {
        let channel = &mut self.channel;
        let known = channel.items.len();
        for operation in &mut channel.history.operations {
            if operation.kind != Kind::Put || operation.outcome.may_have_effect() {
                continue;
            }
            let item = operation.item;
            // If all puts of an item failed, the first keeps the number.
            if mem::replace(&mut self.put[item as usize], true) {
                operation.item = u32::try_from(known + channel.aliases.len())
                    .expect("each put has a line of its own, and lines are counted in u32");
                channel.aliases.push(item);
            }
        }
        channel.history.items = (known + channel.aliases.len()) as u32;
        self.channel
    }
}
