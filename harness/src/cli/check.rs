//! `check`: reads case files, goldens and divergences without running them.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::problem::Problem;
use super::terminal::print_mistakes;
use crate::corpus::{CaseFile, CaseFolder, tested_clauses};
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
        if let Some(note) = untested(&folder, &cases) {
            writeln!(out, "{note}")?;
        }
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

/// Returns a note with the clauses that have neither a case nor a reason why none can test them.
fn untested(folder: &CaseFolder, cases: &[CaseFile]) -> Option<String> {
    const NAMED: usize = 3;
    let tested = tested_clauses(cases);
    let clauses = folder.catalogue.iter();
    let clauses = clauses.filter(|clause| clause.untried.is_none());
    let ids: Vec<&str> = clauses
        .filter(|clause| !tested.contains_key(&clause.id))
        .map(|clause| clause.id.as_str())
        .collect();
    let named = ids.iter().take(NAMED).map(|id| format!("`{id}`"));
    let named = named.collect::<Vec<_>>().join(", ");
    let more = match ids.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more, which `list clauses` shows"),
    };
    (!ids.is_empty()).then(|| format!("note: no case tests {named}{more}"))
}
