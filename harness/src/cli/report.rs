//! `report`: writes a page about event logs.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::logs;
use super::merge::catalogue;
use super::problem::Problem;
use super::report_file::ReportFile;
use crate::event::merge::{MergeError, unite};
use crate::event::{EventLog, ExitCode};
use crate::report::{counted, html};

/// The arguments of `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// Event logs that `run --log` wrote. A folder means all .jsonl and .jsonl.gz files in it.
    ///
    /// Logs that are parts of one run become one run. All others have columns of their own.
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,
    /// Writes the page to this file. It needs no other file and no network.
    #[arg(long, value_name = "FILE", required = true)]
    html: PathBuf,
}

pub(super) fn report(
    root: Option<&Path>,
    arguments: &ReportArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let logs = runs(logs::read(&arguments.logs)?)?;
    let page = html::page(&logs, &catalogue(root)?)
        .map_err(|error| Problem::new(ExitCode::Harness, error))?;
    let mut file = ReportFile::create(&arguments.html)?;
    file.write(|out| out.write_all(page.as_bytes()))?;
    file.finish()?;
    let trials = logs.iter().map(|log| log.reports.len()).sum();
    writeln!(
        out,
        "{}: {} in {}, {} kB",
        arguments.html.display(),
        counted(trials, "trial"),
        counted(logs.len(), "run"),
        page.len().div_ceil(1000),
    )?;
    Ok(ExitCode::AsExpected)
}

/// Merges the parts of one run. Logs that aren't parts of one run are runs of their own.
pub(super) fn runs(logs: Vec<EventLog>) -> Result<Vec<EventLog>, Problem> {
    match unite(logs.clone()) {
        Ok(united) => Ok(united),
        Err(MergeError::Overlap { .. } | MergeError::Contradiction { .. }) => Ok(logs),
        Err(error @ MergeError::Missing { .. }) => Err(Problem::new(ExitCode::Usage, error)),
    }
}
