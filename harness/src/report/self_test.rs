//! The result of a self-test, for people.

use std::io::{self, Write};

use crate::self_test::{Fault, SelfTest};

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
            .map(|(verdict, count)| format!("{} {count}", verdict.word()))
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

fn write_fault(fault: &Fault, seed: u64, out: &mut dyn Write) -> io::Result<()> {
    let verdict = fault.mistake.verdict.word();
    writeln!(out, "\n{verdict} {} (seed {seed})", fault.trial)?;
    for reason in &fault.reasons {
        writeln!(out, "  {reason}")?;
    }
    writeln!(out, "  the smallest case file that was found:\n")?;
    for line in fault.text.lines() {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}
