//! Adapters in the root folder.

use std::fs;
use std::path::Path;

use ipc_conformance::internals::{TrialReport, Verdict};

use super::command;
use crate::survival::scene::Scene;

super::tests![
    the_adapter_of_a_root_takes_part,
    without_a_selection_only_the_adapters_listed_cases_run,
    backend_selects_an_adapter_by_its_name_or_by_its_backends,
    no_adapters_leaves_out_the_adapter,
    an_adapter_that_takes_no_part_by_default_runs_if_it_is_named,
    backends_of_a_missing_adapter_program_are_unavailable,
    a_listed_backend_that_the_adapter_lacks_is_unavailable,
    a_backend_that_the_adapter_does_not_list_is_an_adapter_error,
    an_invalid_adapter_file_is_reported,
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

/// Makes a root with one case, and with an adapter `mine` that has this command and these columns.
fn root(scene: &Scene, command: &str, columns: &[&str], more: &str) -> String {
    let root = scene.case("one", CASE);
    let folder = Path::new(&root).join("harness/adapters/mine");
    fs::create_dir_all(&folder).expect("the scene's folder is writable");
    let words = shell_words::split(command).expect("the command is well formed");
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

/// Returns the backends that had trials, with the verdicts.
fn came_to(reports: &[TrialReport]) -> Vec<(String, Verdict)> {
    let came_to = |report: &TrialReport| (report.name.backend.to_string(), report.verdict);
    reports.iter().map(came_to).collect()
}

/// Returns the backends that have trials without any adapter; they depend on the system.
fn without_adapters(scene: &Scene, root: &str) -> Vec<(String, Verdict)> {
    let seen = came_to(&run(scene, root, &["--no-adapters"]));
    // There is no golden of the reference here.
    assert!(
        seen.contains(&(BROKER.to_owned(), Verdict::Unknown)),
        "{seen:?}"
    );
    seen
}

const BROKER: &str = "queue:broker";
const HONEST: &str = "queue:honest/queue";
const HOSTILE: &str = "queue:hostile/queue";

fn the_adapter_of_a_root_takes_part() {
    let scene = Scene::new();
    let root = root(&scene, &command("honest"), &["honest/queue"], "");
    let mut expected = without_adapters(&scene, &root);
    expected.push((HONEST.to_owned(), Verdict::Pass));
    assert_eq!(came_to(&run(&scene, &root, &[])), expected);
}

fn without_a_selection_only_the_adapters_listed_cases_run() {
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

fn backend_selects_an_adapter_by_its_name_or_by_its_backends() {
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

fn an_adapter_that_takes_no_part_by_default_runs_if_it_is_named() {
    let scene = Scene::new();
    let root = root(
        &scene,
        &command("honest"),
        &["honest/queue"],
        "default = false",
    );
    let without = without_adapters(&scene, &root);
    assert_eq!(came_to(&run(&scene, &root, &[])), without);
    for argument in [
        "--adapter=mine",
        "--backend=queue:honest/queue",
        "--backend=honest/queue",
    ] {
        let seen = came_to(&run(&scene, &root, &[argument]));
        assert_eq!(seen, [(HONEST.to_owned(), Verdict::Pass)], "{argument}");
    }
    let ended = scene
        .start(["run", "--root", &root, "--backend=honest"])
        .end();
    assert!(
        ended.stderr.contains("no backend is called `honest`"),
        "{}",
        ended.stderr
    );
}

fn no_adapters_leaves_out_the_adapter() {
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

fn backends_of_a_missing_adapter_program_are_unavailable() {
    let expected = "the adapter's program `no-such-program` isn't there; \
                    to install what it needs: apt-get install mine";
    assert_not_run(
        "no-such-program",
        &["mine/queue"],
        Verdict::Unavailable,
        expected,
    );
}

fn a_listed_backend_that_the_adapter_lacks_is_unavailable() {
    let columns = ["honest/windows-only", "honest/queue"];
    let expected = "the adapter doesn't host it on this system";
    assert_not_run(&command("honest"), &columns, Verdict::Unavailable, expected);
}

fn a_backend_that_the_adapter_does_not_list_is_an_adapter_error() {
    let expected = "the adapter hosts queue:honest/queue, and ";
    assert_not_run(
        &command("honest"),
        &["honest/other"],
        Verdict::AdapterError,
        expected,
    );
}

fn an_invalid_adapter_file_is_reported() {
    let scene = Scene::new();
    let root = root(&scene, &command("honest"), &["honest/queue"], "colour = 1");
    let ended = scene.start(["run", "--root", &root]).end();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("adapter.toml"), "{}", ended.stderr);
    assert!(ended.stderr.contains("colour"), "{}", ended.stderr);
}
