//! The speed of cases, compared with a lower limit: two processes of the same executable that start
//! together and exit at once.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use ipc_conformance::backend::{Key, Kind, System};
use ipc_conformance::internals::supervisor::{ProcessRole, Program};
use ipc_conformance::internals::{
    Catalogue, ClauseStatus, Options, RootFolder, Session, Trial, TrialName, hook, observe,
};
use ipc_conformance::registry::Registry;

fn main() {
    let registry = Registry::builtin();
    hook(&registry);
    let program = Program::current().expect("the system knows this program's path");
    let options = Options::new(program.clone(), Arc::new(Catalogue::default()));
    let session = Session::start(&program).expect("a session starts");
    let pipe = trial(&registry, "seed/pipe", Key::new(Kind::Pipe, "std/pipe"));
    let queue = trial(&registry, "seed/queue", Key::new(Kind::Queue, "broker"));

    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("two bare processes", |b| b.iter(|| bare(&program)));
    criterion.bench_function("seed/pipe on std/pipe", |b| {
        b.iter(|| black_box(observe(&pipe, &options, &session)));
    });
    criterion.final_summary();

    let mut table = String::new();
    for (name, trial, jobs, threshold) in [
        ("seed/pipe on std/pipe", &pipe, 1, Some(0.6)),
        ("seed/pipe on std/pipe", &pipe, 2, Some(0.7)),
        (
            "seed/queue on broker, which adds a server process",
            &queue,
            1,
            None,
        ),
    ] {
        let run = || {
            let history = observe(trial, &options, &session).expect("the case runs");
            assert!(!history.processes.is_empty());
        };
        let ratio = ratio(jobs, &|| bare(&program), &run);
        let threshold = threshold.map_or("none".to_owned(), |t: f64| format!(">= {t}"));
        let _ = writeln!(table, "{ratio:>6.2}  {threshold:>9}  {jobs} job(s)  {name}");
    }
    println!("\nrate of cases / rate of two bare processes\n ratio  threshold\n{table}");
}

fn trial(registry: &Registry, case: &str, backend: Key) -> Trial {
    let root = RootFolder::find(None).expect("this package has cases");
    let file = root
        .load(&|_| ClauseStatus::Judged)
        .into_iter()
        .flatten()
        .find(|file| file.name == case)
        .expect("the case exists");
    let permutation = file
        .permutations
        .into_iter()
        .next()
        .expect("a case has a permutation");
    let implementation = registry.get(&backend).expect("the backend exists");
    Trial {
        name: TrialName {
            case: file.name,
            permutation: permutation.name(),
            backend,
        },
        permutation: Arc::new(permutation),
        capabilities: implementation
            .capabilities(System::current())
            .expect("the backend exists on this system"),
        subject: implementation.into(),
        golden: None,
        divergences: Vec::new(),
        is_reviewed: true,
        property: None,
        runnable: Ok(()),
    }
}

fn bare(program: &Program) {
    let start = || {
        let mut command = program.command(ProcessRole::Nothing);
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process can be started")
    };
    let mut both = [start(), start()];
    for process in &mut both {
        process.wait().expect("a child can be waited for");
    }
}

/// Returns the median over rounds of (time of the bare one) / (time of the other). Both are measured
/// in turn, so that a change of the machine's speed affects both.
fn ratio(jobs: usize, bare: &(dyn Fn() + Sync), other: &(dyn Fn() + Sync)) -> f64 {
    const ROUNDS: usize = 30;
    const RUNS: usize = 20;
    let mut ratios: Vec<f64> = (0..ROUNDS)
        .map(|_| time(jobs, RUNS, bare).as_secs_f64() / time(jobs, RUNS, other).as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ROUNDS / 2]
}

fn time(jobs: usize, runs: usize, action: &(dyn Fn() + Sync)) -> Duration {
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| (0..runs).for_each(|_| action()));
        }
    });
    began.elapsed()
}
