//! `check`: case files, read and not run.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Problem, tell_faults};
use crate::corpus::case_folder::CaseFolder;
use crate::event::exit_code::ExitCode;
use crate::registry::Registry;
use crate::report::counted;

/// `check`'s arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The files; every case file, golden and divergence of the root where there is none.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn check(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let library = CaseFolder::open(root)?;
    let (cases, faults) = if arguments.files.is_empty() {
        library.cases()
    } else {
        library.files(&arguments.files)
    };
    let faulty = tell_faults(&faults);
    library.goldens(&cases)?;
    let mut code = if faulty == 0 {
        ExitCode::AsExpected
    } else {
        ExitCode::Usage
    };
    if arguments.files.is_empty() {
        let divergences = library.divergences(&cases, registry, &[]);
        tell_faults(&divergences.faults);
        code = code.worse(divergences.code);
    }
    let permutations: usize = cases.iter().map(|case| case.permutations.len()).sum();
    writeln!(
        out,
        "{} of {} right, with {}",
        cases.len(),
        counted(cases.len() + faulty, "case file"),
        counted(permutations, "permutation"),
    )?;
    Ok(code)
}
