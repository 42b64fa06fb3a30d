//! `merge`: makes one matrix of several event logs.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::problem::Problem;
use super::report_file::ReportFile;
use super::{logs, run};
use crate::clause::Catalogue;
use crate::corpus::CaseFolder;
use crate::event::merge::{events, total, unite};
use crate::event::{EventLog, ExitCode};
use crate::report::{json, merged};

/// The arguments of `merge`.
#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// Event logs that `run --log` wrote. A folder means all .jsonl and .jsonl.gz
    /// files in it.
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,
    /// The output format: text for people, one JSON object, or Markdown for the summary of a CI
    /// job.
    #[arg(long, value_enum, default_value_t = MergeFormat::Text)]
    format: MergeFormat,
    /// Writes all parts of one run to this file, as one event log.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MergeFormat {
    Text,
    Json,
    Markdown,
}

pub(super) fn merge(
    root: Option<&Path>,
    arguments: &MergeArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let logs = logs::read(&arguments.logs)?;
    let logs = unite(logs).map_err(|error| Problem::new(ExitCode::Usage, error))?;
    let catalogue = catalogue(root)?;
    let text = match arguments.format {
        MergeFormat::Text => merged::draw(&logs, &catalogue),
        MergeFormat::Json => merged::json(&logs, &catalogue)
            .map_err(|error| Problem::new(ExitCode::Harness, error))?,
        MergeFormat::Markdown => merged::markdown(&logs, &catalogue),
    };
    let code = run::code(&total(&logs));
    if let Some(path) = &arguments.log {
        write(logs, path)?;
    }
    out.write_all(text.as_bytes())?;
    Ok(code)
}

/// Returns the clause catalogue of the root folder. Logs can be merged without a case folder; their
/// clauses have no profile then.
pub(super) fn catalogue(root: Option<&Path>) -> Result<Catalogue, Problem> {
    match CaseFolder::open(root) {
        Ok(folder) => Ok(Catalogue::clone(&folder.catalogue)),
        Err(error) if root.is_none() && error.code == ExitCode::NothingToRun => {
            Ok(Catalogue::default())
        }
        Err(error) => Err(error.into()),
    }
}

fn write(logs: Vec<EventLog>, path: &Path) -> Result<(), Problem> {
    if logs.len() > 1 {
        let machines: Vec<String> = logs.iter().map(|log| log.header.machine()).collect();
        let what = format!(
            "these are logs of {}, but an event log has only one run: merge the logs of each alone",
            machines.join(" and of ")
        );
        return Err(Problem::new(ExitCode::Usage, what));
    }
    let mut file = ReportFile::create(path)?;
    let mut events = logs.into_iter().flat_map(events);
    file.write(|out| events.try_for_each(|event| json::write(&event, out)))?;
    file.finish()
}
