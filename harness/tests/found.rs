//! The programs in the book's pages about what was found: each shows a broken promise with nothing but the
//! library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::Trial;

use crate::named::{self, Named};

const PAGES: &str = "harness/book/src/found";

/// The modules that programs import beyond Python's own, by how the names of the programs begin.
const MODULES: [(&str, &str); 2] = [("billiard_", "billiard"), ("faster_fifo_", "faster_fifo")];

const OF_ALL: &[Named] = &[
    ("each_program_is_on_a_page", on_a_page),
    ("each_program_needs_a_known_library", known),
];

/// Returns the tests of this file. The program of a library that isn't installed is ignored.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = OF_ALL
        .iter()
        .map(|test| named::trial("found", test))
        .collect();
    for program in programs() {
        let is_there = module(&program).is_some_and(is_installed);
        let name = format!("found::{}_shows_it", stem(&program));
        let test = move || {
            shows_it(&program);
            Ok(())
        };
        trials.push(Trial::test(name, test).with_ignored_flag(!is_there || cfg!(windows)));
    }
    trials
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn programs() -> Vec<PathBuf> {
    let folder = root().join(PAGES).join("programs");
    let entries = fs::read_dir(folder).expect("the pages have programs");
    let paths = entries.map(|entry| entry.expect("the entries can be read").path());
    let mut programs: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    programs.sort();
    programs
}

fn stem(program: &Path) -> String {
    let stem = program.file_stem().expect("it has a name");
    stem.to_string_lossy().into_owned()
}

fn module(program: &Path) -> Option<&'static str> {
    let name = stem(program);
    let mut modules = MODULES.iter();
    modules.find_map(|(start, module)| name.starts_with(start).then_some(*module))
}

/// Returns whether Python finds this module.
pub(crate) fn is_installed(module: &str) -> bool {
    let import = Command::new("python3")
        .args(["-c", &format!("import {module}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    import.is_ok_and(|status| status.success())
}

fn on_a_page() {
    let pages = fs::read_dir(root().join(PAGES)).expect("there are pages");
    let texts = pages
        .map(|page| page.expect("the entries can be read").path())
        .filter(|path| path.is_file());
    let texts: String = texts
        .map(|path| fs::read_to_string(path).expect("a page is text"))
        .collect();
    for program in programs() {
        let include = format!("{{{{#include programs/{}.py}}}}", stem(&program));
        assert!(texts.contains(&include), "no page has {include}");
    }
}

fn known() {
    let programs = programs();
    assert!(!programs.is_empty());
    for program in programs {
        assert!(module(&program).is_some(), "{}", program.display());
    }
}

/// Checks that the program ends well, and says that a promise is broken.
#[track_caller]
fn shows_it(program: &Path) {
    let output = Command::new("python3").arg(program).output();
    let output = output.expect("python3 can be started");
    let printed = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}{said}");
    assert!(printed.starts_with("broken: "), "{printed}{said}");
}
