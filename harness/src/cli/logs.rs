//! Reads the event logs of `compare` and `merge`.

use std::fs;
use std::path::{Path, PathBuf};

use super::problem::Problem;
use crate::event::{EventLog, ExitCode};
use crate::report::json;

/// How the names of event logs in a folder end.
const ENDINGS: [&str; 2] = [".jsonl", ".jsonl.gz"];

/// Reads these logs. A folder means all `.jsonl` and `.jsonl.gz` files in it.
///
/// # Errors
/// Returns an error with file and line if a log can't be read or isn't complete.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<EventLog>, Problem> {
    let mut logs = Vec::new();
    for path in paths {
        if path.is_dir() {
            let files = listed(path)?;
            if files.is_empty() {
                return Err(unusable(path, "there is no .jsonl file in this folder"));
            }
            for file in files {
                logs.push(read_one(&file)?);
            }
        } else {
            logs.push(read_one(path)?);
        }
    }
    Ok(logs)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let unlistable = |error| unusable(folder, format_args!("can't list the folder: {error}"));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unlistable)? {
        let path = entry.map_err(unlistable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_one(path: &Path) -> Result<EventLog, Problem> {
    json::read_file(path).map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, why: impl std::fmt::Display) -> Problem {
    Problem::new(ExitCode::Usage, format_args!("{}: {why}", path.display()))
}
