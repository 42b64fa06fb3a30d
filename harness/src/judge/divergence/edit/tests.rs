use super::*;
use crate::backend::{Kind, Outcome};
use crate::judge::FileLine;

const PATH: &str = "golden/divergences/some-library.toml";

const REVIEWED: &str = r#"# What some library does otherwise.

# It closes late.
[[divergence]]
cases     = ["pipe/ends"]      # all of them
backends  = ["pipe:some/library"]
clauses   = ["pipe.eof.sticky"]
kind      = "broken"
signature = { step = "recv p.rx", outcome = "error" }
shows     = "always"
reason    = "it closes late"
quote     = "it says so"
source    = "https://example.org"
link      = "https://example.org"

# It forgets.
[[divergence]]
backends = ["pipe:some/library"]
clauses = ["pipe.eof.drain-first"]
cases = ["pipe/ends"]
kind = "documented"
signature = { step = "recv p.rx", outcome = "end" }
shows = "sometimes"
reason = "it forgets"
quote = "it says so"
source = "https://example.org"
link = "https://example.org"

# It is slow.
[[divergence]]
backends = ["pipe:some/*"]
clauses = ["pipe.eof.sticky", "live.deadline"]
cases = ["pipe/slow"]
kind = "broken"
signature = { step = "recv p.rx", outcome = "pending" }
shows = "always"
reason = "it is slow"
quote = "it says so"
source = "https://example.org"
link = "https://example.org"
"#;

/// Lines on which the entries above begin.
const STICKY: usize = 4;
const DRAIN: usize = 17;
const SLOW: usize = 30;

fn backend() -> Key {
    Key::new(Kind::Pipe, "some/library")
}

fn way(step: &str, outcome: Outcome, raw: Option<&str>) -> Vec<Signature> {
    vec![Signature {
        step: step.to_owned(),
        outcome,
        raw: raw.map(str::to_owned),
    }]
}

fn gone() -> Vec<Signature> {
    way("recv p.rx", Outcome::Gone, Some("BrokenPipe (32)"))
}

fn seen(
    clause: &str,
    permutation: &str,
    line: Option<usize>,
    result: ObservedResult,
) -> Observation {
    Observation {
        backend: backend(),
        clause: clause.into(),
        case: "pipe/ends".to_owned(),
        permutation: permutation.to_owned(),
        recorded: line.map(|line| FileLine {
            file: PATH.to_owned(),
            line,
        }),
        result,
    }
}

/// Edits a file, with two permutations of every case.
fn edited(text: Option<&str>, observations: &[Observation]) -> EditedDivergences {
    let observations: Vec<&Observation> = observations.iter().collect();
    let edited = edit(PATH, text, &observations, System::Linux, &|_, _| 2);
    let edited = edited.unwrap_or_else(|e| panic!("{}", e.render(PATH, "", false)));
    if edited.added == 0 {
        let file = DivergenceFile::parse(PATH, &edited.text);
        assert!(file.is_ok(), "{}", edited.text);
    }
    edited
}

