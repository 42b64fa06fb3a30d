//! `compare`: event logs side by side.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Format, Problem, logs};
use crate::event::comparison::Comparison;
use crate::event::exit_code::ExitCode;
use crate::report::comparison::{draw, json};

/// `compare`'s arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Event logs, as `run --log` writes them; a folder stands for all .jsonl files in it.
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,
    /// What to print: text for people, or one JSON object.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exits with 1 where a verdict differs, or some logs have what others haven't.
    ///
    /// Without it, a difference is what was asked for, and the exit code is 0.
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn compare(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, Problem> {
    let logs = logs::read(&arguments.logs)?;
    if logs.len() < 2 {
        let what = "one log alone differs from nothing: name two or more";
        return Err(Problem::new(ExitCode::Usage, what));
    }
    let comparison = Comparison::of(&logs);
    let text = match arguments.format {
        Format::Text => draw(&comparison),
        Format::Json => {
            json(&comparison).map_err(|error| Problem::new(ExitCode::Harness, error))?
        }
    };
    out.write_all(text.as_bytes())?;
    if arguments.exit_code && comparison.differs() {
        return Ok(ExitCode::Broken);
    }
    Ok(ExitCode::AsExpected)
}
