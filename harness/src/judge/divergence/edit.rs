//! Divergences, brought to what a run has shown.
//!
//! Comments, order and everything that a run says nothing of stay as they are.

use std::collections::BTreeMap;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::observation::{Observation, Seen};
use super::{Divergence, File, Shows, Signature};
use crate::backend::{Key, System};
use crate::case::Diagnostics;
use crate::clause::ClauseId;

/// A file of divergences after a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// Its new text.
    pub text: String,
    /// How many entries are new, and wait for a reason and a link.
    pub added: usize,
    /// How many have a signature that they hadn't.
    pub changed: usize,
    /// How many are gone.
    pub removed: usize,
    /// The lines of entries that hold in some of their trials and are broken in others: a person
    /// must say in which.
    pub mixed: Vec<usize>,
}

/// The text with what was seen of this backend on this system in it. `path` is where the text
/// stands, and `count` says how many permutations of a case the backend can run.
///
/// # Errors
/// Where the text isn't well-formed.
pub fn edit(
    path: &str,
    text: Option<&str>,
    backend: &Key,
    observations: &[Observation],
    system: System,
    count: &dyn Fn(&str) -> usize,
) -> Result<Edited, Diagnostics> {
    let start = format!("backend = {}\n", Value::from(backend.to_string()));
    let text = text.unwrap_or(&start);
    let file = File::parse(path, text)?;
    let mut document: DocumentMut = text.parse().unwrap_or_default();
    let mut edited = Edited {
        text: String::new(),
        added: 0,
        changed: 0,
        removed: 0,
        mixed: Vec::new(),
    };
    let entries = document
        .entry("divergence")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    // `divergence = [{ … }]` is unusual, and right.
    *entries = match std::mem::take(entries).into_array_of_tables() {
        Ok(tables) => Item::ArrayOfTables(tables),
        Err(other) => other,
    };
    if let Some(entries) = entries.as_array_of_tables_mut() {
        // From the last on, so that the places of those before stay.
        for (place, divergence) in file.divergences.iter().enumerate().rev() {
            correct(entries, place, divergence, observations, &mut edited);
        }
        for entry in new_entries(observations, count) {
            entries.push(entry.table(system));
            edited.added += 1;
        }
    }
    edited.mixed.reverse();
    edited.text = document.to_string();
    Ok(edited)
}

/// Brings one entry to what its trials have shown.
fn correct(
    entries: &mut ArrayOfTables,
    place: usize,
    divergence: &Divergence,
    observations: &[Observation],
    edited: &mut Edited,
) {
    let mut seen: Vec<Signature> = Vec::new();
    let (mut is_news, mut held) = (false, false);
    let of_entry = |one: &&Observation| one.recorded.as_ref() == Some(&divergence.place);
    for observation in observations.iter().filter(of_entry) {
        match &observation.seen {
            Seen::Held => held = true,
            Seen::AsRecorded(signatures) => add(&mut seen, signatures),
            Seen::Unrecorded(signatures) => {
                is_news = true;
                add(&mut seen, signatures);
            }
        }
    }
    if held && seen.is_empty() {
        entries.remove(place);
        edited.removed += 1;
        return;
    }
    if held {
        edited.mixed.push(divergence.place.line);
    }
    if !is_news {
        return;
    }
    if divergence.shows == Shows::Sometimes {
        // What didn't show this time may show the next.
        let mut all = divergence.signatures.clone();
        add(&mut all, &seen);
        seen = all;
    }
    if let Some(entry) = entries.get_mut(place) {
        entry["signature"] = Item::Value(written(&seen));
        edited.changed += 1;
    }
}

fn add(signatures: &mut Vec<Signature>, more: &[Signature]) {
    for signature in more {
        if !signatures.contains(signature) {
            signatures.push(signature.clone());
        }
    }
}

/// An entry that nobody has reviewed yet.
#[derive(Clone)]
struct NewEntry {
    clause: ClauseId,
    case: String,
    signatures: Vec<Signature>,
}

/// One entry for each case in which all permutations break alike, else one for each permutation.
fn new_entries(observations: &[Observation], count: &dyn Fn(&str) -> usize) -> Vec<NewEntry> {
    let mut alone: Vec<NewEntry> = Vec::new();
    let mut cases: BTreeMap<(&ClauseId, &str), Vec<usize>> = BTreeMap::new();
    for observation in observations {
        if let (None, Seen::Unrecorded(signatures)) = (&observation.recorded, &observation.seen) {
            let case = (&observation.clause, observation.case.as_str());
            cases.entry(case).or_default().push(alone.len());
            alone.push(NewEntry {
                clause: observation.clause.clone(),
                case: match observation.permutation.as_str() {
                    "" => observation.case.clone(),
                    permutation => format!("{}[{permutation}]", observation.case),
                },
                signatures: signatures.clone(),
            });
        }
    }
    let mut entries = Vec::new();
    for ((clause, case), places) in cases {
        let first = &alone[places[0]].signatures;
        let alike = places
            .iter()
            .all(|place| alone[*place].signatures == *first);
        if alike && places.len() == count(case) {
            entries.push(NewEntry {
                clause: clause.clone(),
                case: case.to_owned(),
                signatures: first.clone(),
            });
        } else {
            entries.extend(places.iter().map(|place| alone[*place].clone()));
        }
    }
    entries
}

impl NewEntry {
    fn table(&self, system: System) -> Table {
        let mut when = InlineTable::new();
        when.insert("os", system.word().into());
        let mut table = Table::new();
        table["clause"] = toml_edit::value(self.clause.as_str());
        table["case"] = toml_edit::value(self.case.as_str());
        table["when"] = toml_edit::value(when);
        table["signature"] = Item::Value(written(&self.signatures));
        table["shows"] = toml_edit::value(Shows::Always.word());
        table["reason"] = toml_edit::value("");
        table["link"] = toml_edit::value("");
        table.decor_mut().set_prefix("\n");
        table
    }
}

/// As they stand in a file: alone, or as a list with a line for each.
fn written(signatures: &[Signature]) -> Value {
    let tables = signatures.iter().map(|signature| {
        let mut table = InlineTable::new();
        table.insert("step", signature.step.as_str().into());
        table.insert("outcome", signature.outcome.word().into());
        if let Some(raw) = &signature.raw {
            table.insert("raw", raw.as_str().into());
        }
        table
    });
    let mut tables: Vec<InlineTable> = tables.collect();
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

#[cfg(test)]
mod tests;
