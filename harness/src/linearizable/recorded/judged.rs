//! Judges the histories of a file, and names operations by their lines.

use super::channel::RecordedChannel;
use super::file::RecordedFile;
use super::line::{kind_word, outcome_word};
use super::readable::{bare, readable};
use crate::linearizable::claims::Claims;
use crate::linearizable::history::{NEVER, Operation};
use crate::linearizable::judgement::Verdict;
use crate::linearizable::sentence::Names;
use crate::linearizable::violation::{self, Pattern};

/// The judgement on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileJudgement {
    /// The worst of its channels' verdicts; unknown if there are no operations.
    pub verdict: Verdict,
    /// The number of operations.
    pub operations: usize,
    /// Why it isn't a pass.
    pub violations: Vec<RecordedViolation>,
}

/// A few operations that no queue with these claims could have performed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedViolation {
    /// The channel's name, as JSON.
    pub channel: String,
    /// The kind of violation.
    pub pattern: Pattern,
    /// A sentence that describes the violation.
    pub message: String,
    /// The operations that prove it, in the order in which the sentence names them.
    pub operations: Vec<RecordedOperation>,
}

/// One operation of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedOperation {
    /// Its line, from 1.
    pub line: u64,
    /// The peer's name, as JSON.
    pub peer: String,
    /// The peer's position among all peers, in the order in which they first appear.
    pub peer_number: u32,
    /// `put`, `get` or `close`.
    pub kind: &'static str,
    /// The item's name, as JSON.
    pub item: Option<String>,
    /// Its start.
    pub start: u64,
    /// Its end, if it returned.
    pub end: Option<u64>,
    /// Its outcome, if it returned.
    pub outcome: Option<&'static str>,
}

impl RecordedViolation {
    /// Returns the channel's name for display.
    pub fn readable_channel(&self) -> String {
        readable(bare(&self.channel))
    }
}

impl RecordedOperation {
    /// Returns the peer's name for display.
    pub fn readable_peer(&self) -> String {
        readable(bare(&self.peer))
    }

    /// Returns the item's name for display.
    pub fn readable_item(&self) -> Option<String> {
        self.item.as_deref().map(readable)
    }
}

impl RecordedFile {
    /// Judges each channel on its own.
    pub fn judge(&self, claims: &Claims) -> FileJudgement {
        let mut verdict = None;
        let mut violations = Vec::new();
        for channel in &self.channels {
            let judgement = channel.judge(claims);
            verdict = verdict.map(|so_far| worse(so_far, judgement.verdict));
            verdict = verdict.or(Some(judgement.verdict));
            let found = judgement.violations.iter();
            violations.extend(found.map(|violation| self.violation(channel, violation)));
        }
        FileJudgement {
            verdict: verdict.unwrap_or(Verdict::Unknown),
            operations: self.operations(),
            violations,
        }
    }

    fn violation(
        &self,
        channel: &RecordedChannel,
        found: &violation::Violation,
    ) -> RecordedViolation {
        let names = RecordedNames {
            recorded: self,
            channel,
        };
        let operations = found.operations.iter();
        RecordedViolation {
            channel: channel.name.clone(),
            pattern: found.pattern,
            message: found.sentence(&channel.history, &names),
            operations: operations
                .map(|index| names.show(*index as usize))
                .collect(),
        }
    }
}

fn worse(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Fail, _) | (_, Verdict::Fail) => Verdict::Fail,
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
        (Verdict::Pass, Verdict::Pass) => Verdict::Pass,
    }
}

/// Names peers and items as the file does.
struct RecordedNames<'a> {
    recorded: &'a RecordedFile,
    channel: &'a RecordedChannel,
}

impl RecordedNames<'_> {
    fn show(&self, index: usize) -> RecordedOperation {
        let operation = &self.channel.history.operations[index];
        let has_item = operation.item != Operation::NO_ITEM;
        RecordedOperation {
            line: self.channel.line(index),
            peer: self.recorded.peer(operation.peer).to_owned(),
            peer_number: operation.peer,
            kind: kind_word(operation.kind),
            item: has_item.then(|| self.channel.item(operation.item).to_owned()),
            start: operation.start,
            end: (operation.end != NEVER).then_some(operation.end),
            outcome: outcome_word(operation.outcome),
        }
    }
}

impl Names for RecordedNames<'_> {
    fn peer(&self, peer: u32) -> String {
        readable(bare(self.recorded.peer(peer)))
    }

    fn item(&self, item: u32) -> String {
        readable(self.channel.item(item))
    }
}
