//! `mutants`: the proof that the harness detects faults and accuses no control.

use std::io::Write;
use std::num::NonZeroU64;
use std::path::Path;

use clap::Args;

use super::problem::Problem;
use super::settings::default_options;
use super::terminal::{OutputFormat, print_mistakes};
use crate::corpus::CaseFolder;
use crate::event::ExitCode;
use crate::mutant::Trigger;
use crate::proof::{self, KillTable, ProofOptions, TestBed};
use crate::registry::Registry;
use crate::report;
use crate::runner::{self, Session};

/// The arguments of `mutants`.
#[derive(Debug, Args)]
pub(super) struct MutantsArguments {
    /// Parts of names of mutants, which are `kind:backend~fault`. Without patterns, runs all
    /// mutants.
    #[arg(value_name = "PATTERN")]
    patterns: Vec<String>,
    /// Makes mutants of this backend instead of the reference backends: `kind:name`, or a part of
    /// it. May be repeated.
    #[arg(long = "backend", value_name = "BACKEND")]
    backends: Vec<String>,
    /// How often each fault shows: `always`, `every-N` or `1-in-N`. By default, each fault has its
    /// own rate.
    #[arg(long, value_name = "TRIGGER", value_parser = trigger)]
    trigger: Option<Trigger>,
    /// The number of runs, each with its own seed, in which every mutant must be killed.
    #[arg(long, value_name = "N", default_value = "1")]
    seeds: NonZeroU64,
    /// The number of runs, each with its own seed, in which no control may be accused.
    #[arg(long, value_name = "N", default_value = "20")]
    runs: u64,
    /// The output format: text for people, or a line of JSON for each mutant, control and
    /// invariant.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

fn trigger(text: &str) -> Result<Trigger, String> {
    let wrong = "it must be `always`, `every-N` or `1-in-N`";
    Trigger::from_name(text).ok_or_else(|| wrong.to_owned())
}

pub(super) fn mutants(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &MutantsArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let folder = CaseFolder::open(root)?;
    let (cases, rejected) = folder.cases();
    let faulty = print_mistakes(&rejected);
    let goldens = folder.goldens(&cases)?;
    let reviewed = KillTable::read(&folder)?;
    let sound = if arguments.backends.is_empty() {
        proof::references(registry)
    } else {
        let patterns = arguments.backends.iter();
        patterns.flat_map(|one| registry.matching(one)).collect()
    };
    let options = default_options(&folder)?;
    let session = Session::start(&options.program)?;
    let order = ProofOptions {
        patterns: arguments.patterns.clone(),
        often: arguments.trigger,
        seeds: arguments.seeds.get(),
        runs: arguments.runs,
        jobs: runner::jobs_here(),
    };
    let ground = TestBed {
        cases: &cases,
        goldens: &goldens,
        sound: &sound,
        options: &options,
        session: &session,
        reviewed: &reviewed,
    };
    let Some(proof) = proof::prove(&order, &ground) else {
        return Ok(ExitCode::Interrupted);
    };
    if proof.mutants.is_empty() && proof.controls.is_empty() {
        let what = "no mutant has such a name: names are like `pipe:std/pipe~lost`";
        return Err(Problem::new(ExitCode::NothingToRun, what));
    }
    match arguments.format {
        OutputFormat::Text => report::proof::text(&proof, out)?,
        OutputFormat::Json => report::proof::json(&proof, out)?,
    }
    let code = match proof.holds() {
        true => ExitCode::AsExpected,
        false => ExitCode::Broken,
    };
    Ok(match faulty {
        0 => code,
        _ => code.worse(ExitCode::Usage),
    })
}
