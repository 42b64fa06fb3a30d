//! `require`: whether somebody can rely on a library, by what event logs show.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::logs;
use super::merge::catalogue;
use super::problem::Problem;
use super::report::runs;
use super::terminal::{OutputFormat, print_mistakes};
use crate::corpus::{FileError, RejectedFile, file_text};
use crate::event::ExitCode;
use crate::report::needs::{Answers, Needs, draw, json, lost};

/// The arguments of `require`.
#[derive(Debug, Args)]
pub(super) struct RequireArguments {
    /// A file that says what you need, in TOML.
    #[arg(value_name = "NEEDS")]
    needs: PathBuf,
    /// Event logs that `run --log` wrote. A folder means all .jsonl and .jsonl.gz files in it.
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,
    /// Earlier event logs. What they show to be met, and the others don't, is shown too.
    #[arg(long, value_name = "LOG", num_args = 1..)]
    since: Vec<PathBuf>,
    /// The output format: text for people, or one JSON object.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(super) fn require(
    root: Option<&Path>,
    arguments: &RequireArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let catalogue = catalogue(root)?;
    let now = runs(logs::read(&arguments.logs)?)?;
    let before = runs(logs::read(&arguments.since)?)?;
    let in_logs = now.iter().chain(&before).flat_map(|log| &log.reports);
    let in_logs = in_logs.flat_map(|report| &report.clauses);
    let mut known: Vec<String> = in_logs.map(|one| one.clause.to_string()).collect();
    known.extend(catalogue.iter().map(|clause| clause.id.to_string()));
    known.sort();
    known.dedup();
    let needs = needs(&arguments.needs, &known)?;
    let before = Answers::of(&needs, &before, &catalogue);
    let now = Answers::of(&needs, &now, &catalogue);
    let lost = lost(&before, &now);
    let text = match arguments.format {
        OutputFormat::Text => draw(&needs, &now, &lost, &catalogue),
        OutputFormat::Json => {
            json(&needs, &now, &lost).map_err(|error| Problem::new(ExitCode::Harness, error))?
        }
    };
    out.write_all(text.as_bytes())?;
    Ok(now.code())
}

/// Reads the file of needs, or prints what is wrong with it.
fn needs(path: &Path, known: &[String]) -> Result<Needs, Problem> {
    let needs = file_text(path).and_then(|text| {
        Needs::parse(&text, known).map_err(|diagnostics| FileError::Wrong { text, diagnostics })
    });
    needs.map_err(|error| {
        let path = path.to_owned();
        print_mistakes(&[RejectedFile { path, error }]);
        Problem::new(ExitCode::Usage, "")
    })
}
