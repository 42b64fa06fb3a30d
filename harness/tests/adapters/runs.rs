//! Backends of an honest adapter are tested like all others.

use std::collections::BTreeSet;

use ipc_conformance::internals::{TrialReport, Verdict};

use super::command;
use super::honest::LOST;
use crate::survival::scene::{Scene, broken};

super::tests![
    an_adapters_backend_is_judged_by_the_same_goldens,
    a_killed_process_is_observed_and_awaited,
    a_capability_that_an_adapter_lacks_is_not_applicable,
    each_worker_has_its_own_adapter,
    a_hang_is_blamed_on_the_library,
    a_process_that_left_its_session_is_reported,
];

/// Returns the reports of the trials that these arguments select.
fn reports(scene: &Scene, arguments: &[&str]) -> Vec<TrialReport> {
    let adapter = format!("--adapter={}", command("honest"));
    let mut all = vec!["run", "--format=json", adapter.as_str()];
    all.extend(arguments);
    let ended = scene.start(all).end();
    scene.assert_nothing_left();
    ended.reports()
}

#[track_caller]
fn only(mut reports: Vec<TrialReport>) -> TrialReport {
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

fn an_adapters_backend_is_judged_by_the_same_goldens() {
    let report = only(reports(&Scene::new(), &["--exact", "seed/queue"]));
    assert_eq!(report.verdict, Verdict::Pass, "{report:?}");
    assert_eq!(report.name.backend.to_string(), "queue:honest/queue");
    assert!(
        report.transcript.contains("Received 4"),
        "{}",
        report.transcript
    );
}

const KILLED: &str = r#"
title   = "what a killed producer has put is there"
clauses = ["queue.order.fifo-per-producer"]
[channels.q]
kind = "queue"
[processes.producer]
exit  = "killed"
steps = [{ put = { on = "q", count = 3, label = "put" } }, { idle = "forever" }]
[processes.killer]
steps = [{ await = { done = "put" } }, { kill = "producer" }, { put = { on = "q", item = "$none" } }]
[processes.consumer]
steps = [{ get = { on = "q", until = "$none" } }]
"#;

fn a_killed_process_is_observed_and_awaited() {
    let scene = Scene::new();
    let root = scene.case("killed", KILLED);
    let report = only(reports(&scene, &["--root", &root]));
    assert_eq!(broken(&report), [""; 0], "{report:?}");
    assert_eq!(report.verdict, Verdict::Pass, "{report:?}");
}

const CHANGES: &str = r#"
title   = "a variable is changed"
clauses = ["queue.get.nowait"]
[vars]
x = 0
[channels.q]
kind = "queue"
[processes.consumer]
steps = [{ set = { x = 1 } }, { get = { on = "q", expect = "empty", wait = "never" } }]
"#;

fn a_capability_that_an_adapter_lacks_is_not_applicable() {
    let scene = Scene::new();
    let root = scene.case("changes", CHANGES);
    let report = only(reports(&scene, &["--root", &root]));
    assert_eq!(report.verdict, Verdict::NotApplicable, "{report:?}");
    let why = report.why.unwrap_or_default();
    assert!(
        why.starts_with("unsupported by the adapter: no step Set"),
        "{why}"
    );
}

fn each_worker_has_its_own_adapter() {
    let reports = reports(&Scene::new(), &["--jobs=4", "queue/", "seed/queue"]);
    let verdicts: BTreeSet<Verdict> = reports.iter().map(|report| report.verdict).collect();
    let expected = BTreeSet::from([Verdict::Pass, Verdict::NotApplicable]);
    assert_eq!(verdicts, expected, "{reports:#?}");
}

/// The queue of the honest adapter loses this item.
const HANGS: &str = r#"
title    = "a lost item is waited for"
clauses  = ["queue.mpmc.exactly-once"]
[channels.q]
kind = "queue"
[processes.producer]
steps = [{ put = { on = "q", items = [1, 666] } }]
[processes.consumer]
steps = [{ get = { on = "q", count = 2 } }]
"#;

fn a_hang_is_blamed_on_the_library() {
    let scene = Scene::new();
    let root = scene.case("hangs", HANGS);
    let report = only(reports(&scene, &["--root", &root]));
    assert!(HANGS.contains(&LOST.to_string()));
    assert_eq!(report.verdict, Verdict::Fail, "{report:?}");
    assert_eq!(broken(&report), ["live.deadline"], "{report:?}");
}

/// It has no parent and no environment any more. Only Linux has a mark that it keeps.
fn a_process_that_left_its_session_is_reported() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let scene = Scene::new();
    let adapter = format!("--adapter={}", command("scatters"));
    let arguments = ["run", "--format=json", &adapter, "--exact", "seed/queue"];
    let ended = scene.start(arguments).end();
    scene.assert_nothing_left();
    let report = only(ended.reports());
    let mut clauses = report.clauses.iter();
    let clause = clauses.find(|clause| clause.clause.to_string() == "leak.helper-processes");
    let clause = clause.expect("it has a result");
    assert_eq!(clause.verdict, Verdict::Unpromised, "{report:?}");
    assert!(!clause.breaks.is_empty(), "{report:?}");
}
