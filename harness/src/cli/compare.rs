//! `compare`: the differences between event logs.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::logs;
use super::problem::Problem;
use super::terminal::OutputFormat;
use crate::event::ExitCode;
use crate::event::comparison::Comparison;
use crate::report::comparison::{draw, json};

/// The arguments of `compare`.
#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// Event logs that `run --log` wrote. A folder means all .jsonl files in it.
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,
    /// The output format: text for people, or one JSON object.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
    /// Exits with 1 if a verdict differs, or if some logs lack a backend or a trial of others.
    ///
    /// Without this option, the exit code is 0 even if the logs differ.
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn compare(
    arguments: &CompareArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let logs = logs::read(&arguments.logs)?;
    if logs.len() < 2 {
        let what = "one log can't be compared: name two or more logs";
        return Err(Problem::new(ExitCode::Usage, what));
    }
    let comparison = Comparison::of(&logs);
    let text = match arguments.format {
        OutputFormat::Text => draw(&comparison),
        OutputFormat::Json => {
            json(&comparison).map_err(|error| Problem::new(ExitCode::Harness, error))?
        }
    };
    out.write_all(text.as_bytes())?;
    if arguments.exit_code && comparison.differs() {
        return Ok(ExitCode::Broken);
    }
    Ok(ExitCode::AsExpected)
}
