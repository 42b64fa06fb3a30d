//! The texts that a log quotes, so that a report needs no other file.

use serde::{Deserialize, Serialize};

use crate::clause::Clause;
use crate::judge::FileLine;

/// The cases, clauses and divergences that the trials of a log name, each once.
///
/// These texts are exact, because positions in them must be right. A report makes them harmless itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// The cases, sorted by name.
    pub cases: Vec<QuotedCase>,
    /// The clauses, sorted by id.
    pub clauses: Vec<Clause>,
    /// The divergences, sorted by place.
    pub divergences: Vec<QuotedDivergence>,
}

/// A case file and its golden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedCase {
    /// The name of the case, such as `seed/queue`.
    pub name: String,
    /// The path of the file, as reports show it.
    pub path: String,
    /// The whole file.
    pub text: String,
    /// The reviewed transcripts, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub golden: Option<String>,
}

/// What a person found out about a divergence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedDivergence {
    /// Where the entry begins, by which verdicts name it.
    pub place: FileLine,
    /// Whether the library documents it: `documented` or `broken`.
    pub kind: String,
    /// The cause.
    pub reason: String,
    /// The sentences on which the reason rests.
    pub quotes: Vec<String>,
    /// Where these sentences are, as in `crate:interprocess/src/unnamed_pipe.rs`.
    pub source: String,
    /// Where people can read the source.
    pub link: String,
}

impl Texts {
    /// Adds the texts of another log. Of two texts with the same name, the first is kept.
    pub(crate) fn join(&mut self, other: Texts) {
        self.cases.extend(other.cases);
        self.cases.sort_by(|a, b| a.name.cmp(&b.name));
        self.cases.dedup_by(|a, b| a.name == b.name);
        self.clauses.extend(other.clauses);
        self.clauses.sort_by(|a, b| a.id.cmp(&b.id));
        self.clauses.dedup_by(|a, b| a.id == b.id);
        self.divergences.extend(other.divergences);
        self.divergences.sort_by(|a, b| a.place.cmp(&b.place));
        self.divergences.dedup_by(|a, b| a.place == b.place);
    }

    /// Whether there is no text.
    pub(crate) fn is_empty(&self) -> bool {
        self.cases.is_empty() && self.clauses.is_empty() && self.divergences.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name: &str, text: &str) -> QuotedCase {
        QuotedCase {
            name: name.to_owned(),
            path: format!("cases/{name}.toml"),
            text: text.to_owned(),
            golden: None,
        }
    }

    #[test]
    fn joined_texts_are_sorted_and_each_there_once() {
        let mut texts = Texts {
            cases: vec![case("pipe/b", "first")],
            ..Texts::default()
        };
        texts.join(Texts {
            cases: vec![case("pipe/a", ""), case("pipe/b", "second")],
            ..Texts::default()
        });
        assert_eq!(texts.cases, [case("pipe/a", ""), case("pipe/b", "first")]);
    }
}
