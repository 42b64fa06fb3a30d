//! The verdicts of case files in `verdicts/`, on all backends that they concern.
//!
//! A library is charged only for its own doing, and nothing that is broken passes. Each row is a fact
//! about a case and a backend.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use ipc_conformance::internals::Verdict;
use rstest::rstest;

use crate::reports::reports;

/// A row's expectation if `run` refuses the file, and exits with 2 before it runs anything.
const REFUSED: &str = "refused";

fn run(file: &str, backend: &str) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/tests/verdicts");
    Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(["--root", env!("CARGO_MANIFEST_DIR"), "run", "--file"])
        .arg(folder.join(file).with_extension("toml"))
        .args(["--backend", backend, "--format", "json"])
        .output()
        .expect("the program was built for this test")
}

/// Returns the verdict of each trial that ran, and of each refused file as a whole.
fn verdicts(output: &Output) -> BTreeMap<String, &'static str> {
    let is_refused = output.stdout.is_empty() && output.status.code() == Some(2);
    if is_refused {
        return BTreeMap::from([("the file".to_owned(), REFUSED)]);
    }
    let ran = reports(output).into_iter().filter(|report| {
        use Verdict::{NotApplicable, Unavailable};
        !matches!(report.verdict, NotApplicable | Unavailable)
    });
    ran.map(|report| (report.name.to_string(), report.verdict.word()))
        .collect()
}

/// `expected` has the words of all verdicts that are right, with `|` between them. Without Python, no
/// trial of CPython runs.
#[rstest]
#[case::an_item_that_never_comes("one-marker-too-few", "queue:", "case-error")]
#[case::a_receiver_that_left("receiver-left", "pipe:", "case-error")]
#[case::equal_items_arrive_once("equal-items-drained", "queue:broker", "pass")]
#[case::an_equal_item_arrives_twice("equal-items-drained", "queue:broker~doubled", "fail")]
#[case::equal_items_hide_a_copy("equal-items", "queue:broker", "unknown")]
#[case::a_copy_may_be_seen_early("equal-items", "queue:broker~doubled", "fail|unknown")]
#[case::equal_items_hide_their_order("equal-items", "queue:broker~swapped", "fail|unknown")]
#[case::a_killed_consumer_leaves_no_lock("killed-getter", "queue:broker", "pass")]
#[case::a_kill_of_an_exited_process_is_none("kill-of-the-exited", "process:os/process", "pass")]
#[case::a_kill_of_an_exited_process_is_none_in_python(
    "kill-of-the-exited",
    "process:cpython-",
    "pass"
)]
#[case::a_kill_after_the_start_arrives("kill-after-start", "process:os/process", "pass")]
#[case::a_kill_after_the_start_arrives_in_python("kill-after-start", "process:cpython-", "pass")]
#[case::a_forked_child_holds_no_link_of_its_starter(
    "kill-of-a-starter",
    "process:os/process",
    "pass"
)]
#[case::a_killed_starter_is_gone_in_python("kill-of-a-starter", "process:cpython-", "pass")]
#[case::a_closed_listener_says_so("accept-of-a-closed-listener", "endpoint:", "pass")]
#[case::a_connection_that_was_never_made_is_closed("never-connected", "endpoint:", "pass")]
#[case::bytes_of_a_handshake_are_no_messages("answers-to-a-handshake", "endpoint:", "pass")]
#[case::a_circle_of_barriers_is_refused("circle-of-barriers", "process:os/process", REFUSED)]
#[case::a_deadline_shorter_than_the_waits_is_refused("short-deadline", "queue:broker", REFUSED)]
#[case::too_many_permutations_are_refused("too-many-permutations", "queue:broker", REFUSED)]
#[case::deep_values_arrive("nested-deep", "pipe:std/pipe", "pass")]
#[case::deep_values_arrive_in_python("nested-deep", "pipe:cpython-", "pass")]
#[case::a_hundred_thousand_items_are_judged("many-items", "queue:broker", "pass")]
#[case::two_hundred_processes_share_a_queue("two-hundred-producers", "queue:broker", "pass")]
#[case::a_killed_consumer_keeps_a_lock("killed-getter", "queue:cpython-", "unpromised|documented")]
#[case::a_pause_takes_time("paused-sender", "pipe:", "pass")]
fn each_case_has_its_right_verdict(
    #[case] file: &str,
    #[case] backend: &str,
    #[case] expected: &str,
) {
    let output = run(file, backend);
    let verdicts = verdicts(&output);
    let errors = String::from_utf8_lossy(&output.stderr);
    let needs_python = backend.contains("cpython");
    assert!(!verdicts.is_empty() || needs_python, "{errors}");
    for (trial, verdict) in &verdicts {
        let is_right = expected.split('|').any(|word| word == *verdict);
        assert!(is_right, "{trial}: {verdict} instead of {expected}");
    }
}
