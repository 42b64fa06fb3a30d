//! The results of `mutants`, as text and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::style::{DOUBT, FAINT, paint};
use crate::mutant::Family;
use crate::proof::{ControlResult, InvariantResult, MutantResult, Proof};

/// Writes the results as text.
pub fn text(proof: &Proof, out: &mut dyn Write) -> io::Result<()> {
    let mut family: Option<Family> = None;
    for mutant in &proof.mutants {
        if family.replace(mutant.family) != Some(mutant.family) {
            writeln!(out, "{}", mutant.family.word())?;
        }
        write_mutant(mutant, out)?;
    }
    if !proof.controls.is_empty() {
        writeln!(out, "{}", Family::Control.word())?;
    }
    for control in &proof.controls {
        write_control(control, out)?;
    }
    if !proof.invariants.is_empty() {
        writeln!(out, "invariants")?;
    }
    for invariant in &proof.invariants {
        write_invariant(invariant, out)?;
    }
    write_summary(proof, out)
}

fn write_mutant(result: &MutantResult, out: &mut dyn Write) -> io::Result<()> {
    let MutantResult {
        mutant,
        about,
        killed,
        seeds,
        ..
    } = result;
    let rate = format!("{killed}/{seeds}");
    let rate = if result.is_killed() {
        rate
    } else {
        paint(DOUBT, &rate)
    };
    let time = result.time_to_kill.map_or_else(String::new, |time| {
        format!(" in {:.2} s", time.as_secs_f64())
    });
    writeln!(out, "  {mutant}  {rate}{time}  {}", paint(FAINT, about))?;
    match &result.kill {
        Some(kill) => writeln!(out, "    {kill}"),
        None => writeln!(out, "    not killed"),
    }
}

fn write_control(result: &ControlResult, out: &mut dyn Write) -> io::Result<()> {
    let ControlResult {
        control,
        about,
        runs,
        permutations,
        accusations,
    } = result;
    let about = paint(FAINT, about);
    let accused = accusations.len();
    writeln!(
        out,
        "  {control}  accused in {accused} of {runs} runs on {permutations} permutations  {about}"
    )?;
    for accusation in accusations {
        writeln!(out, "    {accusation}")?;
    }
    Ok(())
}

fn write_invariant(result: &InvariantResult, out: &mut dyn Write) -> io::Result<()> {
    let name = result.invariant;
    match (&result.kill, result.spared) {
        (Some((mutant, permutation, clause)), _) => {
            writeln!(out, "  {name}: {mutant} in {permutation}: {clause}")
        }
        (None, Some(why)) => writeln!(out, "  {name}: kills none: {why}"),
        (None, None) => writeln!(out, "  {name}: {}", paint(DOUBT, "kills none")),
    }
}

fn write_summary(proof: &Proof, out: &mut dyn Write) -> io::Result<()> {
    let survivors: Vec<&str> = (proof.mutants.iter())
        .filter(|one| !one.is_killed())
        .map(|one| one.mutant.as_str())
        .collect();
    let idle: Vec<&str> = (proof.invariants.iter())
        .filter(|one| !one.is_proved())
        .map(|one| one.invariant)
        .collect();
    let accused: Vec<&str> = (proof.controls.iter())
        .filter(|one| !one.accusations.is_empty())
        .map(|one| one.control.as_str())
        .collect();
    let (mutants, controls) = (proof.mutants.len(), proof.controls.len());
    let killed = mutants - survivors.len();
    writeln!(
        out,
        "\n{killed} of {mutants} mutants killed, {} of {controls} controls accused",
        accused.len()
    )?;
    for (what, names) in [
        ("survive", survivors),
        ("accused", accused),
        ("invariants that kill none", idle),
    ] {
        if !names.is_empty() {
            writeln!(out, "{what}: {}", names.join(", "))?;
        }
    }
    Ok(())
}

/// The JSON object of one line.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum ProofRecord<'a> {
    Mutant(&'a MutantResult),
    Control(&'a ControlResult),
    Invariant(&'a InvariantResult),
}

/// Writes one line of JSON for each mutant, control and invariant.
pub(crate) fn json(proof: &Proof, out: &mut dyn Write) -> io::Result<()> {
    let mutants = proof.mutants.iter().map(ProofRecord::Mutant);
    let controls = proof.controls.iter().map(ProofRecord::Control);
    let invariants = proof.invariants.iter().map(ProofRecord::Invariant);
    for record in mutants.chain(controls).chain(invariants) {
        serde_json::to_writer(&mut *out, &record)?;
        writeln!(out)?;
    }
    Ok(())
}
