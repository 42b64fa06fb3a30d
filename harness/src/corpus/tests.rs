use std::fs;
use std::path::Path;

use super::case_file::examine;
use super::root_folder::{CATALOGUE, RootFolder, name_in};
use crate::case::{self, ClauseStatus};
use crate::clause::Clause;
use crate::corpus::{CaseFolder, tested_clauses};

mod bad;

fn any_clause(_: &str) -> ClauseStatus {
    ClauseStatus::Judged
}

fn package() -> RootFolder {
    RootFolder::find(Some(Path::new(env!("CARGO_MANIFEST_DIR")))).unwrap()
}

#[test]
fn every_case_of_this_package_is_valid() {
    for case in package().load(&any_clause) {
        let case = case.unwrap_or_else(|file| panic!("\n{}", file.render(false)));
        assert!(!case.permutations.is_empty(), "{}", case.name);
    }
}

#[test]
fn every_case_of_this_package_is_equal_after_a_round_trip() {
    for case in package().load(&any_clause) {
        let case = case.unwrap_or_else(|file| panic!("\n{}", file.render(false)));
        let text = case::write(&case.case);
        let again = case::parse(&text).unwrap_or_else(|errors| {
            panic!("{}", errors.render(&case.name, &text, false));
        });
        assert_eq!(again, *case.case, "{text}");
    }
}

#[test]
fn cases_are_sorted_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for case in ["b/one", "a-b/one", "a/two", "a/one"] {
        let file = folder.path().join("cases").join(format!("{case}.toml"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    }
    fs::write(folder.path().join(CATALOGUE), "").unwrap();
    let root = RootFolder::find(Some(folder.path())).unwrap();
    let names: Vec<_> = root
        .files()
        .iter()
        .map(|file| name_in(root.root(), file))
        .collect();
    assert_eq!(names, ["a-b/one", "a/one", "a/two", "b/one"]);
}

#[test]
fn a_root_folder_without_a_case_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("cases")).unwrap();
    let error = RootFolder::find(Some(folder.path())).unwrap_err();
    assert!(error.to_string().starts_with("no case found"), "{error}");
}

#[test]
fn a_folder_without_cases_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = RootFolder::find(Some(folder.path()))
        .unwrap_err()
        .to_string();
    assert!(error.contains("cases"), "{error}");
}

#[test]
fn a_file_outside_the_root_folder_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("My case.toml");
    fs::write(
        &file,
        "title = \"x\"\nclauses = [\"a\"]\n[processes.p]\nsteps = []\n",
    )
    .unwrap();
    let case = package().read(&file, &any_clause).unwrap();
    assert!(case.name.ends_with("/my-case"), "{}", case.name);
    assert_eq!(case.path, file);
}

#[test]
fn a_file_that_is_not_utf8_is_an_error_with_the_position() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.toml");
    fs::write(&file, b"title = \"\xff\"").unwrap();
    let rejected = package().read(&file, &any_clause).unwrap_err();
    assert!(
        rejected.render(false).contains("byte 9"),
        "{}",
        rejected.render(false)
    );
}

#[test]
fn a_missing_file_is_an_error() {
    let rejected = package()
        .read(Path::new("no/such.toml"), &any_clause)
        .unwrap_err();
    assert!(
        rejected.render(false).contains("can't read"),
        "{}",
        rejected.render(false)
    );
}

#[test]
fn a_golden_has_the_name_of_its_case() {
    let root = package();
    let expected = root.root().join("golden").join("seed").join("queue.snap");
    assert_eq!(root.golden("seed/queue"), expected);
}

#[test]
fn the_example_in_the_guide_is_a_case() {
    let guide = fs::read_to_string(package().root().join("cases/README.md")).unwrap();
    let (_, after) = guide.split_once("```toml\n").expect("an example");
    let (example, _) = after.split_once("```").expect("its end");
    if let Err(errors) = examine("queue/empty-then-item", example, &any_clause) {
        panic!("{}", errors.render("cases/README.md", example, false));
    }
}

#[test]
fn every_case_of_this_package_has_a_why() {
    for case in package().load(&any_clause) {
        let case = case.unwrap_or_else(|file| panic!("\n{}", file.render(false)));
        assert!(case.case.why.is_some(), "{} has no `why`", case.name);
    }
}

/// A clause that lost its last case would never break again.
#[test]
fn every_clause_of_this_package_has_a_case_or_a_reason_but_not_both() {
    let folder = CaseFolder::open(Some(Path::new(env!("CARGO_MANIFEST_DIR")))).unwrap();
    let (cases, _) = folder.cases();
    let tested = tested_clauses(&cases);
    let has_one = |clause: &&Clause| tested.contains_key(&clause.id) != clause.untried.is_some();
    let (_, wrong): (Vec<_>, Vec<_>) = folder.catalogue.iter().partition(has_one);
    let wrong: Vec<&str> = wrong.iter().map(|clause| clause.id.as_str()).collect();
    assert_eq!(wrong, Vec::<&str>::new());
}
