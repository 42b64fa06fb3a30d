//! A copy of the cases and goldens that a test may change, and runs of the suite on it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ipc_conformance::internals::ROOT_VARIABLE;
use tempfile::TempDir;

use super::suite;

/// A root folder with this crate's cases and goldens. It is also a package, because cargo-insta looks
/// for pending snapshots in packages.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        let folder = TempDir::new().expect("a temporary folder can be created");
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        for part in ["cases", "golden"] {
            copy(&package.join(part), &folder.path().join(part));
        }
        let sandbox = Sandbox { folder };
        sandbox.write(
            "Cargo.toml",
            "[package]\nname = \"sandbox\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [lib]\npath = \"lib.rs\"\n[workspace]\n",
        );
        sandbox.write("lib.rs", "");
        sandbox
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).expect("a temporary folder is writable");
    }

    /// Writes this as the only file of divergences.
    pub(crate) fn write_divergences(&self, name: &str, text: &str) {
        let folder = self.path("golden/divergences");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the copy is writable");
        }
        fs::create_dir(&folder).expect("a temporary folder is writable");
        fs::write(folder.join(name), text).expect("a temporary folder is writable");
    }

    #[track_caller]
    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Replaces `from`, which must occur in the file.
    #[track_caller]
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "no {from:?} in {file}:\n{text}");
        self.write(file, &text.replacen(from, to, 1));
    }

    /// Copies a case to a new name, without a golden.
    pub(crate) fn copy_case(&self, name: &str, as_name: &str) {
        let from = self.path(&format!("cases/{name}.toml"));
        let to = self.path(&format!("cases/{as_name}.toml"));
        fs::copy(from, to).expect("the case exists");
    }

    /// Returns the pending goldens, sorted by name.
    pub(crate) fn pending(&self) -> Vec<String> {
        let mut found = Vec::new();
        let areas = list(&self.path("golden"));
        for area in areas.into_iter().filter(|path| path.is_dir()) {
            for file in list(&area) {
                if file.extension().is_some_and(|is| is == "new") {
                    let name = file.strip_prefix(self.folder.path());
                    let name = name.expect("the file is in the folder").to_string_lossy();
                    found.push(name.replace('\\', "/"));
                }
            }
        }
        found.sort();
        found
    }

    /// Runs the target `conformance` on this folder, with these arguments of `cargo test`.
    pub(crate) fn conformance(&self, arguments: &[&str]) -> Run {
        self.run(suite::AS_IT_IS, arguments, &[])
    }

    /// Runs this [`suite`] with additional variables.
    pub(crate) fn run(&self, suite: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let executable = env::current_exe().expect("the system knows this program's path");
        let output = plain(Command::new(executable))
            .args(arguments)
            .arg("--color=never")
            .env(suite::VARIABLE, suite)
            .env(ROOT_VARIABLE, self.folder.path())
            .env("INSTA_WORKSPACE_ROOT", self.folder.path())
            // The same as outside CI.
            .env("INSTA_UPDATE", "new")
            .envs(variables.iter().copied())
            .output()
            .expect("this program can be started");
        Run::of(&output)
    }

    /// Runs `cargo insta` in this folder.
    pub(crate) fn insta(&self, command: &str) -> Run {
        let mut cargo = plain(Command::new(env!("CARGO")));
        cargo.args(["insta", command]).current_dir(&self.folder);
        Run::of(&cargo.output().expect("cargo can be started"))
    }
}

/// Returns whether cargo-insta is installed.
pub(crate) fn has_insta() -> bool {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(["insta", "--version"]).output();
    output.is_ok_and(|output| output.status.success())
}

/// The output of a run, and whether it succeeded.
pub(crate) struct Run {
    pub(crate) passed: bool,
    pub(crate) text: String,
}

impl Run {
    fn of(output: &Output) -> Run {
        let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        Run {
            passed: output.status.success(),
            text: text.concat(),
        }
    }

    #[track_caller]
    pub(crate) fn says(&self, what: &str) -> &Run {
        assert!(self.text.contains(what), "no {what:?} in:\n{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn omits(&self, what: &str) -> &Run {
        assert!(!self.text.contains(what), "{what:?} in:\n{}", self.text);
        self
    }

    /// Returns the verdict of a test, with the line that reports it.
    #[track_caller]
    pub(crate) fn verdict(&self, test: &str) -> (&str, usize) {
        let lines = self.text.lines().enumerate();
        let mut verdicts = lines.filter_map(|(place, line)| {
            let (name, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
            (name.trim_end() == test).then_some((verdict, place))
        });
        let verdict = verdicts.next();
        verdict.unwrap_or_else(|| panic!("no test {test:?} in:\n{}", self.text))
    }

    #[track_caller]
    pub(crate) fn passes(&self) -> &Run {
        assert!(self.passed, "failed:\n{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn fails(&self) -> &Run {
        assert!(!self.passed, "passed:\n{}", self.text);
        self
    }
}

/// Removes the variables for cargo, insta, the harness and test runners that this test runs with.
fn plain(mut command: Command) -> Command {
    let ours = ["CARGO_MANIFEST", "INSTA_", "IPC_CONFORMANCE_", "NEXTEST"];
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name == suite::VARIABLE || ours.iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(&*name);
        }
    }
    command
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder is writable");
    for path in list(from) {
        let target = to.join(path.file_name().expect("what is listed has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_none_or(|is| is != "new") {
            fs::copy(path, target).expect("a temporary folder is writable");
        }
    }
}

fn list(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .expect("the folder exists")
        .map(|entry| {
            entry
                .expect("a folder that could be opened can be listed")
                .path()
        })
        .collect()
}
