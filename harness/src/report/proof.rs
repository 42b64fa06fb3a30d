//! What killed which wrong backend, for people and for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::style::{DOUBT, FAINT, paint};
use crate::mutant::Family;
use crate::proof::{ControlResult, InvariantResult, MutantResult, Proof};

/// Tells a person.
pub fn text(proof: &Proof, out: &mut dyn Write) -> io::Result<()> {
    let mut family: Option<Family> = None;
    for mutant in &proof.mutants {
        if family.replace(mutant.family) != Some(mutant.family) {
            writeln!(out, "{}", mutant.family.word())?;
        }
        tell_mutant(mutant, out)?;
    }
    if !proof.controls.is_empty() {
        writeln!(out, "{}", Family::Control.word())?;
    }
    for control in &proof.controls {
        tell_control(control, out)?;
    }
    if !proof.invariants.is_empty() {
        writeln!(out, "invariants")?;
    }
    for invariant in &proof.invariants {
        tell_invariant(invariant, out)?;
    }
    conclude(proof, out)
}

fn tell_mutant(result: &MutantResult, out: &mut dyn Write) -> io::Result<()> {
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
        None => writeln!(out, "    nothing kills it"),
    }
}

fn tell_control(result: &ControlResult, out: &mut dyn Write) -> io::Result<()> {
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

fn tell_invariant(result: &InvariantResult, out: &mut dyn Write) -> io::Result<()> {
    let name = result.invariant;
    match (&result.kill, result.spared) {
        (Some((mutant, permutation, clause)), _) => {
            writeln!(out, "  {name}: {mutant} in {permutation}: {clause}")
        }
        (None, Some(why)) => writeln!(out, "  {name}: kills none: {why}"),
        (None, None) => writeln!(out, "  {name}: {}", paint(DOUBT, "kills none")),
    }
}

fn conclude(proof: &Proof, out: &mut dyn Write) -> io::Result<()> {
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

/// One line of JSON.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line<'a> {
    Mutant(&'a MutantResult),
    Control(&'a ControlResult),
    Invariant(&'a InvariantResult),
}

/// Tells a program: one line for each mutant, control and invariant.
pub fn json(proof: &Proof, out: &mut dyn Write) -> io::Result<()> {
    let mutants = proof.mutants.iter().map(Line::Mutant);
    let controls = proof.controls.iter().map(Line::Control);
    let invariants = proof.invariants.iter().map(Line::Invariant);
    for line in mutants.chain(controls).chain(invariants) {
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}
