//! Proposing, reading and accepting a golden.

use super::sandbox::Sandbox;
use super::suite::{ANOTHER_PIPE, WRONG_FIRST, WRONG_LAST};

const NEW: &str = "seed/again";
const NEW_PENDING: &str = "golden/seed/again.snap.new";

pub(crate) fn a_new_case_fails_and_says_how_to_accept_its_golden() {
    let sandbox = Sandbox::new();
    sandbox.copy_case("seed/queue", NEW);
    sandbox
        .conformance(&[NEW])
        .fails()
        .says("seed/again@queue:broker")
        .says("is new, and nothing was found broken")
        .says("cargo insta review")
        .says("cargo insta accept")
        .omits("panicked")
        .omits("backtrace");
    assert_eq!(sandbox.pending(), [NEW_PENDING]);
}

pub(crate) fn a_new_case_passes_once_its_golden_is_accepted() {
    let sandbox = Sandbox::new();
    sandbox.copy_case("seed/queue", NEW);
    sandbox.conformance(&[NEW]).fails();

    let listed = sandbox.insta("pending-snapshots");
    listed.passes().says("again.snap");
    sandbox.insta("accept").passes();
    assert_eq!(sandbox.pending(), [""; 0]);
    assert_eq!(
        transcript(&sandbox.read("golden/seed/again.snap")),
        transcript(&sandbox.read("golden/seed/queue.snap")),
    );

    sandbox.conformance(&[NEW]).passes();
    assert_eq!(sandbox.pending(), [""; 0]);
}

pub(crate) fn a_golden_that_differs_is_shown_as_a_line_diff() {
    let sandbox = Sandbox::new();
    let golden = "golden/seed/queue.snap";
    let reviewed = transcript(&sandbox.read(golden)).to_owned();
    sandbox.replace(golden, "| Received 3", "| Received three");

    sandbox
        .conformance(&["seed/queue"])
        .fails()
        .says("-  | Received three\n")
        .says("+  | Received 3\n")
        .says("is not what it was, and nothing was found broken");
    assert_eq!(sandbox.pending(), ["golden/seed/queue.snap.new"]);
    let pending = sandbox.read("golden/seed/queue.snap.new");
    assert_eq!(transcript(&pending), reviewed);
}

/// Some permutations run only on some systems; the reviewed golden of the others must stay.
pub(crate) fn a_pending_golden_keeps_unchanged_permutations() {
    let sandbox = Sandbox::new();
    let golden = "golden/seed/isolation.snap";
    sandbox.replace(golden, "child\n    |\n", "child\n    | seen\n");
    let fork = "when start=fork\n  child\n    | Ciallo~(∠・ω< )⌒★\n";
    sandbox.conformance(&["seed/isolation"]).fails();
    let pending = sandbox.read("golden/seed/isolation.snap.new");
    assert!(pending.contains(fork), "{pending}");
    assert!(!pending.contains("| seen"), "{pending}");
}

pub(crate) fn only_the_reference_proposes_a_golden() {
    let sandbox = Sandbox::new();
    sandbox.replace("golden/seed/pipe.snap", "| Received 3", "| Received three");
    let another = format!("seed/pipe@pipe:{ANOTHER_PIPE}");
    sandbox
        .run(ANOTHER_PIPE, &["--exact", &another], &[])
        .fails()
        .says("+  | Received 3");
    assert_eq!(sandbox.pending(), [""; 0]);

    // The case itself is judged without a golden too.
    sandbox.copy_case("seed/pipe", NEW);
    let another = format!("{NEW}@pipe:{ANOTHER_PIPE}");
    sandbox
        .run(ANOTHER_PIPE, &["--exact", &another], &[])
        .passes();
    assert_eq!(sandbox.pending(), [""; 0]);
}

pub(crate) fn a_wrong_backend_that_runs_first_proposes_no_golden() {
    let (wrong, reference) = assert_only_the_reference_proposes(WRONG_FIRST);
    assert!(wrong < reference);
}

pub(crate) fn a_wrong_backend_that_runs_last_proposes_no_golden() {
    let (wrong, reference) = assert_only_the_reference_proposes(WRONG_LAST);
    assert!(wrong > reference);
}

