//! The catalogue of all clauses, as in `cases/clauses.toml`.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{Clause, ClauseId};

/// Every clause that cases and invariants may refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    clauses: BTreeMap<ClauseId, Clause>,
}

/// An error in the text of a catalogue, and its position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct CatalogueError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The position in bytes, to point at in the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    #[serde(default)]
    clause: Vec<Spanned<Clause>>,
}

impl Catalogue {
    /// Parses a catalogue.
    ///
    /// # Errors
    /// The first error in the text: invalid TOML, a missing or unknown field, a malformed or repeated
    /// id, or an empty sentence or source.
    pub fn parse(text: &str) -> Result<Catalogue, CatalogueError> {
        let wrong = |span: Range<usize>, message: String| {
            let (line, column) = position(text, span.start);
            CatalogueError {
                line,
                column,
                span,
                message,
            }
        };
        let file: CatalogueFile = toml::from_str(text).map_err(|error| {
            let end = text.len()..text.len();
            wrong(error.span().unwrap_or(end), error.message().to_owned())
        })?;
        let mut clauses = BTreeMap::new();
        for entry in file.clause {
            let span = entry.span();
            let clause = entry.into_inner();
            if let Some(message) = clause_error(&clause) {
                return Err(wrong(span, message));
            }
            if let Some(twin) = clauses.insert(clause.id.clone(), clause) {
                return Err(wrong(
                    span,
                    format!("there is already a clause called `{}`", twin.id),
                ));
            }
        }
        Ok(Catalogue { clauses })
    }

    /// Returns a catalogue of these clauses. Of two with the same id, it has the last.
    pub(crate) fn of(clauses: impl IntoIterator<Item = Clause>) -> Catalogue {
        let clauses = clauses.into_iter();
        Catalogue {
            clauses: clauses.map(|clause| (clause.id.clone(), clause)).collect(),
        }
    }

    /// Returns the clause with this id.
    pub fn get(&self, id: &ClauseId) -> Option<&Clause> {
        self.clauses.get(id)
    }

    /// Returns every clause, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &Clause> {
        self.clauses.values()
    }
}

fn clause_error(clause: &Clause) -> Option<String> {
    let id = &clause.id;
    let word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let parts = id.as_str().split('.').count();
    if parts < 2 || !id.as_str().split('.').all(word) {
        let form = "write at least two words of `a` to `z`, `0` to `9` and `-`, separated by dots";
        return Some(format!("`{id}` isn't a clause id: {form}"));
    }
    let empty = |what| Some(format!("`{id}` has an empty {what}"));
    if clause.sentence.trim().is_empty() {
        return empty("sentence");
    }
    if clause.source.trim().is_empty() {
        return empty("source");
    }
    if clause
        .untried
        .as_ref()
        .is_some_and(|why| why.trim().is_empty())
    {
        return empty("`untried`: say why no case can test it");
    }
    let mut seen = clause.seen.iter();
    if let Some(link) = seen.find(|link| !link.starts_with("https://")) {
        return Some(format!(
            "`{id}`: `{link}` in `seen` isn't a link: it must begin with `https://`"
        ));
    }
    if let Some(since) = clause.since.as_deref().filter(|since| !is_version(since)) {
        return Some(format!(
            "`{id}`: `since = \"{since}\"` isn't a version such as `0.1`"
        ));
    }
    None
}

