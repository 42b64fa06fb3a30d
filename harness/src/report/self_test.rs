//! The result of a self-test, for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::printable::indented;
use crate::self_test::{Fault, MutantTally, SelfTest};

/// Writes the counts, and then each fault with its case file.
///
/// # Errors
/// The output can't be written.
pub(crate) fn text(result: &SelfTest, seed: u64, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "drawn, by the number of cases that have it:")?;
    for (group, things) in result.drawn.groups() {
        let things: Vec<String> = things
            .iter()
            .map(|(what, count)| format!("{what} {count}"))
            .collect();
        writeln!(out, "  {group:<10}{}", things.join(", "))?;
    }
    writeln!(out, "\nverdicts, by the number of trials:")?;
    for (backend, verdicts) in &result.verdicts {
        let verdicts: Vec<String> = verdicts
            .iter()
            .map(|(verdict, count)| format!("{verdict} {count}"))
            .collect();
        writeln!(out, "  {backend:<34}{}", verdicts.join(", "))?;
    }
    for fault in &result.faults {
        write_fault(fault, seed, out)?;
    }
    match result.faults.len() {
        0 => writeln!(out, "\nno verdict is the harness's own fault"),
        1 => writeln!(out, "\n1 verdict is the harness's own fault"),
        faults => writeln!(out, "\n{faults} verdicts are the harness's own fault"),
    }
}

/// Writes how often the fault of each mutant acted and was detected, and an example for each that never was.
///
/// # Errors
/// The output can't be written.
pub(crate) fn mutants(
    tallies: &BTreeMap<String, MutantTally>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "{:<44}{:>6}{:>8}{:>10}",
        "mutant", "runs", "acted", "detected"
    )?;
    for (name, tally) in tallies {
        let MutantTally {
            runs,
            acted,
            detected,
            ..
        } = tally;
        writeln!(out, "{name:<44}{runs:>6}{acted:>8}{detected:>10}")?;
    }
    let holes = tallies.values().filter(|tally| tally.is_hole());
    for (trial, text) in holes.filter_map(|tally| tally.passed.as_ref()) {
        writeln!(out, "\nthe fault acted, and everything passed: {trial}")?;
        writeln!(out, "  the shortest such case file:\n")?;
        text.lines()
            .try_for_each(|line| writeln!(out, "    {line}"))?;
    }
    let holes = tallies.values().filter(|tally| tally.is_hole()).count();
    writeln!(
        out,
        "\n{holes} of {} mutants acted undetected",
        tallies.len()
    )
}

fn write_fault(fault: &Fault, seed: u64, out: &mut dyn Write) -> io::Result<()> {
    let verdict = fault.mistake.verdict.word();
    writeln!(out, "\n{verdict} {} (seed {seed})", fault.trial)?;
    for reason in &fault.reasons {
        writeln!(out, "  {}", indented(reason))?;
    }
    writeln!(out, "  the smallest case file that was found:\n")?;
    for line in fault.text.lines() {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}
