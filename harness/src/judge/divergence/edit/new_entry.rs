//! Entries for breaks that no entry records, without a kind, a reason and a quote.

use std::collections::BTreeMap;

use toml_edit::{Array, InlineTable, Item, Table, Value};

use crate::backend::{Key, System};
use crate::clause::ClauseId;
use crate::judge::divergence::entry::LimitedSignature;
use crate::judge::divergence::observation::{Observation, ObservedResult};
use crate::judge::divergence::{Shows, Signature, WildcardPattern};

/// A break that a person must review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewEntry {
    backends: Vec<Key>,
    case: String,
    clauses: Vec<ClauseId>,
    signatures: Vec<Signature>,
}

/// Returns the entries that are missing. What broke in the same way in the same case is one entry,
/// because it probably has one cause.
pub(super) fn of(
    observations: &[&Observation],
    count: &dyn Fn(&Key, &str) -> usize,
) -> Vec<NewEntry> {
    let mut entries: Vec<NewEntry> = Vec::new();
    for alone in of_one_clause(observations, count) {
        let is_same = |other: &&mut NewEntry| {
            other.backends == alone.backends
                && (&other.case, &other.signatures) == (&alone.case, &alone.signatures)
        };
        match entries.iter_mut().find(is_same) {
            Some(entry) => entry.clauses.extend(alone.clauses),
            None => entries.push(alone),
        }
    }
    let mut merged: Vec<NewEntry> = Vec::new();
    for of_backend in entries {
        let is_same = |other: &&mut NewEntry| {
            let look = |one: &NewEntry| {
                (
                    one.case.clone(),
                    one.clauses.clone(),
                    one.signatures.clone(),
                )
            };
            look(other) == look(&of_backend)
        };
        match merged.iter_mut().find(is_same) {
            Some(entry) => entry.backends.extend(of_backend.backends),
            None => merged.push(of_backend),
        }
    }
    merged
}

/// Returns one entry for a case if all its permutations break alike, and otherwise one for each
/// permutation that breaks.
fn of_one_clause(
    observations: &[&Observation],
    count: &dyn Fn(&Key, &str) -> usize,
) -> Vec<NewEntry> {
    let mut alone: Vec<NewEntry> = Vec::new();
    let mut cases: BTreeMap<(&Key, &str, &ClauseId), Vec<usize>> = BTreeMap::new();
    for observation in observations {
        if let (None, ObservedResult::Unrecorded(signatures)) =
            (&observation.recorded, &observation.result)
        {
            let case = (
                &observation.backend,
                observation.case.as_str(),
                &observation.clause,
            );
            cases.entry(case).or_default().push(alone.len());
            alone.push(NewEntry {
                backends: vec![observation.backend.clone()],
                case: match observation.permutation.as_str() {
                    "" => observation.case.clone(),
                    permutation => format!("{}[{permutation}]", observation.case),
                },
                clauses: vec![observation.clause.clone()],
                signatures: signatures.clone(),
            });
        }
    }
    let mut entries = Vec::new();
    for ((backend, case, _), places) in cases {
        let first = &alone[places[0]];
        let alike = places
            .iter()
            .all(|place| alone[*place].signatures == first.signatures);
        if alike && places.len() == count(backend, case) {
            entries.push(NewEntry {
                case: case.to_owned(),
                ..first.clone()
            });
        } else {
            entries.extend(places.iter().map(|place| alone[*place].clone()));
        }
    }
    entries
}

impl NewEntry {
    /// Returns the entry as a table. Every run fails until a person fills in what is empty.
    pub(super) fn table(&self, system: System) -> Table {
        let texts = |texts: Vec<String>| -> Item {
            let texts: Array = texts.iter().map(String::as_str).collect();
            toml_edit::value(texts)
        };
        let backends = self.backends.iter().map(Key::to_string).collect();
        let clauses = self.clauses.iter().map(ClauseId::to_string).collect();
        let mut when = InlineTable::new();
        when.insert("os", system.word().into());
        let ways = self.signatures.iter().map(signature_table).collect();
        let mut table = Table::new();
        table["backends"] = texts(backends);
        table["cases"] = texts(vec![self.case.clone()]);
        table["clauses"] = texts(clauses);
        table["kind"] = toml_edit::value("");
        table["when"] = toml_edit::value(when);
        table["signature"] = Item::Value(list(ways));
        table["shows"] = toml_edit::value(Shows::Always.word());
        for key in ["reason", "quote", "source", "link"] {
            table[key] = toml_edit::value("");
        }
        table
    }
}

/// Returns a signature as files write it.
pub(super) fn signature_table(signature: &Signature) -> InlineTable {
    let mut table = InlineTable::new();
    table.insert("step", signature.step.as_str().into());
    table.insert("outcome", signature.outcome.word().into());
    if let Some(raw) = &signature.raw {
        table.insert("raw", raw.as_str().into());
    }
    table
}

/// Returns a signature and its limits as files write them.
pub(super) fn limited_table(limited: &LimitedSignature) -> InlineTable {
    let mut table = InlineTable::new();
    let limits = [
        ("backends", &limited.backends),
        ("cases", &limited.cases),
        ("clauses", &limited.clauses),
    ];
    for (key, patterns) in limits {
        let patterns: Vec<&str> = patterns.iter().map(WildcardPattern::as_str).collect();
        match patterns[..] {
            [] => {}
            [one] => {
                table.insert(key, one.into());
            }
            _ => {
                table.insert(key, patterns.into_iter().collect::<Array>().into());
            }
        }
    }
    for (key, value) in signature_table(&limited.signature) {
        table.insert(key, value);
    }
    table
}

/// Returns signatures as a file has them: one alone, several as a list with a line for each.
pub(super) fn list(mut tables: Vec<InlineTable>) -> Value {
    if tables.len() == 1 {
        return tables.remove(0).into();
    }
    let mut list: Array = tables.into_iter().collect();
    for signature in list.iter_mut() {
        signature.decor_mut().set_prefix("\n  ");
    }
    list.set_trailing("\n");
    list.set_trailing_comma(true);
    list.into()
}
