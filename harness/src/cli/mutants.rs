//! `mutants`: the proof that the harness bites.

use std::io::Write;
use std::num::NonZeroU64;
use std::path::Path;

use clap::Args;

use super::{Format, Problem, options, tell_faults};
use crate::corpus::case_folder::CaseFolder;
use crate::event::exit_code::ExitCode;
use crate::mutant::Trigger;
use crate::proof::{self, Ground, Order, Table};
use crate::registry::Registry;
use crate::report;
use crate::runner::{self, Session};

/// `mutants`' arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Parts of mutants' names, which are `kind:backend~fault`; all of them where there is none.
    #[arg(value_name = "PATTERN")]
    patterns: Vec<String>,
    /// Makes these backends wrong, and not the references: `kind:name`, a name, or a part of either.
    /// May be given again.
    #[arg(long = "backend", value_name = "BACKEND")]
    backends: Vec<String>,
    /// How often faults show, of all the times that they could: `always`, `every-3`, `1-in-100`. As
    /// often as each of them says where it isn't given.
    #[arg(long, value_name = "TRIGGER", value_parser = trigger)]
    trigger: Option<Trigger>,
    /// In how many runs, from seeds of their own, every mutant is to be killed.
    #[arg(long, value_name = "N", default_value = "1")]
    seeds: NonZeroU64,
    /// In how many runs, from seeds of their own, no control may be accused.
    #[arg(long, value_name = "N", default_value = "20")]
    runs: u64,
    /// What to print: text for people, or one line of JSON for each mutant, control and invariant.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn trigger(text: &str) -> Result<Trigger, String> {
    let wrong = "it is `always`, `every-N` or `1-in-N`";
    Trigger::from_name(text).ok_or_else(|| wrong.to_owned())
}

pub(super) fn mutants(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let library = CaseFolder::open(root)?;
    let (cases, faults) = library.cases();
    let faulty = tell_faults(&faults);
    let goldens = library.goldens(&cases)?;
    let reviewed = Table::read(&library)?;
    let sound = if arguments.backends.is_empty() {
        proof::references(registry)
    } else {
        let patterns = arguments.backends.iter();
        patterns.flat_map(|one| registry.matching(one)).collect()
    };
    let options = options(&library)?;
    let session = Session::start(&options.program)?;
    let order = Order {
        patterns: arguments.patterns.clone(),
        often: arguments.trigger,
        seeds: arguments.seeds.get(),
        runs: arguments.runs,
        jobs: runner::jobs_here(),
    };
    let ground = Ground {
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
        let what = "no mutant is called that; their names are like `pipe:std/pipe~lost`";
        return Err(Problem::new(ExitCode::NothingToRun, what));
    }
    match arguments.format {
        Format::Text => report::proof::text(&proof, out)?,
        Format::Json => report::proof::json(&proof, out)?,
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
