//! What the README and the book show is so: their commands run here, and their links lead somewhere.
//!
//! A fenced block says by its opening line, or by a comment in the line above it, how it is checked:
//!
//! * `console`, or `console exit=1`: its commands, each after `$ `, run in a copy of `cases/` and
//!   `golden/` that belongs to the page, and exit with 0 or as it says. Lines after a command are
//!   what it prints; `...` stands for any lines and `[..]` for any part of a line.
//! * `file=PATH`: it is written there, for the commands after it.
//! * `<!-- file PATH: the LANGUAGE block of PAGE -->`: another page's block is written there first.
//! * `<!-- part of PATH -->`: its lines stand in that file as they are.
//! * `<!-- rows of the matrix -->`: its lines stand in the matrix of the book.
//! * `{{#include PATH}}` as its only line: mdBook puts that file there, which must exist.
//! * `<!-- not run: REASON -->`: it can't be checked here, for one of the reasons in [`NOT_RUN`].
//!
//! `IPC_CONFORMANCE_UPDATE_BOOK=1 cargo test --test harness book` writes what commands print into the pages,
//! in place of the dots too: review the difference.

// What is shown was printed on Linux, so commands run only there.
#![cfg_attr(not(target_os = "linux"), allow(unused))]

mod console;
mod matrix;
mod page;

use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use page::{Block, Page, root};

/// Why a block may be left out, and the most blocks with that reason.
const NOT_RUN: &[(&str, usize)] = &[
    (".ci/run runs it", 3),
    (".ci/run compares it with a run", 1),
    ("it is for `cargo test`", 1),
    ("it asks a person", 1),
    ("it needs cargo-nextest", 1),
    ("it needs a log made on Windows", 1),
    ("it takes minutes", 2),
    ("it stands for your own library", 1),
    ("it is a diagram", 1),
];

/// The most lines of the README.
const README_LINES: usize = 180;

/// The pages whose blocks are checked.
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
fn every_command_does_what_its_page_says() {
    let pages = pages();
    let (next, wrong) = (Mutex::new(pages.iter()), Mutex::new(Vec::new()));
    let is_update = std::env::var_os("IPC_CONFORMANCE_UPDATE_BOOK").is_some();
    let take = || next.lock().expect("no page panicked").next();
    let work = || {
        while let Some(page) = take() {
            let (mistakes, right) = console::run(page);
            if is_update && right != page.text {
                fs::write(root().join(&page.path), right).expect("the page is written");
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
fn every_block_is_checked_or_says_why_not() {
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
                "{count} blocks are left out since {reason}, not {most}"
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
            .ok_or(format!("`{reason}` is no reason in NOT_RUN"));
    }
    if let Some(path) = block.says("part of ") {
        let is_part = Page::read(path).text.contains(block.text);
        return is_part
            .then_some(())
            .ok_or(format!("{path} has no such lines"));
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
    let advice = format!("say how it is checked, as {} does", file!());
    (is_run && page.path != matrix::WHOLE)
        .then_some(())
        .ok_or(advice)
}

#[test]
fn the_readme_is_short() {
    let lines = Page::read("README.md").text.lines().count();
    assert!(
        lines <= README_LINES,
        "it has {lines} lines, and may have {README_LINES}"
    );
}

#[test]
fn every_link_leads_somewhere() {
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
                mistakes.push(format!("{}:{line}: {link} leads nowhere", page.path));
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
    let names = names.iter().filter_map(|path| path.rsplit('/').next());
    let missing: Vec<String> = names
        .filter(|name| !listed.contains(name))
        .map(|name| format!("SUMMARY.md lacks {name}"))
        .collect();
    assert_none(&missing);
}

#[test]
fn every_option_in_running_text_is_one_of_the_program() {
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
                    mistakes.push(format!("{path}:{line}: no option is called `{option}`"));
                }
            }
        }
    }
    assert_none(&mistakes);
}

/// Options of cargo and nextest that pages name.
const OF_CARGO: [&str; 4] = [
    "--open",
    "--no-default-features",
    "--release",
    "--run-ignored",
];

/// The help of every command.
fn all_help() -> String {
    let commands: [&[&str]; 12] = [
        &[],
        &["run"],
        &["list"],
        &["check"],
        &["compare"],
        &["merge"],
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
        String::from_utf8(output.stdout).expect("it is text")
    });
    help.concat()
}

/// The table of exit codes on its page has the codes that the program's help lists.
#[test]
fn the_page_about_exit_codes_has_those_of_the_help() {
    let help = all_help();
    let (_, codes) = help
        .split_once("Exit codes:\n")
        .expect("the program lists them");
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
