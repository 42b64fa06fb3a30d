//! Behaviour that a library documents never fails: each of these behaviours occurs in a real run, and
//! no clause is reported as broken.

// POSIX and System V message queues, and some of the sockets, exist only on Linux.
#![cfg_attr(not(target_os = "linux"), allow(unused))]

mod table;

use std::collections::BTreeSet;
use std::process::Command;

use ipc_conformance::internals::{TrialReport, Verdict};
use ipc_conformance::testing::CI_VARIABLE;

use table::{BEHAVIOURS, Behaviour};

/// Runs the permutations of these behaviours, all in one run.
fn reports(of: &[&Behaviour], more: &[&str]) -> Vec<TrialReport> {
    let backends: BTreeSet<&str> = of.iter().map(|one| one.backend).collect();
    let permutations: BTreeSet<&str> = of.iter().map(|one| one.permutation).collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"));
    command.args(["run", "--exact"]).args(&permutations);
    for backend in &backends {
        command.args(["--backend", backend]);
    }
    command.args(["--format", "json", "--root", env!("CARGO_MANIFEST_DIR")]);
    let output = command.args(more).output();
    crate::reports::reports(&output.expect("the program was built for this test"))
}

/// Returns a message for each behaviour that isn't reported as expected.
fn objections(of: &[&Behaviour], more: &[&str]) -> Vec<String> {
    let reports = reports(of, more);
    let found = of.iter().filter_map(|behaviour| {
        let Behaviour {
            backend,
            permutation,
            clause,
            what,
            quote,
            link,
            expected,
        } = behaviour;
        let name = format!("{permutation}@{backend}");
        let report = reports
            .iter()
            .find(|report| report.name.to_string() == name);
        let Some(report) = report else {
            return Some(format!("{name} did not run"));
        };
        if report.verdict == Verdict::Unavailable && std::env::var_os(CI_VARIABLE).is_none() {
            return None;
        }
        let said = report
            .clauses
            .iter()
            .find(|one| one.clause.as_str() == *clause);
        let said = said.map(|one| one.verdict);
        // The verdict of the whole trial must not be a failure either.
        let is_red = matches!(
            report.verdict,
            Verdict::Fail | Verdict::UnexpectedPass | Verdict::AdapterError | Verdict::HarnessError
        );
        (said != Some(*expected) || is_red).then(|| {
            let verdict = report.verdict;
            format!("{name}, where {what} (\"{quote}\", {link}): {clause} {said:?} in {verdict:?}")
        })
    });
    found.collect()
}

fn are_cpythons(behaviour: &&Behaviour) -> bool {
    behaviour.backend.contains("cpython")
}

#[cfg(target_os = "linux")]
#[test]
fn behaviour_documented_by_systems_and_crates_never_fails() {
    let own: Vec<&Behaviour> = BEHAVIOURS.iter().filter(|one| !are_cpythons(one)).collect();
    let objections = objections(&own, &["--no-adapters"]);
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn behaviour_documented_by_python_never_fails() {
    let own: Vec<&Behaviour> = BEHAVIOURS.iter().filter(are_cpythons).collect();
    let objections = objections(&own, &[]);
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[test]
fn at_least_30_behaviours_have_a_source() {
    assert!(BEHAVIOURS.len() >= 30, "{}", BEHAVIOURS.len());
    for behaviour in BEHAVIOURS {
        let Behaviour { what, link, .. } = behaviour;
        assert!(link.starts_with("https://"), "{what}: {link}");
        assert!(!behaviour.quote.is_empty(), "{what}");
        assert_ne!(behaviour.expected, Verdict::Fail, "{what}");
    }
    let distinct: BTreeSet<(&str, &str, &str)> = BEHAVIOURS
        .iter()
        .map(|one| (one.backend, one.permutation, one.clause))
        .collect();
    assert_eq!(distinct.len(), BEHAVIOURS.len());
}
