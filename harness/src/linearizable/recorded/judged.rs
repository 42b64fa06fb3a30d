//! What a recorded history comes to, with what it takes to tell.

use super::row::{kind_word, outcome_word};
use super::{Channel, Recorded, bare, readable};
use crate::linearizable::{self, Claims, NEVER, Names, Operation, Pattern, Verdict};

/// What a file comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The worst of its channels' verdicts; unknown where nothing was done.
    pub verdict: Verdict,
    /// How many operations were judged.
    pub operations: usize,
    /// Why it isn't a pass.
    pub violations: Vec<Violation>,
}

/// Something that no queue with these claims could have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// On which channel, as JSON.
    pub channel: String,
    /// In which way it is wrong.
    pub pattern: Pattern,
    /// What is wrong, as a sentence.
    pub message: String,
    /// The operations that prove it, as the sentence names them.
    pub operations: Vec<Shown>,
}

/// One operation, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// On which line, from 1.
    pub line: u64,
    /// Whose it is, as JSON.
    pub peer: String,
    /// The place of that peer in the file.
    pub peer_number: u32,
    /// What it did: `put`, `get` or `close`.
    pub kind: &'static str,
    /// What was put or got, as JSON.
    pub item: Option<String>,
    /// When it started.
    pub start: u64,
    /// When it returned, if it did.
    pub end: Option<u64>,
    /// What it came to, if it returned.
    pub outcome: Option<&'static str>,
}

impl Violation {
    /// The channel, as people read it.
    pub fn readable_channel(&self) -> String {
        readable(bare(&self.channel))
    }
}

impl Shown {
    /// Who did it, as people read it.
    pub fn readable_peer(&self) -> String {
        readable(bare(&self.peer))
    }

    /// What was put or got, as people read it.
    pub fn readable_item(&self) -> Option<String> {
        self.item.as_deref().map(readable)
    }
}

impl Recorded {
    /// Judges every channel by itself.
    pub fn judge(&self, claims: &Claims) -> Judged {
        let mut verdict = None;
        let mut violations = Vec::new();
        for channel in &self.channels {
            let judgement = channel.judge(claims);
            verdict = verdict.map(|so_far| worse(so_far, judgement.verdict));
            verdict = verdict.or(Some(judgement.verdict));
            let told = judgement.violations.iter();
            violations.extend(told.map(|violation| self.violation(channel, violation)));
        }
        Judged {
            verdict: verdict.unwrap_or(Verdict::Unknown),
            operations: self.operations(),
            violations,
        }
    }

    fn violation(&self, channel: &Channel, found: &linearizable::Violation) -> Violation {
        let called = Called {
            recorded: self,
            channel,
        };
        let operations = found.operations.iter();
        Violation {
            channel: channel.name.clone(),
            pattern: found.pattern,
            message: found.sentence(&channel.history, &called),
            operations: operations
                .map(|index| called.show(*index as usize))
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

/// Peers and items by the names that the file gives them.
struct Called<'a> {
    recorded: &'a Recorded,
    channel: &'a Channel,
}

impl Called<'_> {
    fn show(&self, index: usize) -> Shown {
        let operation = &self.channel.history.operations[index];
        let has_item = operation.item != Operation::NO_ITEM;
        Shown {
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

impl Names for Called<'_> {
    fn peer(&self, peer: u32) -> String {
        readable(bare(self.recorded.peer(peer)))
    }

    fn item(&self, item: u32) -> String {
        readable(self.channel.item(item))
    }
}
