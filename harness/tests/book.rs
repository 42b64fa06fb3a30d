//! Checks the README and the book: the commands that they show run here, and every link has a target.
//!
//! The opening line of a fenced block, or a comment in the line above it, says how it is checked:
//!
//! * `console`, or `console exit=1`: its commands, each after `$ `, run in a copy of `cases/` and
//!   `golden/` that belongs to the page, and exit with 0 or as it says. Lines after a command are
//!   what it prints; `...` stands for any lines and `[..]` for any part of a line.
//! * `file=PATH`: the block is written to this file, for the commands after it.
//! * `<!-- file PATH: the LANGUAGE block of PAGE -->`: this block of another page is written to the
//!   file first.
//! * `<!-- folder PATH: a copy of SOURCE -->`: this folder of the repository is copied first.
//! * `<!-- part of PATH -->`: the file contains these lines unchanged.
//! * `<!-- rows of the matrix -->`: the matrix of the book contains these lines.
//! * `{{#include PATH}}` as its only line: mdBook includes this file, which must exist.
//! * `<!-- not run: REASON -->`: the block isn't checked, for one of the reasons in [`NOT_RUN`].
//!
//! `IPC_CONFORMANCE_UPDATE_BOOK=1 cargo test --test harness book` writes the output of the commands
//! into the pages. It replaces `...` and `[..]` too, so review the difference.

// The pages show output from Linux, so the commands run only there.
#![cfg_attr(not(target_os = "linux"), allow(unused))]

mod console;
mod matrix;
mod page;

use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use page::{Block, Page, root};

/// The accepted reasons for not checking a block, each with the maximum number of such blocks.
const NOT_RUN: &[(&str, usize)] = &[
    (".ci/run runs it", 3),
    (".ci/run compares it with a run", 1),
    ("it is for `cargo test`", 1),
    ("it asks a person", 1),
    ("it needs cargo-nextest", 1),
    ("it needs a log made on Windows", 1),
    ("it needs a log made with another version", 1),
    ("it takes minutes", 3),
    ("it needs a shell that can lower its limits", 1),
    ("it stands for your own library", 1),
    ("it is a diagram", 1),
    ("the test `out_of_tree` does it", 1),
];

/// The maximum number of lines of the README.
const README_LINES: usize = 180;

/// Returns the pages with blocks to check.
fn pages() -> Vec<Page> {
    let mut paths = page::book();
    paths.push("README.md".to_owned());
    paths.iter().map(|path| Page::read(path)).collect()
}

