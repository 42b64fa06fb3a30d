//! What killed which: the part of a proof that a person reviews.
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
use std::fmt::{self, Write as _};
use std::fs;
use std::io;

use super::Proof;
use super::kill::Kill;
use crate::corpus::{CaseFolder, CaseFolderError};
use crate::event::ExitCode;
use crate::judge::golden;
use crate::mutant::Family;

const INVARIANTS: &str = "invariants";
const NOTHING: &str = "nothing kills it";

/// What killed which when a person last looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    kills: BTreeMap<String, Kill>,
    /// By invariant: the mutant, the permutation, the clause.
    by: BTreeMap<String, (String, String, String)>,
}

impl Table {
    /// Reads the reviewed table of this folder; an empty one where there is none yet.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn read(folder: &CaseFolder) -> Result<Table, CaseFolderError> {
        let path = folder.root_folder.golden("mutants");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Table::default()),
            Err(error) => {
                return Err(CaseFolderError {
                    code: ExitCode::Usage,
                    what: format!("can't read {}: {error}", path.display()),
                });
            }
        };
        Ok(Table::parse(
            golden::file::contents(&text).unwrap_or_default(),
        ))
    }

    /// Reads what [`Proof::table`] writes; a line that says nothing of the kind is passed over.
    pub fn parse(text: &str) -> Table {
        let mut table = Table::default();
        let (mut section, mut of) = ("", "");
        for line in text.lines() {
            let words = line.trim_start();
            match line.len() - words.len() {
                0 => section = words,
                2 => of = words,
                _ if section == INVARIANTS => {
                    let kill = words.split_once(" in ").and_then(|(mutant, rest)| {
                        let (permutation, clause) = rest.rsplit_once(": ")?;
                        Some((mutant.to_owned(), permutation.to_owned(), clause.to_owned()))
                    });
                    table.by.extend(kill.map(|kill| (of.to_owned(), kill)));
                }
                _ => {
                    let mutant = of.split_once(": ").map_or(of, |(mutant, _)| mutant);
                    let kill = Kill::parse(words);
                    table
                        .kills
                        .extend(kill.map(|kill| (mutant.to_owned(), kill)));
                }
            }
        }
        table
    }

    /// What killed this mutant.
    pub(super) fn kill_of(&self, mutant: &str) -> Option<&Kill> {
        self.kills.get(mutant)
    }

    /// A mutant that this invariant killed, in which permutation, by which clause.
    pub(super) fn kill_by(&self, invariant: &str) -> Option<&(String, String, String)> {
        self.by.get(invariant)
    }
}

pub(super) fn write(proof: &Proof, out: &mut String) -> fmt::Result {
    let mut family: Option<Family> = None;
    for mutant in &proof.mutants {
        if family.replace(mutant.family) != Some(mutant.family) {
            let between = if out.is_empty() { "" } else { "\n" };
            writeln!(out, "{between}{}", mutant.family.word())?;
        }
        writeln!(out, "  {}: {}", mutant.mutant, mutant.about)?;
        match &mutant.kill {
            Some(kill) => writeln!(out, "    {kill}")?,
            None => writeln!(out, "    {NOTHING}")?,
        }
    }
    if !proof.invariants.is_empty() {
        writeln!(out, "\n{INVARIANTS}")?;
    }
    for one in &proof.invariants {
        writeln!(out, "  {}", one.invariant)?;
        match (&one.kill, one.spared) {
            (Some((mutant, permutation, clause)), _) => {
                writeln!(out, "    {mutant} in {permutation}: {clause}")?;
            }
            (None, Some(why)) => writeln!(out, "    kills none: {why}")?,
            (None, None) => writeln!(out, "    kills none")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutant::Fault;
    use crate::proof::{InvariantResult, MutantResult};

    fn result(mutant: &str, fault: Fault, kill: Option<Kill>) -> MutantResult {
        MutantResult {
            mutant: mutant.to_owned(),
            family: fault.family(),
            about: fault.about(),
            seeds: 1,
            killed: 1,
            at_least: 1,
            kill,
            time_to_kill: None,
        }
    }

    fn kill(is_promised: bool) -> Option<Kill> {
        Some(Kill {
            permutation: "a/b[x=by: y]".to_owned(),
            clause: "c.d".to_owned(),
            invariant: "end".to_owned(),
            is_promised,
        })
    }

    fn proof() -> Proof {
        let place = |mutant: &str| (mutant.to_owned(), "a/b".to_owned(), "c.d".to_owned());
        let invariant = |invariant, kill, spared| InvariantResult {
            invariant,
            kill,
            spared,
        };
        Proof {
            mutants: vec![
                result("pipe:p~lost", Fault::Lost, kill(true)),
                result("queue:q~lost", Fault::Lost, None),
                result("pipe:p~orphan", Fault::Orphan, kill(false)),
            ],
            controls: Vec::new(),
            invariants: vec![
                invariant("end", Some(place("pipe:p~lost")), None),
                invariant("isolation", None, Some("nobody can")),
                invariant("poll", None, None),
            ],
        }
    }

    #[test]
    fn a_table_says_what_killed_which() {
        insta::assert_snapshot!(proof().table(), @r"
        loss
          pipe:p~lost: every third message is lost
            a/b[x=by: y]: c.d by end
          queue:q~lost: every third message is lost
            nothing kills it

        resources
          pipe:p~orphan: a helper process stays for ever
            a/b[x=by: y]: c.d by end (nobody is promised that)

        invariants
          end
            pipe:p~lost in a/b: c.d
          isolation
            kills none: nobody can
          poll
            kills none
        ");
    }

    #[test]
    fn what_is_written_reads_back() {
        let table = Table::parse(&proof().table());
        assert_eq!(table.kill_of("pipe:p~lost"), kill(true).as_ref());
        assert_eq!(table.kill_of("pipe:p~orphan"), kill(false).as_ref());
        assert_eq!(table.kill_of("queue:q~lost"), None);
        let (mutant, permutation, clause) = table.kill_by("end").unwrap();
        assert_eq!([mutant, permutation, clause], ["pipe:p~lost", "a/b", "c.d"]);
        assert_eq!(table.kill_by("isolation"), None);
    }
}
