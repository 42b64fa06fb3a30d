//! Writes the table of kills that a person reviews.

use std::fmt::{self, Write as _};

use super::result::Proof;
use super::table::INVARIANTS;
use crate::mutant::Family;

const NOTHING: &str = "nothing kills it";

impl Proof {
    /// Formats the part of the proof that is the same in each run; [`KillTable::parse`] reads it.
    ///
    /// [`KillTable::parse`]: crate::proof::KillTable::parse
    pub fn table(&self) -> String {
        let mut table = String::new();
        write(self, &mut table).expect("writing to a string can't fail");
        table
    }
}

fn write(proof: &Proof, out: &mut String) -> fmt::Result {
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
    use crate::proof::kill::Kill;
    use crate::proof::{InvariantResult, KillTable, MutantResult};

    fn result(mutant: &str, fault: Fault, kill: Option<Kill>) -> MutantResult {
        MutantResult {
            mutant: mutant.to_owned(),
            family: fault.family(),
            about: fault.about(),
            seeds: 1,
            killed: 1,
            undecided: 0,
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
                invariant("isolation", None, Some("no backend can")),
                invariant("poll", None, None),
            ],
        }
    }

    #[test]
    fn a_table_lists_the_kill_of_each_mutant() {
        insta::assert_snapshot!(proof().table(), @r"
        loss
          pipe:p~lost: every third message is lost
            a/b[x=by: y]: c.d by end
          queue:q~lost: every third message is lost
            nothing kills it

        resources
          pipe:p~orphan: a helper process never exits
            a/b[x=by: y]: c.d by end (not promised)

        invariants
          end
            pipe:p~lost in a/b: c.d
          isolation
            kills none: no backend can
          poll
            kills none
        ");
    }

    #[test]
    fn a_written_table_reads_back() {
        let table = KillTable::parse(&proof().table());
        assert_eq!(table.kill_of("pipe:p~lost"), kill(true).as_ref());
        assert_eq!(table.kill_of("pipe:p~orphan"), kill(false).as_ref());
        assert_eq!(table.kill_of("queue:q~lost"), None);
        let (mutant, permutation, clause) = table.kill_by("end").unwrap();
        assert_eq!([mutant, permutation, clause], ["pipe:p~lost", "a/b", "c.d"]);
        assert_eq!(table.kill_by("isolation"), None);
    }
}
