//! Runs the commands of a page in a separate folder, and compares their output.

use std::fs;
use std::path::Path;
use std::process::Command;

use ipc_conformance::testing::CI_VARIABLE;
use tempfile::TempDir;

use super::page::{Block, Page, root};

/// The ways in which pages call this program.
const PROGRAM: [&str; 2] = ["ipc-conformance ", "cargo run -- "];

/// A command of a page, with the output that the page shows.
struct Example<'a> {
    command: &'a str,
    output: &'a str,
}

/// Runs all commands of a page. Returns the differences, and the page with the real output.
pub(crate) fn run(page: &Page) -> (Vec<String>, String) {
    let scene = Scene::new();
    let mut wrong = Vec::new();
    let mut right = page.text.clone();
    for block in page.blocks() {
        if let Some(file) = block.option("file") {
            scene.write(file, block.text);
        } else if let Some((file, source)) = provided(&block) {
            scene.write(file, &source);
        } else if let Some((folder, source)) = copied(&block) {
            copy(&root().join(source), &scene.0.path().join(folder));
        }
        if block.language != "console" || block.says("not run: ").is_some() {
            continue;
        }
        for example in examples(block.text) {
            if example.command.contains("python") && !has_python() {
                continue;
            }
            let (code, output) = scene.run(example.command);
            let expected: i32 = block
                .option("exit")
                .unwrap_or("0")
                .parse()
                .expect("the exit code is a number");
            let is_shown = example.output.is_empty() || matches(example.output, &output);
            if code == expected && is_shown {
                continue;
            }
            let what = if is_shown {
                format!("exits with {code}, not {expected}, and prints")
            } else {
                format!("exits with {code}, and prints what the page doesn't show:")
            };
            let (path, line, command) = (&page.path, block.line, example.command);
            wrong.push(format!("{path}:{line}: `{command}` {what}\n{output}"));
            if !is_shown {
                right = right.replacen(example.output, &output, 1);
            }
        }
    }
    (wrong, right)
}

/// Returns whether Python is installed. In CI, commands that need it run in any case.
fn has_python() -> bool {
    let asked = Command::new("python3").arg("--version").output();
    asked.is_ok() || std::env::var_os(CI_VARIABLE).is_some()
}

/// Returns a file that a comment takes from another page: `file mine.py: the python block of
/// README.md`.
fn provided<'a>(block: &Block<'a>) -> Option<(&'a str, String)> {
    let (file, source) = block.says("file ")?.split_once(": the ")?;
    let (language, path) = source.split_once(" block of ")?;
    let page = Page::read(path);
    let blocks = page.blocks();
    let found = blocks.iter().find(|block| block.language == language);
    Some((
        file,
        found.expect("the page has such a block").text.to_owned(),
    ))
}

/// Returns a folder that a comment copies, and from where: `folder logs: a copy of harness/tests/logs`.
fn copied<'a>(block: &Block<'a>) -> Option<(&'a str, &'a str)> {
    block.says("folder ")?.split_once(": a copy of ")
}

/// Returns the commands in a block, each with the lines up to the next one.
fn examples(text: &str) -> Vec<Example<'_>> {
    let text = text.strip_prefix("$ ").expect("a block begins with `$ `");
    text.split("\n$ ")
        .map(|example| {
            let (command, output) = example.split_once('\n').unwrap_or((example, ""));
            let command = command.split("  # ").next().unwrap_or(command).trim_end();
            Example {
                command,
                output: output.trim_end_matches('\n'),
            }
        })
        .collect()
}

/// Returns whether the text matches the page: `...` stands for any lines, `[..]` for any part of a
/// line.
fn matches(pattern: &str, text: &str) -> bool {
    fn lines(pattern: &[&str], text: &[&str]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((&"...", rest)) => (0..=text.len()).any(|skipped| lines(rest, &text[skipped..])),
            Some((first, rest)) => text
                .split_first()
                .is_some_and(|(line, others)| part(first, line) && lines(rest, others)),
        }
    }
    fn part(pattern: &str, line: &str) -> bool {
        let Some((start, rest)) = pattern.split_once("[..]") else {
            return pattern == line;
        };
        line.strip_prefix(start).is_some_and(|line| {
            let mut ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
            ends.any(|at| part(rest, &line[at..]))
        })
    }
    let split = |text| str::lines(text).map(str::trim_end).collect::<Vec<_>>();
    lines(&split(pattern), &split(text))
}

/// A folder with a copy of all files that the program reads.
struct Scene(TempDir);

impl Scene {
    fn new() -> Scene {
        let scene = Scene(tempfile::tempdir().expect("a temporary folder can be created"));
        for folder in ["cases", "golden", "harness/adapters"] {
            copy(&root().join(folder), &scene.0.path().join(folder));
        }
        scene
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().expect("the file has a folder"))
            .expect("the folder can be created");
        fs::write(path, text).expect("the file can be written");
    }

    /// Returns the exit code of a command, and its output: standard output, then standard error.
    fn run(&self, command: &str) -> (i32, String) {
        let arguments = PROGRAM.iter().find_map(|name| command.strip_prefix(name));
        let arguments = arguments.unwrap_or_else(|| panic!("`{command}` isn't this program"));
        let mut program = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"));
        if !command.starts_with("cargo") {
            program.env_remove("CARGO_PKG_NAME");
        }
        let output = program
            .args(shell_words::split(arguments).expect("the command is well formed"))
            .current_dir(self.0.path())
            .env_remove("IPC_CONFORMANCE_ROOT")
            .output()
            .expect("the program was built for this test");
        let code = output.status.code().expect("the program wasn't killed");
        let bytes = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(bytes).expect("the output is UTF-8");
        // Cargo writes the path of the program, and a reader its name.
        let text = text.replace(env!("CARGO_BIN_EXE_ipc-conformance"), "ipc-conformance");
        (code, text.trim_end().to_owned())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be created");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let path = entry.expect("its entries can be read").path();
        let name = path.file_name().expect("an entry has a name");
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).expect("the file can be copied");
        }
    }
}

#[test]
fn dots_match_lines_and_parts_of_a_line() {
    assert!(matches("a\n...\nd [..] f", "a\nb\nc\nd e f"));
    assert!(matches("a\n...", "a"));
    assert!(!matches("a\n...\nd", "a\nb"));
    assert!(!matches("a [..]", "b c"));
    assert!(!matches("a", "a\nb"));
}
