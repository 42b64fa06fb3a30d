//! The adapters that a root brings along.

use std::fs;
use std::path::Path;

use ipc_conformance::internals::{TrialReport, Verdict};

use super::command;
use crate::survival::scene::Scene;

super::tests![
    a_roots_adapter_takes_part,
    only_the_cases_that_it_names_run_where_nobody_asks,
    it_is_found_by_its_name_and_by_its_backends,
    it_can_be_left_out,
    where_its_program_is_missing_its_columns_are_unavailable,
    a_column_that_it_does_not_host_here_is_unavailable,
    a_column_that_it_does_not_list_is_its_error,
    a_file_that_is_wrong_is_told,
];

const CASE: &str = r#"
title   = "what is put is got"
clauses = ["queue.order.fifo-per-producer"]
[channels.q]
kind = "queue"
[processes.producer]
steps = [{ put = { on = "q", count = 2 } }]
[processes.consumer]
steps = [{ get = { on = "q", count = 2 } }]
"#;

/// A root with one case, and an adapter called `mine` with this command and these columns.
fn root(scene: &Scene, command: &str, columns: &[&str], more: &str) -> String {
    let root = scene.case("one", CASE);
    let folder = Path::new(&root).join("harness/adapters/mine");
    fs::create_dir_all(&folder).expect("the scene's folder is writable");
    let words = shell_words::split(command).expect("a command");
    let column = |name: &&str| format!(r#"{{ kind = "queue", name = "{name}" }}"#);
    let columns: Vec<String> = columns.iter().map(column).collect();
    let text = format!(
        "command = {words:?}\ninstall = \"apt-get install mine\"\ncolumns = [{}]\n{more}",
        columns.join(", ")
    );
    fs::write(folder.join("adapter.toml"), text).expect("the scene's folder is writable");
    root
}

fn run(scene: &Scene, root: &str, arguments: &[&str]) -> Vec<TrialReport> {
    let mut all = vec!["run", "--format=json", "--root", root];
    all.extend(arguments);
    let ended = scene.start(all).end();
    scene.assert_nothing_left();
    ended.reports()
}

/// The backends that had trials, with what came of those.
fn came_to(reports: &[TrialReport]) -> Vec<(String, Verdict)> {
    let came_to = |report: &TrialReport| (report.name.backend.to_string(), report.verdict);
    reports.iter().map(came_to).collect()
}

/// The backends that had trials without any adapter: which those are is the system's affair.
fn without_adapters(scene: &Scene, root: &str) -> Vec<(String, Verdict)> {
    let seen = came_to(&run(scene, root, &["--no-adapters"]));
    // Nobody has reviewed what the reference does here.
    assert!(
        seen.contains(&(BROKER.to_owned(), Verdict::Unknown)),
        "{seen:?}"
    );
    seen
}

const BROKER: &str = "queue:broker";
const HONEST: &str = "queue:honest/queue";
const HOSTILE: &str = "queue:hostile/queue";

fn a_roots_adapter_takes_part() {
    let scene = Scene::new();
    let root = root(&scene, &command("honest"), &["honest/queue"], "");
    let mut expected = without_adapters(&scene, &root);
    expected.push((HONEST.to_owned(), Verdict::Pass));
    assert_eq!(came_to(&run(&scene, &root, &[])), expected);
}

fn only_the_cases_that_it_names_run_where_nobody_asks() {
    let scene = Scene::new();
    let root = root(
        &scene,
        &command("honest"),
        &["honest/queue"],
        "cases = [\"other/\"]",
    );
    let mut expected = without_adapters(&scene, &root);
    assert_eq!(came_to(&run(&scene, &root, &[])), expected);
    expected.push((HONEST.to_owned(), Verdict::Pass));
    assert_eq!(came_to(&run(&scene, &root, &["survival/"])), expected);
}

fn it_is_found_by_its_name_and_by_its_backends() {
    let scene = Scene::new();
    let root = root(&scene, &command("honest"), &["honest/queue"], "");
    for argument in [
        "--adapter=mine",
        "--backend=honest",
        "--backend=queue:honest/queue",
    ] {
        let seen = came_to(&run(&scene, &root, &[argument]));
        assert_eq!(seen, [(HONEST.to_owned(), Verdict::Pass)], "{argument}");
    }
}

fn it_can_be_left_out() {
    let scene = Scene::new();
    let root = root(&scene, &command("dies"), &["hostile/queue"], "");
    let seen = without_adapters(&scene, &root);
    assert!(seen.iter().all(|(name, _)| name != HOSTILE), "{seen:?}");
}

#[track_caller]
fn assert_not_run(command: &str, columns: &[&str], verdict: Verdict, expected: &str) {
    let scene = Scene::new();
    let root = root(&scene, command, columns, "");
    let reports = run(&scene, &root, &["--backend", columns[0]]);
    let [report] = &reports[..] else {
        panic!("{reports:?}");
    };
    let why = report.why.clone().unwrap_or_default();
    assert_eq!(report.verdict, verdict, "{why}");
    assert!(why.contains(expected), "{why}");
}

fn where_its_program_is_missing_its_columns_are_unavailable() {
    let expected = "the adapter's program `no-such-program` isn't there; \
                    to install what it needs: apt-get install mine";
    assert_not_run(
        "no-such-program",
        &["mine/queue"],
        Verdict::Unavailable,
        expected,
    );
}

fn a_column_that_it_does_not_host_here_is_unavailable() {
    let columns = ["honest/windows-only", "honest/queue"];
    let expected = "the adapter doesn't host it on this system";
    assert_not_run(&command("honest"), &columns, Verdict::Unavailable, expected);
}

fn a_column_that_it_does_not_list_is_its_error() {
    let expected = "the adapter hosts queue:honest/queue, and ";
    assert_not_run(
        &command("honest"),
        &["honest/other"],
        Verdict::AdapterError,
        expected,
    );
}

fn a_file_that_is_wrong_is_told() {
    let scene = Scene::new();
    let root = root(&scene, &command("honest"), &["honest/queue"], "colour = 1");
    let ended = scene.start(["run", "--root", &root]).end();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("adapter.toml"), "{}", ended.stderr);
    assert!(ended.stderr.contains("colour"), "{}", ended.stderr);
}