/// Whether this is a version of two numbers, as in `0.1`.
fn is_version(text: &str) -> bool {
    let is_number = |part: &str| part.parse::<u32>().is_ok();
    text.split_once('.')
        .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Capability;
    use crate::clause::{Level, Profile};
    use crate::judge::invariant;
    use rstest::rstest;

    const SHIPPED: &str = include_str!("../../../cases/clauses.toml");

    fn shipped() -> Catalogue {
        Catalogue::parse(SHIPPED).unwrap_or_else(|error| panic!("cases/clauses.toml: {error}"))
    }

    fn one(fields: &str) -> String {
        format!("[[clause]]\n{fields}\n")
    }

    #[test]
    fn a_clause_is_found_by_its_id() {
        let text = one(r#"
id = "pipe.eof.sticky"
sentence = "The end repeats."
level = "must"
profile = "core"
source = "POSIX""#);
        let catalogue = Catalogue::parse(&text).unwrap();
        let clause = catalogue.get(&"pipe.eof.sticky".into()).unwrap();
        assert_eq!((clause.level, clause.profile), (Level::Must, Profile::Core));
        assert_eq!(catalogue.get(&"pipe.eof.absent".into()), None);
    }

    #[rstest]
    #[case::invalid_toml("[[clause]]\nid = ", 2)]
    #[case::an_unknown_level("[[clause]]\nid = \"a.b\"\nlevel = \"maybe\"", 3)]
    #[case::an_unknown_field("[[clause]]\nid = \"a.b\"\nlevle = \"must\"", 3)]
    fn an_error_names_its_line(#[case] text: &str, #[case] line: usize) {
        let error = Catalogue::parse(text).unwrap_err();
        assert_eq!(error.line, line, "{error}");
    }

    #[rstest]
    #[case::one_word("pipe", "`pipe` isn't a clause id")]
    #[case::capitals("Pipe.eof", "`Pipe.eof` isn't a clause id")]
    #[case::an_empty_word("pipe..eof", "`pipe..eof` isn't a clause id")]
    fn a_malformed_id_is_an_error(#[case] id: &str, #[case] expected: &str) {
        let text = one(&format!(
            "id = \"{id}\"\nsentence = \"x\"\nlevel = \"must\"\nprofile = \"core\"\nsource = \"x\""
        ));
        let error = Catalogue::parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[rstest]
    #[case::a_report_without_a_link("seen = [\"gh-87971\"]", "`gh-87971` in `seen` isn't a link")]
    #[case::a_version_of_one_number("since = \"1\"", "isn't a version such as `0.1`")]
    #[case::no_reason("untried = \" \"", "say why no case can test it")]
    fn a_malformed_field_is_an_error(#[case] field: &str, #[case] expected: &str) {
        let text = one(&format!(
            "id = \"a.b\"\nsentence = \"x\"\nlevel = \"must\"\nprofile = \"core\"\nsource = \"x\"\n{field}"
        ));
        let error = Catalogue::parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn every_shipped_clause_says_since_when_it_exists() {
        let catalogue = shipped();
        let without = catalogue.iter().filter(|clause| clause.since.is_none());
        let without: Vec<_> = without.map(|clause| &clause.id).collect();
        assert_eq!(without, Vec::<&ClauseId>::new());
    }

    #[test]
    fn a_repeated_id_is_an_error() {
        let clause = one(
            "id = \"a.b\"\nsentence = \"x\"\nlevel = \"must\"\nprofile = \"core\"\nsource = \"x\"",
        );
        let error = Catalogue::parse(&clause.repeat(2)).unwrap_err();
        assert_eq!(error.message, "there is already a clause called `a.b`");
        assert_eq!(error.line, 7, "the line of the second clause");
    }

    #[test]
    fn every_clause_that_an_invariant_covers_is_in_the_shipped_catalogue() {
        let catalogue = shipped();
        for invariant in invariant::ALL {
            for clause in invariant.clauses {
                let known = catalogue.get(&(*clause).into()).is_some();
                assert!(known, "{} covers {clause}", invariant.name);
            }
        }
    }

    /// Otherwise a capability that an adapter adds would count for the library.
    #[test]
    fn clauses_about_a_capability_that_adapters_may_add_name_it() {
        for clause in shipped().iter() {
            let expected = match clause.id.as_str() {
                // Every library carries bytes.
                "value.bytes" => None,
                "proc.isolation.snapshot-at-send" => Some(Capability::SnapshotAtPut),
                "value.text" => Some(Capability::PlainValues),
                "value.int" => Some(Capability::LargeIntegers),
                "value.float" => Some(Capability::Floats),
                id if id.starts_with("value.") => Some(Capability::NestedValues),
                "pipe.frame.short-buffer" | "pipe.frame.count-equals-stored" => {
                    Some(Capability::Buffer)
                }
                id if id.starts_with("pipe.frame.") => Some(Capability::Boundaries),
                _ => continue,
            };
            assert_eq!(clause.capability, expected, "{}", clause.id);
        }
    }

    #[test]
    fn an_invariant_covers_every_clause_of_level_must() {
        let binding = |clause: &&Clause| clause.level == Level::Must;
        let uncovered: Vec<_> = shipped()
            .iter()
            .filter(binding)
            .filter(|clause| clause.untried.is_none() && !invariant::covers(clause.id.as_str()))
            .map(|clause| clause.id.clone())
            .collect();
        assert_eq!(uncovered, []);
    }
}
