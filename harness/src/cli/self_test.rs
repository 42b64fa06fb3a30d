//! `self-test`: the harness tries itself with random cases.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;

use clap::Args;

use super::problem::Problem;
use super::settings::default_options;
use super::subjects::SubjectArguments;
use super::terminal::print_mistakes;
use crate::corpus::CaseFolder;
use crate::event::ExitCode;
use crate::proof;
use crate::registry::Registry;
use crate::report;
use crate::runner::{self, Options, Session, Subject};
use crate::self_test::{self, MutantTally, SelfTestOptions, TestGround};

/// The arguments of `self-test`.
#[derive(Debug, Args)]
pub(super) struct SelfTestArguments {
    /// The number of cases to draw.
    #[arg(long, value_name = "N", default_value = "400")]
    cases: u64,
    /// Determines the cases: the same seed draws the same cases.
    #[arg(long, value_name = "SEED", default_value = "0")]
    seed: u64,
    /// How many cases run at once. Defaults to 6 × CPUs, because trials mostly wait.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Prints the case with this number, from 0, and runs nothing.
    #[arg(long, value_name = "NUMBER")]
    show: Option<u64>,
    /// Runs the cases on mutants of the reference backends instead, some of them for each case. Shows how
    /// often the fault of each acted, and how often it was detected.
    #[arg(long, conflicts_with_all = ["backends", "adapters", "no_adapters"])]
    mutants: bool,
    #[command(flatten)]
    subjects: SubjectArguments,
}

pub(super) fn self_test(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &SelfTestArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    if let Some(number) = arguments.show {
        out.write_all(self_test::text(arguments.seed, number).as_bytes())?;
        return Ok(ExitCode::AsExpected);
    }
    let folder = CaseFolder::open(root)?;
    let defaults = default_options(&folder)?;
    let options = Options {
        jobs: arguments
            .jobs
            .map_or_else(runner::jobs_here, NonZeroUsize::get),
        ..defaults
    };
    let session = Session::start(&options.program)?;
    let references = proof::references(registry).into_iter().map(Subject::from);
    let mut subjects: Vec<Subject> = match arguments.subjects.names_backends() {
        true => Vec::new(),
        false => references.collect(),
    };
    if arguments.subjects.names_any() {
        let root = folder.root_folder.root();
        subjects.extend(arguments.subjects.subjects(registry, root, &session)?);
    }
    let divergences = folder.divergences(&folder.cases().0, registry, &subjects);
    print_mistakes(&divergences.rejected);
    let ground = TestGround {
        folder: &folder,
        subjects: &subjects,
        divergences: &divergences,
        options: &options,
        session: &session,
    };
    let what = SelfTestOptions {
        cases: arguments.cases,
        seed: arguments.seed,
    };
    if arguments.mutants {
        return mutants(registry, what, &ground, out);
    }
    let result = self_test::run(what, &ground);
    report::self_test::text(&result, arguments.seed, out)?;
    let code = match result.faults.is_empty() {
        true => ExitCode::AsExpected,
        false => ExitCode::Harness,
    };
    let code = code.worse(divergences.code);
    Ok(match result.interrupted {
        true => code.worse(ExitCode::Interrupted),
        false => code,
    })
}

/// Runs the cases on mutants. A mutant whose fault acted must have been detected in some case.
fn mutants(
    registry: &Registry,
    what: SelfTestOptions,
    ground: &TestGround<'_>,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let sound = proof::references(registry);
    let Some(tallies) = self_test::mutants(what, &sound, ground)? else {
        return Ok(ExitCode::Interrupted);
    };
    report::self_test::mutants(&tallies, out)?;
    Ok(match tallies.values().any(MutantTally::is_hole) {
        true => ExitCode::Broken,
        false => ExitCode::AsExpected,
    })
}
