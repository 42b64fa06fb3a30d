//! One channel, while its file is read.

use std::mem;

use super::Channel;
use super::names::Names;
use super::readable::readable;
use crate::linearizable::watch::{Unfit, Watch};
use crate::linearizable::{Claims, History, Kind, Operation};

#[derive(Debug)]
pub(super) struct Growing {
    channel: Channel,
    /// Of each item, whether a put has it that may have had an effect.
    put: Vec<bool>,
    /// Where nothing is kept: the judge of what comes, and how many operations that were.
    watch: Option<(Watch, usize)>,
}

impl Growing {
    /// A channel whose operations are kept, or else judged as they come.
    pub(super) fn new(name: &str, watch: Option<Watch>) -> Growing {
        Growing {
            channel: Channel {
                name: name.to_owned(),
                history: History::default(),
                lines: Vec::new(),
                watched: None,
                items: Names::default(),
                aliases: Vec::new(),
            },
            put: Vec::new(),
            watch: watch.map(|watch| (watch, 0)),
        }
    }

    /// The number of an item; none for a new one if there are too many.
    pub(super) fn item(&mut self, name: &str) -> Option<u32> {
        let item = self.channel.items.number(name)?;
        self.put.resize(self.channel.items.len(), false);
        Some(item)
    }

    /// Notes a put of this item that may have had an effect.
    ///
    /// # Errors
    /// What is wrong if there was one before.
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

    /// The next operation, and on which line it stands.
    pub(super) fn add(&mut self, line: u32, operation: Operation) -> Result<(), Unfit> {
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

    /// The judge of what came so far, if that can be judged as it comes.
    pub(super) fn watched(&self, claims: &Claims) -> Option<Watch> {
        let mut watch = Watch::of(claims)?;
        let operations = self.channel.history.operations.iter();
        for (line, operation) in self.channel.lines.iter().zip(operations) {
            watch.see((*line).into(), *operation).ok()?;
        }
        Some(watch)
    }

    /// Keeps nothing any more: this judge has seen everything so far.
    pub(super) fn let_go(&mut self, watch: Watch) {
        self.channel.lines = Vec::new();
        let operations = mem::take(&mut self.channel.history.operations);
        self.watch = Some((watch, operations.len()));
    }

    pub(super) fn finish(mut self) -> Channel {
        self.channel.items.close();
        match self.watch.take() {
            None => self.finish_kept(),
            Some((watch, operations)) => self.finish_watched(watch, operations),
        }
    }

    fn finish_watched(mut self, watch: Watch, operations: usize) -> Channel {
        let watched = watch.finish();
        for (line, operation) in watched.witnesses {
            let line = u32::try_from(line).expect("it was one when it was seen");
            self.channel.lines.push(line);
            self.channel.history.operations.push(operation);
        }
        self.channel.watched = Some((watched.judgement, operations));
        self.channel.history.items = self.channel.items.len() as u32;
        self.channel
    }

    /// Gives an item of its own to each put that failed for certain and was tried again: the item
    /// that it is called by is then another put's.
    fn finish_kept(mut self) -> Channel {
        let channel = &mut self.channel;
        let known = channel.items.len();
        for operation in &mut channel.history.operations {
            if operation.kind != Kind::Put || operation.outcome.may_have_effect() {
                continue;
            }
            let item = operation.item;
            // The first of several that failed keeps it if none came.
            if mem::replace(&mut self.put[item as usize], true) {
                operation.item = u32::try_from(known + channel.aliases.len())
                    .expect("each stands on a line of its own, and those are counted by u32");
                channel.aliases.push(item);
            }
        }
        channel.history.items = (known + channel.aliases.len()) as u32;
        self.channel
    }
}
