use crate::backend::System;
use crate::judge::divergence::check::*;
use crate::judge::divergence::file;
use crate::plan::Item;
use crate::test_support::histories::pipe;
use rstest::rstest;

const PATH: &str = "golden/divergences/pipe-some-library.toml";

const CLAUSES: &str = r#"
[[clause]]
id = "pipe.eof.sticky"
sentence = "x"
level = "must"
profile = "core"
source = "x"
[[clause]]
id = "pipe.eof.drain-first"
sentence = "x"
level = "info"
profile = "core"
source = "x"
[[clause]]
id = "leak.handles.steady"
sentence = "x"
level = "must"
profile = "harness"
source = "x"
"#;

fn entry(clause: &str, case: &str, more: &str) -> String {
    format!(
        "[[divergence]]\nclause = \"{clause}\"\ncase = \"{case}\"\nshows = \"always\"\n\
         signature = {{ step = \"recv p.rx\", outcome = \"error\" }}\nreason = \"x\"\nlink = \"x\"\n\
         {more}\n"
    )
}

/// Checks these entries. Returns the diagnostics, mistakes first, and how many entries apply.
fn checked(entries: &[String], is_reference: bool) -> (String, usize) {
    let text = format!("backend = \"pipe:some/library\"\n{}", entries.concat());
    let file = DivergenceFile::parse(PATH, &text).unwrap();
    let permutation = |case: &str, size| {
        let mut permutation = pipe().process("r").permutation;
        permutation.case = case.into();
        permutation.values = vec![("size".to_owned(), Item::Int(size))];
        permutation
    };
    let sizes = [permutation("pipe/sizes", 1), permutation("pipe/sizes", 2)];
    let ends = permutation("pipe/ends", 1);
    let unix = [System::Linux, System::Macos]
        .map(Platform::genuine)
        .to_vec();
    let inventory = Inventory {
        catalogue: &Catalogue::parse(CLAUSES).unwrap(),
        permutations: vec![
            (&sizes[0], unix.clone()),
            (&sizes[1], unix),
            (&ends, vec![Platform::genuine(System::Windows)]),
        ],
        about: "some-library 2.4.7".to_owned(),
        is_reference,
    };
    let checked = check_divergences(&file, &inventory);
    let mut text =
        checked.wrong.render(PATH, &text, false) + &checked.outdated.render(PATH, &text, false);
    text.retain(|c| c != '\r');
    (text, checked.divergences.len())
}

const STICKY: &str = "pipe.eof.sticky";

#[rstest]
#[case::a_case(STICKY, "pipe/sizes", "")]
#[case::a_permutation(STICKY, "pipe/sizes[size=2]", "")]
#[case::several(STICKY, "pipe/*[size=1]", "")]
#[case::on_a_system_that_can(STICKY, "pipe/ends", "when = { os = \"windows\" }")]
#[case::of_a_version_that_is_elsewhere(STICKY, "pipe/ends", "when = { version = \"1.*\" }")]
fn an_entry_that_can_show_applies(#[case] clause: &str, #[case] case: &str, #[case] more: &str) {
    let (text, count) = checked(&[entry(clause, case, more)], false);
    assert_eq!((text.trim(), count), ("", 1));
}

#[rstest]
#[case::a_misspelt_clause(
    "pipe.eof.stickly",
    "pipe/sizes",
    "",
    "did you mean `pipe.eof.sticky`?"
)]
#[case::no_clause("nothing.like-it", "pipe/sizes", "", "`list clauses` shows them")]
#[case::information("pipe.eof.drain-first", "pipe/sizes", "", "is information")]
#[case::of_the_harness("leak.handles.steady", "pipe/sizes", "", "binds only the harness")]
#[case::a_misspelt_case(STICKY, "pipe/sices", "", "did you mean `pipe/sizes`?")]
#[case::no_case(STICKY, "queue/*", "", "no case of a pipe matches `queue/*`")]
#[case::no_permutation(STICKY, "pipe/sizes[size=3]", "", "no case of a pipe matches")]
#[case::a_system_that_cannot(STICKY, "pipe/ends", "when = { os = \"linux\" }", "can't run it")]
#[case::a_start_that_is_not(STICKY, "pipe/ends", "when = { start = \"fork\" }", "can't run it")]
fn an_entry_that_cannot_show_is_reported(
    #[case] clause: &str,
    #[case] case: &str,
    #[case] more: &str,
    #[case] expected: &str,
) {
    let (text, count) = checked(&[entry(clause, case, more)], false);
    assert!(text.contains(expected), "{text}");
    assert_eq!(count, 0);
}

#[test]
fn two_entries_for_one_trial_contradict_each_other() {
    let entries = [
        entry(STICKY, "pipe/*", ""),
        entry(STICKY, "pipe/sizes[size=2]", ""),
    ];
    let (text, count) = checked(&entries, false);
    insta::assert_snapshot!(text.trim());
    assert_eq!(count, 1, "the first one applies");
}

#[rstest]
#[case::by_case(["", ""], ["pipe/sizes[size=1]", "pipe/sizes[size=2]"])]
#[case::by_system(
    ["when = { os = \"linux\" }", "when = { os = \"macos\" }"],
    ["pipe/sizes", "pipe/sizes"]
)]
#[case::by_version(
    ["when = { version = \"2.4.*\" }", "when = { version = \"2.3.*\" }"],
    ["pipe/sizes", "pipe/sizes"]
)]
fn two_entries_with_different_trials_do_not(#[case] when: [&str; 2], #[case] cases: [&str; 2]) {
    let entries = [0, 1].map(|one| entry(STICKY, cases[one], when[one]));
    let (text, count) = checked(&entries, false);
    assert_eq!((text.trim(), count), ("", 2));
}

#[test]
fn a_reference_can_have_no_divergence() {
    let (text, count) = checked(&[entry(STICKY, "pipe/sizes", "")], true);
    assert!(text.contains("may break nothing"), "{text}");
    assert_eq!(count, 0);
}

#[test]
fn the_place_of_an_entry_is_where_it_begins() {
    let divergence = file::tests::only("");
    assert_eq!(divergence.place.to_string(), format!("{PATH}:3"));
}