#[test]
fn a_new_entry_is_to_be_reviewed() {
    let broke = |permutation| {
        seen(
            "pipe.eof.sticky",
            permutation,
            None,
            ObservedResult::Unrecorded(gone()),
        )
    };
    let edited = edited(None, &[broke("size=1"), broke("size=2")]);
    insta::assert_snapshot!(edited.text, @r#"
    [[divergence]]
    backends = ["pipe:some/library"]
    cases = ["pipe/ends"]
    clauses = ["pipe.eof.sticky"]
    kind = ""
    when = { os = "linux" }
    signature = { step = "recv p.rx", outcome = "gone", raw = "BrokenPipe (32)" }
    shows = "always"
    reason = ""
    quote = ""
    source = ""
    link = ""
    "#);
    assert_eq!(edited.added, 1);
}

#[test]
fn a_new_entry_fails_the_next_run_until_it_is_reviewed() {
    let broke = seen(
        "pipe.eof.sticky",
        "size=1",
        None,
        ObservedResult::Unrecorded(gone()),
    );
    let edited = edited(None, &[broke]);
    let mistakes = DivergenceFile::parse(PATH, &edited.text).unwrap_err();
    let mistakes: Vec<&str> = mistakes.iter().map(|m| m.message.as_str()).collect();
    let expected = ["kind", "reason", "source", "link", "quote"];
    assert_eq!(mistakes, expected.map(|key| format!("the {key} is empty")));
}

#[test]
fn a_permutation_that_breaks_alone_gets_its_own_entry() {
    let broke = seen(
        "pipe.eof.sticky",
        "size=1",
        None,
        ObservedResult::Unrecorded(gone()),
    );
    let edited = edited(None, &[broke]);
    assert!(
        edited.text.contains("cases = [\"pipe/ends[size=1]\"]"),
        "{}",
        edited.text
    );
}

#[test]
fn permutations_that_break_in_different_ways_get_their_own_entries() {
    let hang = way("recv p.rx", Outcome::Pending, None);
    let observations = [
        seen(
            "pipe.eof.sticky",
            "size=1",
            None,
            ObservedResult::Unrecorded(gone()),
        ),
        seen(
            "pipe.eof.sticky",
            "size=2",
            None,
            ObservedResult::Unrecorded(hang),
        ),
    ];
    let edited = edited(None, &observations);
    assert_eq!(edited.added, 2);
    assert!(
        edited.text.contains("outcome = \"pending\" }"),
        "{}",
        edited.text
    );
}

#[test]
fn a_new_signature_replaces_the_old_one_and_keeps_comments() {
    let observation = seen(
        "pipe.eof.sticky",
        "",
        Some(STICKY),
        ObservedResult::Unrecorded(gone()),
    );
    let edited = edited(Some(REVIEWED), &[observation]);
    let expected = REVIEWED.replace(
        "{ step = \"recv p.rx\", outcome = \"error\" }",
        "{ step = \"recv p.rx\", outcome = \"gone\", raw = \"BrokenPipe (32)\" }",
    );
    assert_eq!(edited.text, expected);
    assert_eq!((edited.added, edited.changed, edited.removed), (0, 1, 0));
}

#[test]
fn an_entry_with_shows_sometimes_keeps_its_old_signatures() {
    let observation = seen(
        "pipe.eof.drain-first",
        "",
        Some(DRAIN),
        ObservedResult::Unrecorded(gone()),
    );
    let edited = edited(Some(REVIEWED), &[observation]);
    let file = DivergenceFile::parse(PATH, &edited.text).unwrap();
    let ways: Vec<String> = file.entries[1]
        .signatures
        .iter()
        .map(|s| s.signature.to_string())
        .collect();
    assert_eq!(
        ways,
        ["recv p.rx -> end", "recv p.rx -> gone BrokenPipe (32)"]
    );
}

#[test]
fn an_entry_that_holds_now_is_removed_with_its_comment() {
    let edited = edited(
        Some(REVIEWED),
        &[seen(
            "pipe.eof.sticky",
            "",
            Some(STICKY),
            ObservedResult::Held,
        )],
    );
    assert!(!edited.text.contains("closes late"), "{}", edited.text);
    assert!(
        edited
            .text
            .starts_with("# What some library does otherwise.\n")
    );
    assert!(
        edited.text.contains("# It forgets.\n[[divergence]]"),
        "{}",
        edited.text
    );
    assert_eq!((edited.added, edited.changed, edited.removed), (0, 0, 1));
}

#[test]
fn an_entry_that_holds_in_some_trials_is_left_to_a_person() {
    let observations = [
        seen(
            "pipe.eof.sticky",
            "size=1",
            Some(STICKY),
            ObservedResult::Held,
        ),
        seen(
            "pipe.eof.sticky",
            "size=2",
            Some(STICKY),
            ObservedResult::AsRecorded(gone()),
        ),
    ];
    let edited = edited(Some(REVIEWED), &observations);
    assert_eq!(edited.text, REVIEWED);
    assert_eq!(edited.mixed, [STICKY]);
}

#[test]
fn a_run_that_shows_recorded_breaks_changes_nothing() {
    let recorded = way("recv p.rx", Outcome::Error, None);
    let observation = seen(
        "pipe.eof.sticky",
        "",
        Some(STICKY),
        ObservedResult::AsRecorded(recorded),
    );
    assert_eq!(edited(Some(REVIEWED), &[observation]).text, REVIEWED);
}

#[test]
fn a_file_with_a_mistake_is_not_edited() {
    let text = REVIEWED.replace("shows = \"sometimes\"", "shows = \"often\"");
    let edited = edit(PATH, Some(&text), &[], System::Linux, &|_, _| 1);
    assert!(edited.is_err());
}

#[test]
fn clauses_and_backends_that_break_alike_in_a_case_share_an_entry() {
    let broke = |backend: &str, clause| Observation {
        backend: Key::new(Kind::Pipe, backend),
        ..seen(clause, "", None, ObservedResult::Unrecorded(gone()))
    };
    let all = ["one/library", "two/library"]
        .map(|backend| ["live.deadline", "pipe.eof.sticky"].map(|clause| broke(backend, clause)));
    let other = broke("two/library", "pipe.eof.drain-first");
    let edited = edited(None, &all.concat());
    assert_eq!(edited.added, 1);
    assert!(
        edited
            .text
            .contains("backends = [\"pipe:one/library\", \"pipe:two/library\"]"),
        "{}",
        edited.text
    );
    let edited = self::edited(None, &[all.concat(), vec![other]].concat());
    assert_eq!(edited.added, 2, "one backend breaks another clause");
}

fn slow(clause: &str, result: ObservedResult) -> Observation {
    Observation {
        case: "pipe/slow".to_owned(),
        ..seen(clause, "", Some(SLOW), result)
    }
}

#[test]
fn a_new_way_in_a_part_of_an_entry_is_limited_to_that_part() {
    let observation = slow("pipe.eof.sticky", ObservedResult::Unrecorded(gone()));
    let edited = edited(Some(REVIEWED), &[observation]);
    let expected = REVIEWED.replace(
        "signature = { step = \"recv p.rx\", outcome = \"pending\" }",
        "signature = [\n  { step = \"recv p.rx\", outcome = \"pending\" },\n  { backends = \
         [\"pipe:some/library\"], clauses = \"pipe.eof.sticky\", step = \"recv p.rx\", outcome = \
         \"gone\", raw = \"BrokenPipe (32)\" },\n]",
    );
    assert_eq!(edited.text, expected);
}

#[test]
fn an_entry_for_all_backends_is_not_removed_because_one_of_them_holds() {
    let held = ["pipe.eof.sticky", "live.deadline"].map(|one| slow(one, ObservedResult::Held));
    let edited = edited(Some(REVIEWED), &held);
    assert_eq!(edited.text, REVIEWED);
    assert_eq!(edited.mixed, [SLOW]);
}
