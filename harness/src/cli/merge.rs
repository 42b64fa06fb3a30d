//! `merge`: one matrix of several event logs.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Problem, logs, run};
use crate::clause::catalogue::Catalogue;
use crate::corpus::case_folder::CaseFolder;
use crate::event::Log;
use crate::event::exit_code::ExitCode;
use crate::event::merge::{events, total, unite};
use crate::report::{json, merged};

/// `merge`'s arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Event logs, as `run --log` writes them; a folder stands for all .jsonl files in it.
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,
    /// What to print: text for people, one JSON object, or Markdown as for a job's summary.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Writes all parts of one run here as one event log.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
}

pub(super) fn merge(
    root: Option<&Path>,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let logs = logs::read(&arguments.logs)?;
    let logs = unite(logs).map_err(|error| Problem::new(ExitCode::Usage, error))?;
    let catalogue = catalogue(root)?;
    let text = match arguments.format {
        Format::Text => merged::draw(&logs, &catalogue),
        Format::Json => merged::json(&logs, &catalogue)
            .map_err(|error| Problem::new(ExitCode::Harness, error))?,
        Format::Markdown => merged::markdown(&logs, &catalogue),
    };
    let code = run::code(&total(&logs));
    if let Some(path) = &arguments.log {
        write(logs, path)?;
    }
    out.write_all(text.as_bytes())?;
    Ok(code)
}

/// The promises of the root. Logs can be read where there are no cases, and then nobody says whose
/// promises theirs are.
fn catalogue(root: Option<&Path>) -> Result<Catalogue, Problem> {
    match CaseFolder::open(root) {
        Ok(library) => Ok(Catalogue::clone(&library.catalogue)),
        Err(error) if root.is_none() && error.code == ExitCode::NothingToRun => {
            Ok(Catalogue::default())
        }
        Err(error) => Err(error.into()),
    }
}

fn write(logs: Vec<Log>, path: &Path) -> Result<(), Problem> {
    if logs.len() > 1 {
        let places: Vec<String> = logs.iter().map(|log| log.header.place()).collect();
        let what = format!(
            "these are logs of {}, and an event log is of one run: merge each of them alone",
            places.join(" and of ")
        );
        return Err(Problem::new(ExitCode::Usage, what));
    }
    let mut file = run::create(path)?;
    for event in logs.into_iter().flat_map(events) {
        json::write(&event, &mut file)?;
    }
    Ok(())
}
