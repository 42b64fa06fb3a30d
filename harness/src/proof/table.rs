//! The table of kills that a person reviews.
//!
//! ```text
//! loss
//!   pipe:std/pipe~lost: every third message is lost
//!     seed/pipe: pipe.frame.boundaries-preserved by boundary
//!
//! invariants
//!   boundary
//!     pipe:std/pipe~lost in seed/pipe: pipe.frame.boundaries-preserved
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;

use super::kill::Kill;
use crate::corpus::{CaseFolder, CaseFolderError};
use crate::event::ExitCode;
use crate::judge::golden;

/// The heading of the part about invariants.
pub(super) const INVARIANTS: &str = "invariants";

/// Which case kills which mutant, according to the last review.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KillTable {
    kills: BTreeMap<String, Kill>,
    /// For each invariant the mutant, the permutation and the clause.
    by_invariant: BTreeMap<String, (String, String, String)>,
}

impl KillTable {
    /// Reads the reviewed table of this folder; the table is empty if there is no file yet.
    ///
    /// # Errors
    /// If the file exists and can't be read.
    pub fn read(folder: &CaseFolder) -> Result<KillTable, CaseFolderError> {
        let path = folder.root_folder.golden("mutants");
        let text = match folder.root_folder.embedded(&path) {
            Some(text) => Ok(text.to_owned()),
            None => fs::read_to_string(&path),
        };
        let text = match text {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(KillTable::default());
            }
            Err(error) => {
                return Err(CaseFolderError {
                    code: ExitCode::Usage,
                    what: format!("can't read {}: {error}", path.display()),
                });
            }
        };
        Ok(KillTable::parse(
            golden::file::contents(&text).unwrap_or_default(),
        ))
    }

    /// Parses what [`Proof::table`](super::Proof::table) writes, and skips any other line.
    pub fn parse(text: &str) -> KillTable {
        let mut table = KillTable::default();
        let (mut section, mut entry) = ("", "");
        for line in text.lines() {
            let words = line.trim_start();
            match line.len() - words.len() {
                0 => section = words,
                2 => entry = words,
                _ if section == INVARIANTS => {
                    let kill = words.split_once(" in ").and_then(|(mutant, rest)| {
                        let (permutation, clause) = rest.rsplit_once(": ")?;
                        Some((mutant.to_owned(), permutation.to_owned(), clause.to_owned()))
                    });
                    table
                        .by_invariant
                        .extend(kill.map(|kill| (entry.to_owned(), kill)));
                }
                _ => {
                    let mutant = entry.split_once(": ").map_or(entry, |(mutant, _)| mutant);
                    let kill = Kill::parse(words);
                    table
                        .kills
                        .extend(kill.map(|kill| (mutant.to_owned(), kill)));
                }
            }
        }
        table
    }

    /// Returns what kills this mutant.
    pub(super) fn kill_of(&self, mutant: &str) -> Option<&Kill> {
        self.kills.get(mutant)
    }

    /// Returns a mutant that this invariant kills, in which permutation, and by which clause.
    pub(super) fn kill_by(&self, invariant: &str) -> Option<&(String, String, String)> {
        self.by_invariant.get(invariant)
    }
}
