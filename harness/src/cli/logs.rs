//! Event logs that the command line names.

use std::fs;
use std::path::{Path, PathBuf};

use super::Problem;
use crate::event::Log;
use crate::event::exit_code::ExitCode;
use crate::report::json;

/// What a log's file name ends in, where a folder of them is named.
const EXTENSION: &str = "jsonl";

/// Reads these logs; a folder stands for all files in it that end in `.jsonl`.
///
/// # Errors
/// Where one can't be read or isn't whole, with its file and line.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Log>, Problem> {
    let mut logs = Vec::new();
    for path in paths {
        if path.is_dir() {
            let files = listed(path)?;
            if files.is_empty() {
                return Err(unusable(path, "there is no .jsonl file in this folder"));
            }
            for file in files {
                logs.push(one(&file)?);
            }
        } else {
            logs.push(one(path)?);
        }
    }
    Ok(logs)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let unlistable = |error| unusable(folder, format_args!("can't list the folder: {error}"));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unlistable)? {
        let path = entry.map_err(unlistable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == EXTENSION)
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn one(path: &Path) -> Result<Log, Problem> {
    json::read_file(path).map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, why: impl std::fmt::Display) -> Problem {
    Problem::new(ExitCode::Usage, format_args!("{}: {why}", path.display()))
}
