use crate::backend::{Kind, System};
use crate::judge::FileLine;
use crate::judge::divergence::check::*;
use crate::judge::divergence::file;
use crate::plan::Item;
use crate::test_support::histories::pipe;
use rstest::rstest;

const PATH: &str = "golden/divergences/some-library.toml";

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
    file::tests::text(&format!(
        "clauses = [\"{clause}\"]\ncases = [\"{case}\"]\n{more}"
    ))
}

/// The only backend.
struct OneBackend<'a> {
    inventory: Arc<Inventory<'a>>,
    may_be_elsewhere: bool,
}

impl<'a> Backends<'a> for OneBackend<'a> {
    fn named(&self, pattern: &WildcardPattern) -> Vec<Arc<Inventory<'a>>> {
        let is_it = pattern.matches(&self.inventory.backend.to_string());
        is_it
            .then(|| Arc::clone(&self.inventory))
            .into_iter()
            .collect()
    }

    fn may_be_elsewhere(&self) -> bool {
        self.may_be_elsewhere
    }

    fn help(&self, _: &WildcardPattern) -> String {
        "did you mean `pipe:some/library`?".to_owned()
    }
}

/// Checks these entries. Returns the diagnostics, mistakes first, and how many divergences apply.
fn checked(entries: &[String], is_reference: bool) -> (String, usize) {
    check(&entries.concat(), is_reference, false, &[])
}

fn check(
    text: &str,
    is_reference: bool,
    may_be_elsewhere: bool,
    earlier: &[Arc<Divergence>],
) -> (String, usize) {
    let file = DivergenceFile::parse(PATH, text)
        .unwrap_or_else(|e| panic!("{}", e.render(PATH, text, false)));
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
        backend: Key::new(Kind::Pipe, "some/library"),
        permutations: vec![
            (&sizes[0], unix.clone()),
            (&sizes[1], unix),
            (&ends, vec![Platform::genuine(System::Windows)]),
        ],
        version: Some("2.4.7".to_owned()),
        is_reference,
    };
    let backends = OneBackend {
        inventory: Arc::new(inventory),
        may_be_elsewhere,
    };
    let catalogue = Catalogue::parse(CLAUSES).unwrap();
    let checked = check_divergences(&file, &catalogue, &backends, earlier);
    let mut shown =
        checked.wrong.render(PATH, text, false) + &checked.outdated.render(PATH, text, false);
    shown.retain(|c| c != '\r');
    (shown, checked.divergences.len())
}

const STICKY: &str = "pipe.eof.sticky";

#[rstest]
#[case::a_case(STICKY, "pipe/sizes", "")]
#[case::a_permutation(STICKY, "pipe/sizes[size=2]", "")]
#[case::several(STICKY, "pipe/*[size=1]", "")]
#[case::of_drawn_cases(STICKY, "random/*[kill=*]", "")]
#[case::on_a_system_that_can(STICKY, "pipe/ends", "when = { os = \"windows\" }")]
#[case::of_a_version_that_is_elsewhere(STICKY, "pipe/ends", "when = { version = \"1.*\" }")]
#[case::of_a_version_that_can_do_more(
    STICKY,
    "pipe/ends",
    "when = { os = \"linux\", version = \">=2.5\" }"
)]
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
#[case::a_system_that_cannot_in_this_version(
    STICKY,
    "pipe/ends",
    "when = { os = \"linux\", version = \"2.4.*\" }",
    "can't run it"
)]
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
    assert_eq!(divergence.place.to_string(), format!("{PATH}:2"));
}

#[test]
fn a_second_entry_in_another_file_names_the_first_one() {
    let first = Divergence {
        place: FileLine {
            file: "golden/divergences/a.toml".to_owned(),
            line: 7,
        },
        ..file::tests::only("")
    };
    let text = entry(STICKY, "pipe/sizes", "");
    let (text, count) = check(&text, false, false, &[Arc::new(first)]);
    assert!(
        text.contains("the first one is at golden/divergences/a.toml:7"),
        "{text}"
    );
    assert_eq!(count, 0);
}

const LISTS: &str = "cases = [\"pipe/sizes\", \"pipe/ends\"]";

#[rstest]
#[case::a_case_that_the_backend_cannot_run(
    "cases = [\"pipe/sizes\", \"pipe/ends\"]\nwhen = { os = \"linux\" }",
    "no trial of `pipe/ends` on `pipe:some/library` matches"
)]
#[case::a_second_misspelt_case(
    "cases = [\"pipe/sizes\", \"pipe/ens\"]",
    "did you mean `pipe/ends`?"
)]
#[case::a_second_backend_that_does_not_exist(
    "backends = [\"pipe:some/*\", \"pipe:some/libary\"]",
    "no backend is called `pipe:some/libary`"
)]
#[case::a_case_without_a_signature(
    "cases = [\"pipe/sizes\", \"pipe/ends\"]\nsignature = { cases = \"*/sizes\", step = \"x\", outcome = \"end\" }",
    "no signature says how `pipe/ends` breaks"
)]
#[case::a_signature_about_nothing(
    "signature = [{ step = \"x\", outcome = \"end\" }, { clauses = \"queue.*\", step = \"x\", outcome = \"end\" }]",
    "the signature is about no backend, case and clause"
)]
fn every_part_of_an_entry_must_be_right(#[case] lines: &str, #[case] expected: &str) {
    let (text, count) = check(&file::tests::text(lines), false, false, &[]);
    assert!(text.contains(expected), "{text}");
    assert_eq!(count, 0);
}

#[test]
fn an_entry_stands_for_each_of_its_cases() {
    let (text, count) = check(&file::tests::text(LISTS), false, false, &[]);
    assert_eq!((text.trim(), count), ("", 2));
}

#[test]
fn another_program_may_have_a_backend() {
    let text = file::tests::text("backends = [\"pipe:some/library\", \"queue:other\"]");
    let (shown, count) = check(&text, false, true, &[]);
    assert_eq!((shown.trim(), count), ("", 1));
    let (text, _) = check(&text, false, false, &[]);
    assert!(
        text.contains("no backend is called `queue:other`"),
        "{text}"
    );
}
