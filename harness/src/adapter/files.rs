//! The adapters that come with the cases: `harness/adapters/<name>/adapter.toml`.
//!
//! ```toml
//! command = ["python3", "{folder}/adapter.py"]   # `{folder}` is the file's own folder
//! install = "apt-get install python3"            # what to type if it can't start
//! cases   = ["queue/"]                           # parts of `area/case@kind:column`; if absent, all
//! default = false                                # takes part only if it is named; if absent, always
//! [[columns]]
//! kind = "queue"
//! name = "python/Queue"
//! ```

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::command::{Adapter, AdapterFile};
use crate::backend::{Key, Kind};
use crate::os::text_file;
use crate::printable::line;

const FILE: &str = "adapter.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdapterToml {
    command: Vec<String>,
    install: String,
    #[serde(default)]
    cases: Vec<String>,
    #[serde(default = "yes")]
    default: bool,
    columns: Vec<ColumnToml>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnToml {
    kind: Kind,
    name: String,
}

/// Reads all adapter files, sorted by the names of their folders.
///
/// # Errors
/// If a file can't be read or isn't valid. The error is one line.
pub fn read(root: &Path) -> Result<Vec<Adapter>, String> {
    let adapters = root.join("harness").join("adapters");
    let entries = match fs::read_dir(&adapters) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{}: {error}", adapters.display())),
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path().join(FILE))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    files.into_iter().map(adapter).collect()
}

fn adapter(file: PathBuf) -> Result<Adapter, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = text_file::read_text(&file).map_err(|error| wrong(&error))?;
    let text: AdapterToml = toml::from_str(&text).map_err(|error| wrong(&error))?;
    if text.command.is_empty() {
        return Err(wrong(&"the command is empty"));
    }
    // The path is absolute because the harness may start the adapter from any folder.
    let folder = file
        .parent()
        .and_then(|folder| std::path::absolute(folder).ok());
    let folder = folder.unwrap_or_default();
    let name = folder.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let folder = folder.display().to_string();
    let words = text.command.iter();
    Ok(Adapter {
        words: words
            .map(|word| word.replace("{folder}", &folder))
            .collect(),
        known: Some(AdapterFile {
            name,
            file,
            install: line(&text.install).into_owned(),
            cases: text.cases,
            is_default: text.default,
            columns: text
                .columns
                .into_iter()
                .map(|column| Key::new(column.kind, column.name))
                .collect(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("harness/adapters/mine");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(FILE), text).unwrap();
        root
    }

    #[test]
    fn a_root_without_adapters_has_none() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(read(root.path()), Ok(Vec::new()));
    }

    #[test]
    fn a_command_has_absolute_paths() {
        let root = root(
            r#"
            command = ["python3", "{folder}/mine.py"]
            install = "apt-get install python3"
            columns = [{ kind = "queue", name = "mine/Queue" }]
            "#,
        );
        let [adapter] = &read(root.path()).unwrap()[..] else {
            panic!("there should be one adapter");
        };
        assert!(Path::new(&adapter.words[1]).is_absolute(), "{adapter}");
        let known = adapter.known.as_ref().unwrap();
        assert_eq!(known.name, "mine");
        assert_eq!(known.columns, [Key::new(Kind::Queue, "mine/Queue")]);
        assert!(adapter.runs_by_default("queue/anything", &Key::new(Kind::Queue, "mine/Queue")));
        assert!(adapter.is_default());
    }

    #[test]
    fn an_error_names_the_file() {
        let root = root("command = []\ninstal = 1\n");
        let why = read(root.path()).unwrap_err();
        assert!(why.contains(FILE) && why.contains("instal"), "{why}");
    }
}
