//! Updates a file of divergences to what a run showed.
//!
//! Comments, the order of entries, and everything that the run didn't cover stay as they are.

use std::collections::BTreeMap;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::observation::{Observation, ObservedResult};
use super::{Divergence, DivergenceFile, Shows, Signature};
use crate::backend::{Key, System};
use crate::case::Diagnostics;
use crate::clause::ClauseId;

/// A file of divergences after a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EditedDivergences {
    /// Its new text.
    pub text: String,
    /// How many entries are new and need a reason and a link.
    pub added: usize,
    /// How many entries have a new signature.
    pub changed: usize,
    /// How many entries were removed.
    pub removed: usize,
    /// The lines of entries that hold in some of their trials and are broken in others. A person must
    /// limit those entries.
    pub mixed: Vec<usize>,
}

/// Adds the observations of this backend on this system to a file. `text` is the content of the file
/// at `path`, and `count` returns how many permutations of a case the backend can run.
///
/// # Errors
/// Returns the mistakes of a text that isn't well-formed.
pub(crate) fn edit(
    path: &str,
    text: Option<&str>,
    backend: &Key,
    observations: &[Observation],
    system: System,
    count: &dyn Fn(&str) -> usize,
) -> Result<EditedDivergences, Diagnostics> {
    let start = format!("backend = {}\n", Value::from(backend.to_string()));
    let text = text.unwrap_or(&start);
    let file = DivergenceFile::parse(path, text)?;
    let mut document: DocumentMut = text.parse().unwrap_or_default();
    let mut edited = EditedDivergences {
        text: String::new(),
        added: 0,
        changed: 0,
        removed: 0,
        mixed: Vec::new(),
    };
    let entries = document
        .entry("divergence")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    // `divergence = [{ … }]` is unusual but correct.
    *entries = match std::mem::take(entries).into_array_of_tables() {
        Ok(tables) => Item::ArrayOfTables(tables),
        Err(other) => other,
    };
    if let Some(entries) = entries.as_array_of_tables_mut() {
        // Starts with the last, so that a removal doesn't move entries that are still to come.
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

/// Updates one entry to what its trials showed.
fn correct(
    entries: &mut ArrayOfTables,
    place: usize,
    divergence: &Divergence,
    observations: &[Observation],
    edited: &mut EditedDivergences,
) {
    let mut seen: Vec<Signature> = Vec::new();
    let (mut is_new, mut held) = (false, false);
    let of_entry = |one: &&Observation| one.recorded.as_ref() == Some(&divergence.place);
    for observation in observations.iter().filter(of_entry) {
        match &observation.result {
            ObservedResult::Held => held = true,
            ObservedResult::AsRecorded(signatures) => add(&mut seen, signatures),
            ObservedResult::Unrecorded(signatures) => {
                is_new = true;
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
    if !is_new {
        return;
    }
    if divergence.shows == Shows::Sometimes {
        // A way that didn't show this time may show the next time.
        let mut all = divergence.signatures.clone();
        add(&mut all, &seen);
        seen = all;
    }
    if let Some(entry) = entries.get_mut(place) {
        entry["signature"] = Item::Value(to_value(&seen));
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

/// An entry without a reason and a link.
#[derive(Clone)]
struct NewEntry {
    clause: ClauseId,
    case: String,
    signatures: Vec<Signature>,
}

/// Returns one entry for a case if all its permutations break alike, and otherwise one for each
/// permutation that breaks.
fn new_entries(observations: &[Observation], count: &dyn Fn(&str) -> usize) -> Vec<NewEntry> {
    let mut alone: Vec<NewEntry> = Vec::new();
    let mut cases: BTreeMap<(&ClauseId, &str), Vec<usize>> = BTreeMap::new();
    for observation in observations {
        if let (None, ObservedResult::Unrecorded(signatures)) =
            (&observation.recorded, &observation.result)
        {
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
        table["signature"] = Item::Value(to_value(&self.signatures));
        table["shows"] = toml_edit::value(Shows::Always.word());
        table["reason"] = toml_edit::value("");
        table["link"] = toml_edit::value("");
        table.decor_mut().set_prefix("\n");
        table
    }
}

/// Signatures as a file has them: one alone, several as a list with a line for each.
fn to_value(signatures: &[Signature]) -> Value {
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
