//! `init`: writes a stub with a toy library, to be replaced by one's own.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::problem::Problem;
use crate::event::ExitCode;

/// The arguments of `init`.
#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The language of your library.
    language: Language,
    /// The folder to write into. It must be empty, or not exist yet.
    folder: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    /// A crate with a library and its test.
    Rust,
    /// An adapter in Python, with its kit.
    Python,
    /// An adapter in JavaScript for Node, with its kit.
    Node,
}

/// A file of a stub: its path in the folder, and its text.
type Template = (&'static str, &'static str);

const PYTHON: &[Template] = &[
    ("adapter.py", include_str!("init/python/adapter.py")),
    ("toy.py", include_str!("init/python/toy.py")),
    (
        "ipc_conformance_kit.py",
        include_str!("../../adapters/kits/ipc_conformance_kit.py"),
    ),
];

const NODE: &[Template] = &[
    ("adapter.mjs", include_str!("init/node/adapter.mjs")),
    ("toy.mjs", include_str!("init/node/toy.mjs")),
    (
        "ipc-conformance-kit.mjs",
        include_str!("../../adapters/kits/ipc-conformance-kit.mjs"),
    ),
];

const RUST: &[Template] = &[
    ("Cargo.toml", include_str!("init/rust/Cargo.toml.in")),
    ("src/lib.rs", include_str!("init/rust/src/lib.rs")),
    (
        "tests/conformance.rs",
        include_str!("init/rust/tests/conformance.rs"),
    ),
];

impl Language {
    fn templates(self) -> &'static [Template] {
        match self {
            Language::Rust => RUST,
            Language::Python => PYTHON,
            Language::Node => NODE,
        }
    }

    /// Returns the commands to type next, with what each is for.
    fn next(self, folder: &Path) -> Vec<(String, &'static str)> {
        let adapter = |interpreter: &str, file: &str| {
            let file = folder.join(file).display().to_string();
            let command = shell_words::join([interpreter, &file]);
            let command = shell_words::quote(&command).into_owned();
            vec![
                (
                    format!("ipc-conformance adapter check {command}"),
                    "test that the adapter works",
                ),
                (
                    format!("ipc-conformance run --adapter {command}"),
                    "run every case that applies",
                ),
            ]
        };
        match self {
            Language::Python => adapter("python3", "adapter.py"),
            Language::Node => adapter("node", "adapter.mjs"),
            Language::Rust => {
                let folder = folder.display().to_string();
                let enter = format!("cd {}", shell_words::quote(&folder));
                vec![
                    (enter, "the crate"),
                    ("cargo test".to_owned(), "run every case that applies"),
                ]
            }
        }
    }
}

pub(super) fn init(arguments: &InitArguments, out: &mut dyn Write) -> Result<ExitCode, Problem> {
    let InitArguments { language, folder } = arguments;
    require_empty(folder)?;
    for (path, text) in language.templates() {
        let file = folder.join(path);
        let text = text.replace("@DEPENDENCY@", &dependency());
        write(&file, &text).map_err(|error| unwritable(&file, &error))?;
        writeln!(out, "wrote {}", file.display())?;
    }
    writeln!(
        out,
        "\nThe toy library in it has one bug, which the first run shows. Next:\n"
    )?;
    for (command, purpose) in language.next(folder) {
        writeln!(out, "  {command}\n      {purpose}")?;
    }
    Ok(ExitCode::AsExpected)
}

/// Nothing of the user's may be overwritten.
fn require_empty(folder: &Path) -> Result<(), Problem> {
    let why = match fs::read_dir(folder).map(|mut entries| entries.next()) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Ok(None) => return Ok(()),
        Ok(Some(_)) => "it isn't empty: name a new folder".to_owned(),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            "it is a file: name a new folder".to_owned()
        }
        Err(error) => error.to_string(),
    };
    let what = format!("can't write a stub into {}: {why}", folder.display());
    Err(Problem::new(ExitCode::Usage, what))
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}

fn unwritable(file: &Path, error: &io::Error) -> Problem {
    let what = format!("can't write {}: {error}", file.display());
    Problem::new(ExitCode::Usage, what)
}

/// Returns how a crate depends on this package, without its command line: on the sources that built this
/// program, if they are still there.
fn dependency() -> String {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = if sources.join("Cargo.toml").is_file() {
        format!("path = '{}'", sources.display())
    } else {
        format!("version = \"{}\"", env!("CARGO_PKG_VERSION"))
    };
    format!("{{ {source}, default-features = false }}")
}
