//! `check`: reads case files, goldens and divergences without running them.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::problem::Problem;
use super::terminal::print_mistakes;
use crate::corpus::CaseFolder;
use crate::event::ExitCode;
use crate::registry::Registry;
use crate::report::counted;

/// The arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Case files to check.
    ///
    /// Without files, checks all case files, goldens and divergences.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn check(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &CheckArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let folder = CaseFolder::open(root)?;
    let (cases, rejected) = if arguments.files.is_empty() {
        folder.cases()
    } else {
        folder.files(&arguments.files)
    };
    let faulty = print_mistakes(&rejected);
    folder.goldens(&cases)?;
    let mut code = if faulty == 0 {
        ExitCode::AsExpected
    } else {
        ExitCode::Usage
    };
    if arguments.files.is_empty() {
        let divergences = folder.divergences(&cases, registry, &[]);
        print_mistakes(&divergences.rejected);
        code = code.worse(divergences.code);
    }
    let permutations: usize = cases.iter().map(|case| case.permutations.len()).sum();
    writeln!(
        out,
        "{} of {} valid, with {}",
        cases.len(),
        counted(cases.len() + faulty, "case file"),
        counted(permutations, "permutation"),
    )?;
    Ok(code)
}
