//! The judges detect every mutant by the expected clause and invariant, and report no control.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use ipc_conformance::backend::System;
use ipc_conformance::internals::supervisor::Program;
use ipc_conformance::internals::{
    CaseFolder, KillTable, Options, ProofOptions, Session, TestBed, platform, prove, references,
};
use ipc_conformance::registry::Registry;

use crate::reports::only_report;

/// The number of runs, each with another seed, in which no control may be reported. The command
/// `mutants` does more.
const RUNS: u64 = 40;

/// Processes mostly wait, for each other or until a hang is detected.
const AT_ONCE: usize = 8;

#[test]
fn every_mutant_is_killed_as_reviewed_and_no_control_is_reported() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = CaseFolder::open(Some(root)).expect("the package has cases");
    let (cases, faulty) = folder.cases();
    assert!(faulty.is_empty(), "{faulty:?}");
    let program = Program {
        path: env!("CARGO_BIN_EXE_ipc-conformance").into(),
    };
    let options = Options::new(program.clone(), Arc::clone(&folder.catalogue));
    let order = ProofOptions {
        patterns: Vec::new(),
        often: None,
        seeds: 1,
        runs: RUNS,
        jobs: AT_ONCE,
    };
    let ground = TestBed {
        cases: &cases,
        goldens: &folder.goldens(&cases).expect("goldens can be read"),
        sound: &references(&Registry::builtin()),
        options: &options,
        session: &Session::start(&program).expect("the harness can start"),
        reviewed: &KillTable::read(&folder).expect("the table can be read"),
    };
    let proof = prove(&order, &ground).expect("the run isn't interrupted");
    // On other systems the references have fewer capabilities, so there are fewer mutants.
    if System::current() == System::Linux {
        insta::with_settings!({
            snapshot_path => "../../golden",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!("mutants", proof.table());
        });
    }
    let mut text = Vec::new();
    ipc_conformance::internals::proof_text(&proof, &mut text).expect("a vector accepts all bytes");
    assert!(proof.holds(), "{}", String::from_utf8_lossy(&text));
}

/// A mutant and a permutation with report pages that people should read.
struct Exemplar {
    mutant: &'static str,
    permutation: &'static str,
}

const fn exemplar(mutant: &'static str, permutation: &'static str) -> Exemplar {
    Exemplar {
        mutant,
        permutation,
    }
}

/// Pages that show a duration or a system's name of a signal are left out.
const EXEMPLARS: &[Exemplar] = &[
    exemplar("pipe:std/pipe~lost", "seed/pipe"),
    exemplar("pipe:std/pipe~lost@every-200", "property/pipe-messages"),
    exemplar("pipe:std/pipe~doubled", "seed/pipe"),
    exemplar("queue:broker~swapped", "seed/queue"),
    exemplar("pipe:std/pipe~corrupt", "pipe/chain"),
    exemplar("pipe:std/pipe~cut-4096", "pipe/edge-lengths[size=4097]"),
    exemplar("pipe:std/pipe~merged", "seed/pipe"),
    exemplar("pipe:std/pipe~early-end", "pipe/edge-lengths[size=65537]"),
    exemplar("pipe:std/pipe~missing-end", "pipe/request-reply[size=1]"),
    exemplar("pipe:std/pipe~end-once", "pipe/end-of-killed-writer"),
    exemplar("pipe:std/pipe~end-as-error", "pipe/empty-message"),
    exemplar(
        "queue:broker~capacity-plus-one",
        "queue/bounded[capacity=1]",
    ),
    exemplar("pipe:std/pipe~mute", "pipe/send-to-nobody"),
    exemplar("pipe:std/pipe~echo", "pipe/both-ways"),
    exemplar("pipe:std/pipe~stubborn", "pipe/poll"),
    exemplar("queue:broker~empty-with-items", "queue/empty-is-empty"),
    exemplar("pipe:std/pipe~forgetful", "pipe/poll"),
    exemplar("queue:broker~hang", "seed/queue"),
    exemplar("pipe:std/pipe~unwoken", "pipe/blocked-writer-wakes"),
    exemplar(
        "queue:broker~endless",
        "fault/paused-producer[pause=before-1]",
    ),
    exemplar("pipe:std/pipe~one-at-a-time", "pipe/read-and-write-at-once"),
    exemplar("pipe:std/pipe~first-ready", "pipe/poll-several"),
];

impl Exemplar {
    fn run(&self, format: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
            .args(["run", "--exact", self.permutation, "--backend", self.mutant])
            .args(["--format", format])
            .env("IPC_CONFORMANCE_ROOT", env!("CARGO_MANIFEST_DIR"))
            // The program then names itself in commands, and not `cargo run`.
            .env_remove("CARGO_PKG_NAME")
            .output()
            .expect("the program was built for this test")
    }

    /// Returns the name of the fault, as in file names.
    fn fault(&self) -> String {
        let (_, fault) = self
            .mutant
            .split_once('~')
            .expect("the backend is a mutant");
        fault.replace('@', "-")
    }
}

/// Returns the results in the order of the items. Runs at most `at_once` items at a time.
fn each<T: Sync, R: Send>(items: &[T], at_once: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(item) = items.get(number)
                {
                    let result = work(item);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Returns the page without durations of waits and without the kernel's view of them.
fn without_moments(page: &str) -> String {
    let lines = page.lines().filter(|line| !line.contains(" kernel: "));
    let lines = lines.map(|line| match line.split_once("; its operation number ") {
        Some((waits, _)) => format!("{waits}\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// The number of runs that must give the same page.
const TIMES: usize = 3;

#[test]
fn pages_of_mutants_are_the_same_in_every_run() {
    let runs: Vec<&Exemplar> = (0..TIMES).flat_map(|_| EXEMPLARS).collect();
    let pages = each(&runs, AT_ONCE, |exemplar| {
        let output = exemplar.run("text");
        let page = String::from_utf8(output.stdout).expect("reports are text");
        let page = page.replace(env!("CARGO_BIN_EXE_ipc-conformance"), "ipc-conformance");
        // The time without progress differs between runs.
        let page = match page.rsplit_once("; waited ") {
            Some((page, _)) => format!("{page}\n"),
            None => page,
        };
        without_moments(&page)
    });
    for (place, exemplar) in EXEMPLARS.iter().enumerate() {
        let mut of_fault = pages.iter().skip(place).step_by(EXEMPLARS.len());
        let first = of_fault.next().expect("each exemplar ran");
        let system = format!(" on {}:", platform::current());
        let anywhere = first.replace(&system, " on [system]:");
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(exemplar.fault(), anywhere);
        });
        for (number, page) in (2..).zip(of_fault) {
            assert_eq!(first, page, "run {number} of {}", exemplar.mutant);
        }
    }
}

#[test]
fn a_corrupt_long_message_is_reported_with_the_first_wrong_byte() {
    let changed = exemplar("pipe:std/pipe~corrupt", "pipe/edge-lengths[size=4097]");
    let report = only_report(&changed.run("json"));
    let notes: Vec<&str> = (report.failures.iter())
        .flat_map(|page| page.notes.iter().map(String::as_str))
        .collect();
    assert!(
        notes
            .iter()
            .any(|note| note.contains("is wrong from byte 2048 on: 0x")),
        "{notes:?}"
    );
}
