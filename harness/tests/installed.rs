//! The program as it is installed: in any folder, without the sources of this package.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a copy of the program.
struct Installed {
    folder: TempDir,
}

impl Installed {
    fn new() -> Installed {
        let folder = TempDir::new().expect("a temporary folder can be created");
        let built = Path::new(env!("CARGO_BIN_EXE_ipc-conformance"));
        let program = folder.path().join(built.file_name().expect("it is a file"));
        fs::copy(built, program).expect("the temporary folder is writable");
        fs::create_dir(folder.path().join("here")).expect("the temporary folder is writable");
        Installed { folder }
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.folder.path().join("here").join(file);
        let parent = file.parent().expect("it is in a folder");
        fs::create_dir_all(parent).expect("the temporary folder is writable");
        fs::write(file, text).expect("the temporary folder is writable");
    }

    /// Runs the program in its folder without an environment of cargo's.
    fn run(&self, arguments: &[&str]) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_ipc-conformance"));
        let name = program.file_name().expect("it is a file");
        let mut command = Command::new(self.folder.path().join(name));
        for (name, _) in env::vars_os() {
            let is_ours = ["CARGO", "IPC_CONFORMANCE_"];
            let text = name.to_string_lossy();
            if is_ours.iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        let command = command.current_dir(self.folder.path().join("here"));
        let output = command.args(arguments).output();
        output.expect("the program can be started")
    }
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let text = text.concat();
    assert_eq!(output.status.code(), Some(0), "{text}");
    text
}

const REFERENCE: &str = "pipe:std/pipe";

#[test]
fn an_empty_folder_needs_nothing_for_a_run() {
    let installed = Installed::new();
    let run = ["run", "--exact", "seed/pipe", "--backend", REFERENCE];
    let text = succeeds(&installed.run(&run));
    assert!(text.contains("1 trial"), "{text}");
    let listed = succeeds(&installed.run(&["list", "cases"]));
    assert!(listed.lines().count() > 100, "{listed}");
    succeeds(&installed.run(&["check"]));
    let left = fs::read_dir(installed.folder.path().join("here")).expect("it exists");
    assert_eq!(left.count(), 0);
}

#[test]
fn cases_of_the_current_folder_run_beside_those_in_the_program() {
    let installed = Installed::new();
    let case = include_str!("../../cases/seed/pipe.toml");
    installed.write("cases/own/mine.toml", case);
    // Not the reference, of which a new case needs a golden.
    #[cfg(unix)]
    {
        let backend = "pipe:unix/stream-socketpair";
        let run = ["run", "own/", "seed/pipe", "--backend", backend];
        let text = succeeds(&installed.run(&run));
        assert!(text.contains("2 trials"), "{text}");
    }
    let listed = succeeds(&installed.run(&["list", "cases"]));
    assert!(listed.contains("own/mine"), "{listed}");
}

#[test]
fn a_case_of_the_current_folder_replaces_one_in_the_program() {
    let installed = Installed::new();
    installed.write("cases/seed/pipe.toml", "title = \"half a case\"");
    let output = installed.run(&["run", "seed/", "--backend", REFERENCE]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("cases/seed/pipe.toml"), "{text}");
}
