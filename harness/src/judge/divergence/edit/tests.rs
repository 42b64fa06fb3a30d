use super::*;
use crate::backend::{Kind, Outcome};
use crate::judge::FileLine;

const PATH: &str = "golden/divergences/pipe-some-library.toml";

const REVIEWED: &str = r#"# What some library does otherwise.
backend = "pipe:some/library"

# It closes late.
[[divergence]]
case      = "pipe/ends"      # all of them
clause    = "pipe.eof.sticky"
signature = { step = "recv p.rx", outcome = "error" }
shows     = "always"
reason    = "it says so"
link      = "https://example.org"

# It forgets.
[[divergence]]
clause = "pipe.eof.drain-first"
case = "pipe/ends"
signature = { step = "recv p.rx", outcome = "end" }
shows = "sometimes"
reason = "it says so"
link = "https://example.org"
"#;

/// Lines on which the entries above begin.
const STICKY: usize = 5;
const DRAIN: usize = 14;

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
    let edited = edit(PATH, text, &backend(), observations, System::Linux, &|_| 2);
    let edited = edited.unwrap_or_else(|e| panic!("{}", e.render(PATH, "", false)));
    if edited.added == 0 {
        let file = DivergenceFile::parse(PATH, &edited.text);
        assert!(file.is_ok(), "{}", edited.text);
    }
    edited
}

#[test]
fn a_first_file_begins_with_its_backend() {
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
    backend = "pipe:some/library"

    [[divergence]]
    clause = "pipe.eof.sticky"
    case = "pipe/ends"
    when = { os = "linux" }
    signature = { step = "recv p.rx", outcome = "gone", raw = "BrokenPipe (32)" }
    shows = "always"
    reason = ""
    link = ""
    "#);
    assert_eq!(edited.added, 1);
}

#[test]
fn a_new_entry_fails_the_next_run_until_it_has_a_reason_and_a_link() {
    let broke = seen(
        "pipe.eof.sticky",
        "size=1",
        None,
        ObservedResult::Unrecorded(gone()),
    );
    let edited = edited(None, &[broke]);
    let mistakes = DivergenceFile::parse(PATH, &edited.text).unwrap_err();
    let mistakes: Vec<&str> = mistakes.iter().map(|m| m.message.as_str()).collect();
    assert_eq!(mistakes, ["the reason is empty", "the link is empty"]);
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
        edited.text.contains("case = \"pipe/ends[size=1]\""),
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
    let ways: Vec<String> = file.divergences[1]
        .signatures
        .iter()
        .map(|s| s.to_string())
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
    let edited = edit(PATH, Some(&text), &backend(), &[], System::Linux, &|_| 1);
    assert!(edited.is_err());
}
