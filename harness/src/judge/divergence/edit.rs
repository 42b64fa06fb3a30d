//! Updates a file of divergences to what a run showed.
//!
//! Comments, the order of entries, and everything that the run didn't cover stay as they are.

use std::collections::BTreeMap;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item};

use super::observation::{Observation, ObservedResult};
use super::{DivergenceFile, Entry, Shows, Signature};
use crate::backend::{Key, System};
use crate::case::Diagnostics;

mod new_entry;

/// A file of divergences after a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EditedDivergences {
    /// Its new text.
    pub text: String,
    /// How many entries are new and need a kind, a reason and a quote.
    pub added: usize,
    /// How many entries have a new signature.
    pub changed: usize,
    /// How many entries were removed.
    pub removed: usize,
    /// The lines of entries that hold in some of their trials and may be broken in others. A person
    /// must limit those entries.
    pub mixed: Vec<usize>,
}

/// Adds observations on this system to a file. `text` is the content of the file at `path`, and
/// `count` returns how many permutations of a case a backend can run.
///
/// # Errors
/// Returns the mistakes of a text that isn't well-formed.
pub(crate) fn edit(
    path: &str,
    text: Option<&str>,
    observations: &[&Observation],
    system: System,
    count: &dyn Fn(&Key, &str) -> usize,
) -> Result<EditedDivergences, Diagnostics> {
    let text = text.unwrap_or_default();
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
        for (place, entry) in file.entries.iter().enumerate().rev() {
            let of_entry = observations.iter().copied();
            let of_entry = of_entry.filter(|one| one.recorded.as_ref() == Some(&entry.place));
            let seen = Seen::of(entry, of_entry);
            correct(entries, place, entry, seen, &mut edited);
        }
        for entry in new_entry::of(observations, count) {
            let mut table = entry.table(system);
            if !entries.is_empty() || !text.trim().is_empty() {
                table.decor_mut().set_prefix("\n");
            }
            entries.push(table);
            edited.added += 1;
        }
    }
    edited.mixed.reverse();
    edited.text = document.to_string();
    Ok(edited)
}

/// What the trials of one entry showed.
#[derive(Default)]
struct Seen {
    /// How it broke, as recorded or not.
    ways: Vec<Signature>,
    /// The parts of the entry that broke in another way, each with the backends that did.
    new: BTreeMap<NewWay, Vec<String>>,
    /// How many of its parts held.
    held: usize,
}

/// A case of an entry as it is written there, a clause, and how it broke.
type NewWay = (String, String, String, Signature);

impl Seen {
    fn of<'a>(entry: &Entry, observations: impl Iterator<Item = &'a Observation>) -> Seen {
        let mut seen = Seen::default();
        let mut held = Vec::new();
        for observation in observations {
            let divergences = entry.of(&observation.backend).into_iter();
            let mut divergences = divergences.filter(|one| {
                let name = format!("{}[{}]", observation.case, observation.permutation);
                *one.clause == observation.clause
                    && (one.case.matches(&observation.case) || one.case.matches(&name))
            });
            let Some(divergence) = divergences.next() else {
                continue;
            };
            let case = divergence.case.as_str().to_owned();
            let clause = observation.clause.to_string();
            match &observation.result {
                ObservedResult::Held => {
                    let part = (observation.backend.clone(), case, clause);
                    if !held.contains(&part) {
                        held.push(part);
                    }
                }
                ObservedResult::AsRecorded(ways) => add(&mut seen.ways, ways),
                ObservedResult::Unrecorded(ways) => {
                    add(&mut seen.ways, ways);
                    let recorded = &divergence.signatures;
                    let is_new = |way: &&Signature| !recorded.iter().any(|one| one.includes(way));
                    for way in ways.iter().filter(is_new) {
                        let key = (case.clone(), clause.clone(), way.to_string(), way.clone());
                        let backends = seen.new.entry(key).or_default();
                        let backend = observation.backend.to_string();
                        if !backends.contains(&backend) {
                            backends.push(backend);
                        }
                    }
                }
            }
        }
        seen.held = held.len();
        seen
    }
}

/// Updates one entry to what its trials showed.
fn correct(
    entries: &mut ArrayOfTables,
    place: usize,
    entry: &Entry,
    seen: Seen,
    edited: &mut EditedDivergences,
) {
    if seen.held > 0 && seen.ways.is_empty() && Some(seen.held) == parts(entry) {
        remove(entries, place);
        edited.removed += 1;
        return;
    }
    if seen.held > 0 {
        edited.mixed.push(entry.place.line);
    }
    if seen.new.is_empty() {
        return;
    }
    let recorded = entry.signatures.iter();
    let mut ways: Vec<InlineTable> = match parts(entry) {
        // A way that didn't show this time may show the next time.
        Some(1) if entry.shows == Shows::Always => Vec::new(),
        _ => recorded.map(new_entry::limited_table).collect(),
    };
    match parts(entry) {
        Some(1) if entry.shows == Shows::Always => {
            ways.extend(seen.ways.iter().map(new_entry::signature_table));
        }
        Some(1) => ways.extend(
            seen.new
                .keys()
                .map(|(.., way)| new_entry::signature_table(way)),
        ),
        _ => ways.extend(seen.new.iter().map(|((case, clause, _, way), backends)| {
            let mut table = InlineTable::new();
            if entry.backends.len() > 1 || entry.backends[0].as_key().is_none() {
                let backends: Array = backends.iter().map(String::as_str).collect();
                table.insert("backends", backends.into());
            }
            if entry.cases.len() > 1 {
                table.insert("cases", case.as_str().into());
            }
            if entry.clauses.len() > 1 {
                table.insert("clauses", clause.as_str().into());
            }
            for (key, value) in new_entry::signature_table(way) {
                table.insert(key, value);
            }
            table
        })),
    }
    if let Some(table) = entries.get_mut(place) {
        table["signature"] = Item::Value(new_entry::list(ways));
        edited.changed += 1;
    }
}

/// Removes an entry with its comment. The comment of the whole file, which is above the first entry,
/// stays if another entry follows.
fn remove(entries: &mut ArrayOfTables, place: usize) {
    let prefix = |entries: &ArrayOfTables, place: usize| {
        let table = entries.get(place)?;
        Some(table.decor().prefix()?.as_str()?.to_owned())
    };
    let of_file = prefix(entries, place)
        .filter(|_| place == 0)
        .and_then(|text| Some(text.rsplit_once("\n\n")?.0.to_owned()));
    entries.remove(place);
    if let (Some(of_file), Some(next)) = (of_file, prefix(entries, 0))
        && let Some(first) = entries.get_mut(0)
    {
        let next = next.trim_start_matches('\n');
        first.decor_mut().set_prefix(format!("{of_file}\n\n{next}"));
    }
}

/// Returns how many backends, cases and clauses together an entry is about; `None` if its backends
/// aren't written out in full.
fn parts(entry: &Entry) -> Option<usize> {
    let keys: Option<Vec<Key>> = entry.backends.iter().map(|one| one.as_key()).collect();
    Some(keys?.iter().map(|key| entry.of(key).len()).sum())
}

fn add(signatures: &mut Vec<Signature>, more: &[Signature]) {
    for signature in more {
        if !signatures.contains(signature) {
            signatures.push(signature.clone());
        }
    }
}

#[cfg(test)]
mod tests;
