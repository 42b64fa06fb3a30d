//! A root folder with this crate's cases and goldens, and the divergences of a test.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

pub(crate) struct Root {
    folder: TempDir,
}

/// One divergence. It is of the kind `broken` unless the test changes that.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) clause: &'static str,
    pub(crate) case: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) shows: &'static str,
}

impl Root {
    /// Makes a root without divergences.
    pub(crate) fn new() -> Root {
        let folder = TempDir::new().expect("a temporary folder can be created");
        for part in ["cases", "golden"] {
            copy(&Path::new(PACKAGE).join(part), &folder.path().join(part));
        }
        let root = Root { folder };
        let divergences = root.path().join("golden/divergences");
        if divergences.exists() {
            fs::remove_dir_all(&divergences).expect("the copy is writable");
        }
        fs::create_dir(&divergences).expect("a temporary folder is writable");
        root
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes these the divergences of the backend; the first one begins in line 2.
    pub(crate) fn record(&self, backend: &str, entries: &[Entry]) {
        let mut text = String::new();
        for entry in entries {
            let Entry {
                clause,
                case,
                signature,
                shows,
            } = entry;
            let _ = write!(
                text,
                "\n[[divergence]]\nbackends = [\"{backend}\"]\ncases = [\"{case}\"]\n\
                 clauses = [\"{clause}\"]\nkind = \"broken\"\nsignature = {signature}\n\
                 shows = \"{shows}\"\nreason = \"as the test says\"\nquote = \"so it is\"\n\
                 source = \"https://example.org\"\nlink = \"https://example.org\"\n"
            );
        }
        fs::write(self.file(backend), text).expect("a temporary folder is writable");
    }

    pub(crate) fn recorded(&self, backend: &str) -> String {
        fs::read_to_string(self.file(backend)).expect("the divergences were recorded")
    }

    /// Replaces the first match in the backend's divergences.
    pub(crate) fn replace(&self, backend: &str, from: &str, to: &str) {
        change(&self.file(backend), from, |text| text.replacen(from, to, 1));
    }

    /// Replaces all matches in the backend's divergences.
    pub(crate) fn replace_all(&self, backend: &str, from: &str, to: &str) {
        change(&self.file(backend), from, |text| text.replace(from, to));
    }

    /// Replaces the first match in any file.
    pub(crate) fn replace_in(&self, file: &str, from: &str, to: &str) {
        change(&self.path().join(file), from, |text| {
            text.replacen(from, to, 1)
        });
    }

    fn file(&self, backend: &str) -> PathBuf {
        let name = format!("{}.toml", backend.replace([':', '/'], "-"));
        self.path().join("golden/divergences").join(name)
    }

    /// Runs `run` with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.program(&[&["run"], arguments].concat())
    }

    /// Runs the program with these arguments.
    pub(crate) fn program(&self, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
            .args(arguments)
            .arg("--root")
            .arg(self.path())
            // The program then names itself in commands, and not `cargo run`.
            .env_remove("CARGO_PKG_NAME")
            .output()
            .expect("the program was built for this test");
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
            let text = text.replace(env!("CARGO_BIN_EXE_ipc-conformance"), "ipc-conformance");
            let text = text.replace(&self.path().display().to_string(), "[root]");
            text.replace(r"cases\pipe\", "cases/pipe/")
        };
        let platform = ipc_conformance::internals::platform::current();
        Run {
            code: output.status.code(),
            stdout: text(&output.stdout).replace(&format!(" on {platform}:"), " on [system]:"),
            stderr: text(&output.stderr),
        }
    }
}

fn change(file: &Path, from: &str, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(file).expect("the file exists");
    assert!(text.contains(from), "no {from:?} in {text}");
    fs::write(file, change(&text)).expect("a temporary folder is writable");
}

/// The output of the program, and its exit code.
pub(crate) struct Run {
    code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn exits_with(&self, code: i32) -> &Run {
        let Run { stdout, stderr, .. } = self;
        assert_eq!(self.code, Some(code), "\n{stdout}\n{stderr}");
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, what: &str) -> &Run {
        assert!(
            self.stdout.contains(what),
            "no {what:?} in\n{}",
            self.stdout
        );
        self
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder is writable");
    for entry in fs::read_dir(from).expect("the folder exists") {
        let path = entry.expect("a folder that opens can be listed").path();
        let target = to.join(path.file_name().expect("what is listed has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).expect("a temporary folder is writable");
        }
    }
}
