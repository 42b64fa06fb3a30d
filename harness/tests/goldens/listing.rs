//! The cases as test runners see them.

use ipc_conformance::testing::PERMUTATIONS_VARIABLE;

use super::sandbox::{Run, Sandbox};
use super::suite;

pub(crate) fn a_new_case_file_is_found_without_a_rebuild() {
    let sandbox = Sandbox::new();
    let before = listed(&sandbox.conformance(&["--list"]));
    sandbox.copy_case("seed/pipe", "seed/again");
    let after = listed(&sandbox.conformance(&["--list"]));
    let new: Vec<_> = after.iter().filter(|name| !before.contains(name)).collect();
    assert!(
        new.iter().all(|name| name.starts_with("seed/again@pipe:")),
        "{new:?}"
    );
    let reference = "seed/again@pipe:std/pipe";
    assert!(new.iter().any(|name| *name == reference), "{new:?}");
}

pub(crate) fn a_malformed_case_file_is_a_failed_test_that_names_the_line() {
    let sandbox = Sandbox::new();
    sandbox.replace("cases/seed/pipe.toml", "recv", "receive");
    let run = sandbox.conformance(&["seed/"]);
    run.fails()
        .says("no step is called `receive`")
        .says("^^^^^^^");
    assert_eq!(run.verdict("cases/seed/pipe.toml").0, "FAILED");
    assert_eq!(run.verdict("seed/queue@queue:broker").0, "ok");
    assert!(!run.text.contains("seed/pipe@"), "{}", run.text);
}

pub(crate) fn each_permutation_can_be_a_separate_test() {
    let sandbox = Sandbox::new();
    let alone = |arguments: &[&str]| {
        sandbox.run(suite::AS_IT_IS, arguments, &[(PERMUTATIONS_VARIABLE, "1")])
    };
    let names = listed(&alone(&["--list"]));
    for name in [
        "seed/isolation[start=spawn]@process:os/process",
        "queue/bounded[capacity=1]@queue:broker",
        "queue/bounded[capacity=3]@queue:broker",
        "seed/queue@queue:broker",
    ] {
        assert!(names.iter().any(|is| is == name), "no {name} in {names:#?}");
    }
    let one = "queue/bounded[capacity=3]@queue:broker";
    alone(&["--exact", one]).passes().says("1 passed");

    // A golden contains all permutations, so none is proposed when they are separate tests.
    sandbox.replace("golden/queue/bounded.snap", "put", "PUT");
    alone(&["queue/bounded"])
        .fails()
        .says("the transcript isn't the reviewed one");
    assert_eq!(sandbox.pending(), [""; 0]);
}

pub(crate) fn not_applicable_trials_are_ignored_with_a_reason() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(
        suite::AS_IT_IS,
        &["seed/isolation[start=forkserver]"],
        &[(PERMUTATIONS_VARIABLE, "1")],
    );
    run.passes().says("1 ignored");
    let ignored = run.text.lines().find(|line| line.ends_with("... ignored"));
    let ignored = ignored.expect("one was ignored");
    assert!(ignored.contains("@process:os/process ("), "{ignored}");
    assert!(ignored.contains("forkserver)"), "{ignored}");
}

/// Does the same as cargo-nextest: lists the tests, then starts a process for each.
pub(crate) fn test_runners_can_list_the_tests_and_run_one_by_name() {
    let sandbox = Sandbox::new();
    let all = sandbox.conformance(&["--list", "--format", "terse"]);
    let all = all.passes().text.lines();
    let names: Vec<&str> = all
        .map(|line| line.strip_suffix(": test").expect("a runner reads this"))
        .collect();
    assert!(names.contains(&"seed/pipe@pipe:std/pipe"), "{names:#?}");
    sandbox
        .conformance(&["seed/pipe@pipe:std/pipe", "--nocapture", "--exact"])
        .passes()
        .says("1 passed");
}

fn listed(run: &Run) -> Vec<String> {
    let lines = run.passes().text.lines();
    lines
        .filter_map(|line| line.strip_suffix(": test"))
        .map(str::to_owned)
        .collect()
}