fn assert_none(mistakes: &[String]) {
    assert!(mistakes.is_empty(), "\n{}\n", mistakes.join("\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn every_command_prints_the_output_on_its_page() {
    let pages = pages();
    let (next, wrong) = (Mutex::new(pages.iter()), Mutex::new(Vec::new()));
    let is_update = std::env::var_os("IPC_CONFORMANCE_UPDATE_BOOK").is_some();
    let take = || next.lock().expect("no page panicked").next();
    let work = || {
        while let Some(page) = take() {
            let (mistakes, right) = console::run(page);
            if is_update && right != page.text {
                fs::write(root().join(&page.path), right).expect("the page can be written");
            }
            wrong.lock().expect("no page panicked").extend(mistakes);
        }
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
    assert_none(&wrong.into_inner().expect("no page panicked"));
}

#[test]
fn every_block_is_checked_or_gives_a_reason() {
    let mut left_out: Vec<String> = Vec::new();
    let mut mistakes = Vec::new();
    for page in pages() {
        for block in page.blocks() {
            if let Err(why) = is_checked(&page, &block, &mut left_out) {
                mistakes.push(format!("{}:{}: {why}", page.path, block.line));
            }
        }
    }
    for (reason, most) in NOT_RUN {
        let count = left_out.iter().filter(|left| left == reason).count();
        if count > *most {
            mistakes.push(format!(
                "{count} blocks are not run because {reason}; the maximum is {most}"
            ));
        }
    }
    assert_none(&mistakes);
}

fn is_checked(page: &Page, block: &Block<'_>, left_out: &mut Vec<String>) -> Result<(), String> {
    if let Some(reason) = block.says("not run: ") {
        let is_known = NOT_RUN.iter().any(|(known, _)| *known == reason);
        left_out.push(reason.to_owned());
        return is_known
            .then_some(())
            .ok_or(format!("`{reason}` is not a reason in NOT_RUN"));
    }
    if let Some(path) = block.says("part of ") {
        let is_part = Page::read(path).text.contains(block.text);
        return is_part
            .then_some(())
            .ok_or(format!("{path} does not contain these lines"));
    }
    if let Some(path) = block.included() {
        let is_there = page.resolve(path).is_file();
        return is_there
            .then_some(())
            .ok_or(format!("{path} leads nowhere"));
    }
    if block.comment == Some("rows of the matrix") {
        let mistakes = matrix::mistakes(block);
        return mistakes.is_empty().then_some(()).ok_or(mistakes.join("\n"));
    }
    let is_run = block.language == "console" || block.option("file").is_some();
    let advice = format!(
        "state how this block is checked; {} lists the ways",
        file!()
    );
    (is_run && page.path != matrix::WHOLE)
        .then_some(())
        .ok_or(advice)
}

#[test]
fn the_readme_is_short() {
    let lines = Page::read("README.md").text.lines().count();
    assert!(
        lines <= README_LINES,
        "README.md has {lines} lines; the maximum is {README_LINES}"
    );
}

#[test]
fn every_link_has_a_target() {
    let guides = [
        "README.md",
        "CONTRIBUTING.md",
        "cases/README.md",
        "harness/DESIGN.md",
        "harness/adapters/README.md",
        "harness/book/src/SUMMARY.md",
    ];
    let paths = guides.map(str::to_owned).into_iter().chain(page::book());
    let mut mistakes = Vec::new();
    for page in paths.map(|path| Page::read(&path)) {
        for (line, link) in page.links() {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = page.resolve(file);
            let is_there = if file.is_empty() {
                page.has_heading(heading)
            } else if heading.is_empty() {
                target.exists()
            } else {
                target.exists() && has_heading(&page, file, heading)
            };
            if !is_there {
                mistakes.push(format!("{}:{line}: {link} has no target", page.path));
            }
        }
    }
    assert_none(&mistakes);
}

fn has_heading(page: &Page, file: &str, heading: &str) -> bool {
    let text = fs::read_to_string(page.resolve(file)).unwrap_or_default();
    let path = file.to_owned();
    Page { path, text }.has_heading(heading)
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let summary = Page::read("harness/book/src/SUMMARY.md");
    let listed: Vec<&str> = summary.links().into_iter().map(|(_, link)| link).collect();
    let names = page::book();
    let names = names
        .iter()
        .filter_map(|path| path.strip_prefix(page::BOOK)?.strip_prefix('/'));
    let missing: Vec<String> = names
        .filter(|name| !listed.contains(name))
        .map(|name| format!("SUMMARY.md lacks {name}"))
        .collect();
    assert_none(&missing);
}

#[test]
fn every_option_in_the_text_exists() {
    let help = all_help();
    let is_of_an_option = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let known: Vec<&str> = help.split(|letter| !is_of_an_option(letter)).collect();
    let mut mistakes = Vec::new();
    for page in pages() {
        for (line, span) in page.spans() {
            let words = span.split([' ', '=', '[']);
            for option in words.filter(|word| word.starts_with("--") && word.len() > 2) {
                if !known.contains(&option) && !OF_CARGO.contains(&option) {
                    let path = &page.path;
                    mistakes.push(format!("{path}:{line}: there is no option `{option}`"));
                }
            }
        }
    }
    assert_none(&mistakes);
}

/// Options of cargo and nextest that pages mention.
const OF_CARGO: [&str; 4] = [
    "--open",
    "--no-default-features",
    "--release",
    "--run-ignored",
];

/// Returns the help texts of all commands.
fn all_help() -> String {
    let commands: [&[&str]; 14] = [
        &[],
        &["run"],
        &["list"],
        &["check"],
        &["compare"],
        &["merge"],
        &["report"],
        &["require"],
        &["judge"],
        &["history", "generate"],
        &["mutants"],
        &["adapter"],
        &["adapter", "check"],
        &["adapter", "schema"],
    ];
    let help = commands.map(|command| {
        let output = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
            .args(command)
            .arg("--help")
            .output()
            .expect("the program was built for this test");
        assert!(output.status.success(), "{command:?} has help");
        String::from_utf8(output.stdout).expect("help is text")
    });
    help.concat()
}

#[test]
fn exit_codes_on_their_page_are_those_of_the_help() {
    let help = all_help();
    let (_, codes) = help
        .split_once("Exit codes:\n")
        .expect("the help lists the exit codes");
    let codes = codes.lines().map_while(|line| {
        let code = line.strip_prefix("  ")?.split_whitespace().next()?;
        code.parse::<u8>().ok()
    });
    let page = Page::read("harness/book/src/exit-codes.md");
    let rows = page.prose().into_iter().filter_map(|(_, line)| {
        let code = line.strip_prefix("| ")?.split(" |").next()?;
        code.parse::<u8>().ok()
    });
    assert_eq!(rows.collect::<Vec<u8>>(), codes.collect::<Vec<u8>>());
}

/// A clause that is renamed or removed must not stay on the page.
#[test]
fn every_clause_on_the_page_of_promises_exists() {
    let page = Page::read("harness/book/src/promises.md");
    let catalogue = fs::read_to_string(root().join("cases/clauses.toml")).expect("it is readable");
    let clauses = codes_in_last_cells(&page);
    assert!(clauses.len() > 60, "{clauses:?}");
    let unknown = |clause: &&str| !catalogue.contains(&format!("id = \"{clause}\""));
    let unknown: Vec<&str> = clauses.into_iter().filter(unknown).collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

/// A case that is renamed or removed must not stay in the table.
#[test]
fn every_case_in_the_table_of_cpythons_tests_exists() {
    let page = Page::read("harness/adapters/python-multiprocessing/cpython-tests.md");
    let cases = codes_in_last_cells(&page);
    assert!(cases.len() > 40, "{cases:?}");
    let missing = |case: &&str| !root().join(format!("cases/{case}.toml")).is_file();
    let missing: Vec<&str> = cases.into_iter().filter(missing).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// Returns what the last cells of the page's tables have in backticks.
fn codes_in_last_cells(page: &Page) -> Vec<&str> {
    let rows = page.text.lines().filter(|line| line.starts_with("| "));
    let last_cells = rows.filter_map(|row| row.trim_end_matches(" |").rsplit_once("| "));
    last_cells
        .flat_map(|(_, cell)| cell.split('`').skip(1).step_by(2))
        .collect()
}