/// Asserts that the pending golden is the reference's, whatever else runs. Returns the lines that
/// report the wrong backend and the reference.
fn assert_only_the_reference_proposes(wrong: &str) -> (usize, usize) {
    let sandbox = Sandbox::new();
    sandbox.copy_case("seed/queue", NEW);
    let name = |backend| format!("{NEW}@queue:{backend}");
    sandbox.run(wrong, &["--exact", &name(wrong)], &[]).fails();
    assert_eq!(sandbox.pending(), [""; 0]);

    let both = sandbox.run(wrong, &["--test-threads=1", NEW], &[]);
    assert_eq!(sandbox.pending(), [NEW_PENDING]);
    assert_eq!(
        transcript(&sandbox.read(NEW_PENDING)),
        transcript(&sandbox.read("golden/seed/queue.snap")),
    );
    let [wrong, reference] = [wrong, "broker"].map(|backend| {
        let name = name(backend);
        both.fails().says(&format!("\n    {name}\n"));
        both.verdict(&name).1
    });
    (wrong, reference)
}

pub(crate) fn a_reference_that_breaks_a_clause_proposes_no_golden() {
    let sandbox = Sandbox::new();
    sandbox.copy_case("seed/queue", NEW);
    // A correct queue can't do this.
    sandbox.replace(
        "cases/seed/again.toml",
        "{ put = { on = \"q\", count = 5 } },",
        "{ put = { on = \"q\", count = 5, expect = \"full\" } },",
    );
    sandbox.conformance(&[NEW]).fails().says("expected");
    assert_eq!(sandbox.pending(), [""; 0]);
}

pub(crate) fn an_unreadable_golden_is_reported_with_its_file() {
    let sandbox = Sandbox::new();
    sandbox.write("golden/seed/queue.snap", "---\nnever closed\n");
    sandbox
        .conformance(&[])
        .fails()
        .says("queue.snap has no contents");
}

/// Divergences for each clause that a queue or pipe breaks if it loses messages.
fn divergences(backend: &str, clauses: &[&str], case: &str, step: &str) -> String {
    let entry = |clause: &&str| {
        format!(
            "\n[[divergence]]\nbackends = [\"{backend}\"]\nclauses = [\"{clause}\"]\n\
             cases = [\"{case}\"]\nkind = \"broken\"\n\
             signature = [{{ step = \"{step}\", outcome = \"end\" }}, \
             {{ step = \"{step}\", outcome = \"ok\" }}]\nshows = \"always\"\n\
             reason = \"made so\"\nquote = \"suite\"\n\
             source = \"package:harness/tests/goldens/suite.rs\"\n\
             link = \"harness/tests/goldens/suite.rs\"\n"
        )
    };
    clauses.iter().map(entry).collect()
}

const LOST: [&str; 2] = ["queue.end.by-close", "queue.mpmc.exactly-once"];
const OF_THE_WRONG_ONE: &str = "queue-a-wrong-queue.toml";

pub(crate) fn a_reviewed_break_passes() {
    let sandbox = Sandbox::new();
    let name = format!("seed/queue@queue:{WRONG_FIRST}");
    let run = || sandbox.run(WRONG_FIRST, &["--exact", &name], &[]);
    run().fails().says("queue.mpmc.exactly-once");
    let backend = format!("queue:{WRONG_FIRST}");
    let reviewed = divergences(&backend, &LOST, "seed/queue", "get q");
    sandbox.write_divergences(OF_THE_WRONG_ONE, &reviewed);
    run().passes();
}

pub(crate) fn a_stale_divergence_fails() {
    let sandbox = Sandbox::new();
    let backend = format!("pipe:{ANOTHER_PIPE}");
    let clauses = ["pipe.order.single-writer"];
    let stale = divergences(&backend, &clauses, "seed/pipe", "recv p.rx");
    sandbox.write_divergences("pipe-another-pipe.toml", &stale);
    let name = format!("seed/pipe@{backend}");
    sandbox
        .run(ANOTHER_PIPE, &["--exact", &name], &[])
        .fails()
        .says("unexpected-pass")
        .says("golden/divergences/pipe-another-pipe.toml:2");
}

pub(crate) fn a_misspelt_divergence_is_a_failed_test_that_names_the_line() {
    let sandbox = Sandbox::new();
    let backend = format!("queue:{WRONG_FIRST}");
    let misspelt = ["queue.mpmc.exactly-one"];
    let text = divergences(&backend, &misspelt, "seed/queue", "get q");
    let file = format!("golden/divergences/{OF_THE_WRONG_ONE}");
    sandbox.write_divergences(OF_THE_WRONG_ONE, &text);
    let run = sandbox.run(WRONG_FIRST, &["golden/divergences"], &[]);
    run.fails().says("did you mean `queue.mpmc.exactly-once`?");
    assert_eq!(run.verdict(&file).0, "FAILED");
}

/// Returns a snapshot without its header.
fn transcript(snapshot: &str) -> &str {
    let (_, body) = snapshot
        .trim_start_matches("---\n")
        .split_once("---\n")
        .expect("insta writes a header");
    body.trim()
}
