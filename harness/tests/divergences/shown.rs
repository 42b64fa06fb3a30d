//! Runs every recorded divergence: the outcome of the operation that shows it is the reviewed one.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ipc_conformance::internals::supervisor::Program;
use ipc_conformance::internals::{
    Break, CaseFolder, Divergence, Event, Options, Session, Shows, Signature, Subject, Trial,
    TrialFilter, TrialReport, Verdict, files, platform, run_in, trials,
};
use ipc_conformance::registry::Registry;

use super::root::{Entry, Root};
use super::{END_AS_ERROR, END_ONCE, MISSING_END, STICKY};

/// The number of trials that run at the same time.
const AT_A_TIME: usize = 16;

#[test]
fn every_recorded_divergence_has_its_raw_outcome() {
    let shown = shown(Path::new(env!("CARGO_MANIFEST_DIR")));
    shown.iter().for_each(Shown::check);
}

#[test]
fn the_raw_outcome_belongs_to_the_operation_that_breaks_the_clause() {
    let root = Root::new();
    let hang = Entry {
        clause: "pipe.eof.on-writer-sigkill",
        signature: r#"{ step = "recv p.rx", outcome = "pending" }"#,
        ..STICKY
    };
    let error = Entry {
        clause: "pipe.eof.reported-as-eof",
        case: "pipe/empty-message",
        signature: r#"{ step = "recv p.rx", outcome = "error", raw = "ConnectionReset" }"#,
        ..STICKY
    };
    root.record(END_ONCE, &[STICKY]);
    root.record(MISSING_END, &[hang]);
    root.record(END_AS_ERROR, &[error]);
    let shown = shown(root.path());
    shown.iter().for_each(Shown::check);
    let lines: Vec<String> = shown
        .iter()
        .map(|one| {
            let seen: Vec<String> = one.seen.iter().cloned().collect();
            format!("{}: {}", one.divergence, seen.join(" or "))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    golden/divergences/pipe-std-pipe~end-as-error.toml:2 pipe:std/pipe~end-as-error pipe.eof.reported-as-eof: recv p.rx -> error ConnectionReset
    golden/divergences/pipe-std-pipe~end-once.toml:2 pipe:std/pipe~end-once pipe.eof.sticky: recv p.rx -> gone BrokenPipe
    golden/divergences/pipe-std-pipe~missing-end.toml:2 pipe:std/pipe~missing-end pipe.eof.on-writer-sigkill: recv p.rx -> pending
    ");
}

#[test]
fn list_divergences_prints_every_recorded_divergence() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(["list", "divergences", "--root", env!("CARGO_MANIFEST_DIR")])
        .output()
        .expect("the program was built for this test");
    assert!(output.status.success(), "{output:?}");
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout));
}

/// A divergence, and the breaks of its clause in its trials.
struct Shown {
    divergence: String,
    shows: Shows,
    recorded: Vec<Signature>,
    seen: BTreeSet<String>,
    unlike: Vec<String>,
}

/// Returns the divergences of this root that show on this system. A trial of several divergences runs
/// once, and many trials run at a time, because hanging ones only wait.
fn shown(root: &Path) -> Vec<Shown> {
    let folder = CaseFolder::open(Some(root)).expect("the package has cases");
    let (cases, faulty) = folder.cases();
    assert!(faulty.is_empty(), "{faulty:?}");
    let registry = Registry::builtin();
    let program = Program {
        path: env!("CARGO_BIN_EXE_ipc-conformance").into(),
    };
    let session = Session::start(&program).expect("the harness can start");
    let adapted = adapted(root, &session);
    let divergences = folder.divergences(&cases, &registry, &adapted);
    assert!(
        divergences.rejected.is_empty(),
        "{:?}",
        divergences.rejected
    );
    let builtin = divergences
        .iter()
        .filter_map(|one| registry.get(&one.backend));
    let mut subjects: Vec<Subject> = builtin.map(Subject::from).chain(adapted).collect();
    subjects.sort_by_key(Subject::key);
    subjects.dedup_by_key(|subject| subject.key());
    let platform = platform::current();
    let goldens = folder.goldens(&cases).expect("goldens can be read");
    // Includes cases that run on an adapter only if they are selected.
    let all = TrialFilter {
        patterns: vec![String::new()],
        exact: false,
    };
    let mut trials = trials(&cases, &subjects, &goldens, platform.system, &all);
    divergences.assign(&mut trials, platform);
    // On another system or with another version, others show.
    trials.retain(|trial| trial.runnable.is_ok() && !trial.divergences.is_empty());
    let options = Options {
        jobs: AT_A_TIME,
        ..Options::new(program, Arc::clone(&folder.catalogue))
    };
    let mut reports: Vec<TrialReport> = Vec::new();
    run_in(&session, &trials, &options, &mut |event: Event| {
        reports.extend(event.into_report());
    });
    let speaks = |divergence: &Divergence, trial: &Trial| {
        let mut of_trial = trial.divergences.iter();
        of_trial.any(|one| **one == *divergence)
    };
    divergences
        .iter()
        .filter_map(|divergence| {
            let of_trials = trials.iter().zip(&reports);
            let mut of_divergence = of_trials
                .filter(|(trial, _)| speaks(divergence, trial))
                .map(|(_, report)| report)
                .peekable();
            of_divergence.peek()?;
            Some(Shown::new(divergence, of_divergence))
        })
        .collect()
}

/// Returns the backends of the root's adapters that are available here.
fn adapted(root: &Path, session: &Session) -> Vec<Subject> {
    let adapters = files::read(root).expect("the adapter files of the root are valid");
    let columns = adapters
        .into_iter()
        .filter(|adapter| adapter.is_default())
        .flat_map(|adapter| session.introduce(&Arc::new(adapter)));
    columns.map(Subject::from).collect()
}

impl Shown {
    fn new<'a>(divergence: &Divergence, reports: impl Iterator<Item = &'a TrialReport>) -> Shown {
        let mut shown = Shown {
            divergence: format!(
                "{} {} {}",
                divergence.place, divergence.backend, divergence.clause.value
            ),
            shows: divergence.shows,
            recorded: divergence.signatures.clone(),
            seen: BTreeSet::new(),
            unlike: Vec::new(),
        };
        for report in reports {
            let failed = [Verdict::AdapterError, Verdict::HarnessError];
            assert!(
                !failed.contains(&report.verdict),
                "{}: {:?}",
                report.name,
                report.why
            );
            let mut clauses = report.clauses.iter();
            let clause = clauses.find(|clause| clause.clause == divergence.clause.value);
            let breaks: &[Break] = clause.map_or(&[], |clause| &clause.breaks);
            for broke in breaks {
                if divergence.fits(broke) {
                    shown.seen.insert(broke.to_string());
                } else {
                    shown.unlike.push(format!("{}: {broke}", report.name));
                }
            }
        }
        shown
    }

    fn check(&self) {
        let (divergence, unlike) = (&self.divergence, &self.unlike);
        assert!(unlike.is_empty(), "{divergence}: {unlike:?}");
        if self.shows == Shows::Always {
            let recorded = &self.recorded;
            assert!(
                !self.seen.is_empty(),
                "{divergence}: no outcome like {recorded:?}"
            );
        }
    }
}
