//! The harness bites: every wrong backend is caught, by the clause and the judge that it should be,
//! and no backend is accused that is merely odd.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use ipc_conformance::event::Event;
use ipc_conformance::finding::{Finding, State};
use ipc_conformance::library::Library;
use ipc_conformance::mutant::Fault;
use ipc_conformance::registry::Registry;
use ipc_conformance::report::json;
use ipc_conformance::runner::{self, Options, STALL, Session, Trial};
use ipc_conformance::select::{self, Filter};
use ipc_conformance::subject::Subject;
use ipc_conformance::supervisor::Program;
use ipc_conformance::system::System;
use ipc_conformance::trial::{TrialReport, Verdict};
use rstest::rstest;

/// What catches a fault on a backend.
struct Kill {
    fault: Fault,
    backend: &'static str,
    permutation: &'static str,
    /// One clause, or several with ` or ` between, where it is up to the schedule.
    clause: &'static str,
    invariant: &'static str,
}

const fn kill(
    fault: Fault,
    backend: &'static str,
    permutation: &'static str,
    clause: &'static str,
    invariant: &'static str,
) -> Kill {
    Kill {
        fault,
        backend,
        permutation,
        clause,
        invariant,
    }
}

const QUEUE: &str = "queue:broker";
const PIPE: &str = "pipe:std/pipe";
const STREAM: &str = "stream:std/pipe";

const KILLS: &[Kill] = {
    use Fault::*;
    const ONCE: &str = "queue.mpmc.exactly-once";
    const WHOLE: &str = "pipe.frame.boundaries-preserved";
    const EXACT: &str = "stream.content.exact";
    // Where a read begins and ends within what was swapped decides how it looks.
    const BY_CUT: &str = "stream.order.bytes or stream.content.exact";
    const BY_CLOSE: &str = "queue.end.by-close";
    const CLOSED: &str = "queue/end-by-close[consumers=1]";
    const KILLED: &str = "pipe/end-of-killed-writer";
    const SHORT: &str = "stream/bytes[size=1]";
    const LONG: &str = "stream/bytes[size=65537]";
    &[
        kill(Lost, QUEUE, "seed/queue", ONCE, "delivery"),
        kill(
            Lost,
            QUEUE,
            "queue/close-flushes[size=16]",
            "queue.close.flushes",
            "flush",
        ),
        kill(
            Lost,
            QUEUE,
            "queue/exit-flushes",
            "queue.flush.normal-exit",
            "flush",
        ),
        kill(Lost, PIPE, "seed/pipe", WHOLE, "boundary"),
        kill(Lost, STREAM, SHORT, EXACT, "stream"),
        kill(
            LostOneInTwoHundred,
            QUEUE,
            "property/queue-items",
            ONCE,
            "delivery",
        ),
        kill(
            LostOneInTwoHundred,
            PIPE,
            "property/pipe-messages",
            WHOLE,
            "boundary",
        ),
        kill(
            LostOneInTwoHundred,
            STREAM,
            "property/stream-bytes",
            EXACT,
            "stream",
        ),
        kill(Doubled, QUEUE, "seed/queue", ONCE, "delivery"),
        kill(Doubled, PIPE, "seed/pipe", WHOLE, "boundary"),
        kill(Doubled, STREAM, SHORT, EXACT, "stream"),
        kill(
            Swapped,
            QUEUE,
            "seed/queue",
            "queue.order.fifo-per-producer",
            "order",
        ),
        kill(
            Swapped,
            PIPE,
            "seed/pipe",
            "pipe.order.single-writer",
            "order",
        ),
        kill(Swapped, STREAM, LONG, BY_CUT, "stream"),
        kill(Corrupt, QUEUE, "seed/queue", ONCE, "delivery"),
        kill(Corrupt, PIPE, "pipe/chain", WHOLE, "boundary"),
        kill(Corrupt, STREAM, SHORT, EXACT, "stream"),
        kill(Cut, QUEUE, "seed/queue", ONCE, "delivery"),
        kill(
            Cut,
            PIPE,
            "pipe/edge-lengths[size=4097]",
            "pipe.frame.edge-lengths",
            "boundary",
        ),
        kill(Cut, STREAM, LONG, EXACT, "stream"),
        kill(Merged, QUEUE, "seed/queue", ONCE, "delivery"),
        kill(Merged, PIPE, "seed/pipe", WHOLE, "boundary"),
        kill(EarlyEnd, QUEUE, CLOSED, BY_CLOSE, "end"),
        kill(
            EarlyEnd,
            PIPE,
            "pipe/edge-lengths[size=65537]",
            "pipe.eof.after-writer-drop",
            "end",
        ),
        kill(
            EarlyEnd,
            STREAM,
            LONG,
            "stream.end.after-last-writer",
            "end",
        ),
        kill(MissingEnd, QUEUE, CLOSED, BY_CLOSE, "end"),
        kill(
            MissingEnd,
            PIPE,
            "pipe/request-reply[size=1]",
            "pipe.eof.after-writer-drop",
            "end",
        ),
        kill(
            MissingEnd,
            STREAM,
            SHORT,
            "stream.end.after-last-writer",
            "end",
        ),
        kill(EndOnce, QUEUE, CLOSED, BY_CLOSE, "end"),
        kill(EndOnce, PIPE, KILLED, "pipe.eof.sticky", "end"),
        kill(EndOnce, STREAM, SHORT, "stream.end.sticky", "end"),
        kill(EndAsError, QUEUE, CLOSED, BY_CLOSE, "end"),
        kill(
            EndAsError,
            PIPE,
            "pipe/empty-message",
            "pipe.eof.reported-as-eof",
            "end",
        ),
        kill(
            EndAsError,
            STREAM,
            SHORT,
            "stream.end.reported-as-end",
            "end",
        ),
        kill(
            CapacityPlusOne,
            QUEUE,
            "queue/bounded[capacity=1]",
            "queue.cap.maxsize",
            "bound",
        ),
        kill(
            EarlyEnd,
            PIPE,
            "pipe/own-copy",
            "pipe.eof.own-writer-copy",
            "inheritance",
        ),
        kill(
            MissingEnd,
            PIPE,
            "pipe/orphan",
            "proc.orphan.sees-eof",
            "inheritance",
        ),
        kill(
            MissingEnd,
            QUEUE,
            "queue/close-wakes[consumers=1]",
            "queue.get.close-wakes-blocked",
            "waking",
        ),
        kill(
            Swapped,
            QUEUE,
            "queue/causal",
            "queue.order.causal",
            "causal",
        ),
        kill(
            Corrupt,
            PIPE,
            "pipe/sent-and-changed",
            "proc.isolation.snapshot-at-send",
            "snapshot",
        ),
        kill(
            Corrupt,
            QUEUE,
            "queue/put-and-changed",
            "proc.isolation.snapshot-at-put",
            "snapshot",
        ),
        kill(
            Cut,
            STREAM,
            "stream/long-write[size=65537]",
            "stream.write.partial",
            "stream",
        ),
        kill(
            Mute,
            QUEUE,
            "queue/room-again[capacity=1]",
            "queue.cap.maxsize",
            "bound",
        ),
        kill(
            Mute,
            PIPE,
            "pipe/send-to-nobody",
            "pipe.peer.send-after-close",
            "peer",
        ),
        kill(
            Mute,
            PIPE,
            "pipe/wrong-end",
            "pipe.dir.simplex-roles",
            "direction",
        ),
        kill(
            Mute,
            STREAM,
            "stream/write-to-nobody",
            "stream.peer.write-after-reader-gone",
            "peer",
        ),
        kill(
            Fatal,
            PIPE,
            "pipe/send-to-nobody",
            "pipe.peer.no-sigpipe-death",
            "peer",
        ),
        kill(
            Fatal,
            STREAM,
            "stream/write-to-nobody",
            "pipe.peer.no-sigpipe-death",
            "peer",
        ),
        kill(
            Echo,
            PIPE,
            "pipe/both-ways",
            "pipe.dir.two-endpoints",
            "direction",
        ),
        kill(
            Hasty,
            QUEUE,
            "queue/timeouts",
            "queue.get.timeout",
            "timing",
        ),
        kill(
            Hasty,
            PIPE,
            "pipe/timed-receive[time=200ms]",
            "pipe.poll.lower-bound",
            "timing",
        ),
        kill(
            Stubborn,
            QUEUE,
            "queue/timeouts",
            "queue.get.nowait",
            "timing",
        ),
        kill(
            Stubborn,
            PIPE,
            "pipe/poll",
            "pipe.poll.try-never-blocks",
            "poll",
        ),
        kill(
            Shy,
            QUEUE,
            "queue/empty-is-empty",
            "queue.get.no-spurious-empty",
            "bound",
        ),
        kill(
            Shy,
            QUEUE,
            "queue/room-again[capacity=5]",
            "queue.put.no-spurious-full",
            "bound",
        ),
        kill(Forgetful, PIPE, "pipe/poll", "pipe.poll.idempotent", "poll"),
        kill(
            Forgetful,
            PIPE,
            "pipe/poll-at-end",
            "pipe.eof.poll-ready",
            "poll",
        ),
        kill(Hang, QUEUE, "seed/queue", "live.deadline", "progress"),
        kill(Hang, PIPE, "seed/pipe", "live.deadline", "progress"),
        kill(Hang, STREAM, LONG, "live.deadline", "progress"),
        kill(
            Unwoken,
            QUEUE,
            "fault/killed-consumer[kill=before-1]",
            "fault.kill.blocked-on-dead-consumer",
            "wake",
        ),
        kill(
            Unwoken,
            PIPE,
            "pipe/blocked-writer-wakes",
            "pipe.peer.blocked-writer-wakes",
            "wake",
        ),
        kill(
            Endless,
            QUEUE,
            "fault/paused-producer[pause=before-1]",
            "fault.stop.timeouts-hold",
            "pause",
        ),
        kill(
            OneAtATime,
            QUEUE,
            "queue/threads",
            "live.deadline",
            "progress",
        ),
        kill(
            OneAtATime,
            PIPE,
            "pipe/read-and-write-at-once",
            "pipe.dir.concurrent-read-write",
            "concurrent",
        ),
        kill(
            FirstReady,
            PIPE,
            "pipe/poll-several",
            "pipe.poll.wait-returns-all",
            "poll-several",
        ),
        kill(
            Hang,
            QUEUE,
            "queue/shared-work[consumers=2]",
            "queue.mpmc.progress",
            "progress",
        ),
    ]
};

/// What is found broken and fails nobody, since nobody promised it.
const NOTED: &[Kill] = &[
    kill(
        Fault::Small,
        QUEUE,
        "queue/no-bound",
        "queue.cap.unbounded",
        "bound",
    ),
    kill(
        Fault::MissingEnd,
        PIPE,
        "pipe/given-to-nobody",
        "pipe.inherit.cloexec-default",
        "inheritance",
    ),
];

/// Whether the backends here lack something that they have on Unix: polls, waiting for a time.
const CAN_DO_LESS: bool = !cfg!(unix);

impl Kill {
    fn mutant(&self) -> String {
        format!("{}{}{}", self.backend, Fault::MARK, self.fault)
    }

    fn clauses(&self) -> impl Iterator<Item = &'static str> {
        self.clause.split(" or ")
    }

    fn run(&self, format: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
            .args(["run", "--exact", self.permutation, "--backend"])
            .arg(self.mutant())
            .args(["--format", format, "--root", env!("CARGO_MANIFEST_DIR")])
            .output()
            .expect("the program was built for this test")
    }

    /// What is amiss with how the fault is caught.
    fn objection(&self) -> Option<String> {
        let output = self.run("json");
        let report = match only_report(&output) {
            Ok(report) => report,
            Err(why) => return Some(why),
        };
        let is_it = |clause: &str, invariant: &str| {
            self.clauses().any(|one| one == clause) && invariant == self.invariant
        };
        if CAN_DO_LESS && report.verdict == Verdict::NotApplicable {
            return None;
        }
        let broken: Vec<_> = report.findings.iter().filter_map(broken).collect();
        let told = report.failures.iter().any(|page| {
            let clause = page.clause.as_ref();
            clause.is_some_and(|clause| is_it(clause.as_str(), &page.invariant))
        });
        let as_it_should = output.status.code() == Some(1)
            && report.verdict == Verdict::Fail
            && broken.iter().any(|(clause, by)| is_it(clause, by))
            && told;
        (!as_it_should).then(|| {
            let code = output.status.code();
            format!("{:?}, exit code {code:?}, {broken:?}", report.verdict)
        })
    }
}

fn broken(finding: &Finding) -> Option<(&str, &str)> {
    let is_broken = matches!(finding.state, State::Broken(_));
    is_broken.then_some((finding.clause.as_str(), finding.invariant.as_str()))
}

fn only_report(output: &Output) -> Result<TrialReport, String> {
    let events = json::read(output.stdout.as_slice()).map_err(|error| {
        let stderr = String::from_utf8_lossy(&output.stderr);
        format!("{error}: {stderr}")
    })?;
    let mut reports: Vec<TrialReport> = events
        .into_iter()
        .filter_map(|event| match event {
            Event::Finished(report) => Some(*report),
            _ => None,
        })
        .collect();
    match (reports.pop(), reports.is_empty()) {
        (Some(report), true) => Ok(report),
        _ => Err("not one trial".to_owned()),
    }
}

/// Most of the time processes wait: for one another, or for a hang to be noticed.
const AT_ONCE: usize = 8;

/// What comes of each, in the order of the items; as many at once as are allowed.
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

#[test]
fn every_wrong_backend_is_in_the_table() {
    for fault in Fault::ALL.into_iter().filter(|fault| fault.is_wrong()) {
        let registry = Registry::builtin();
        let references = registry
            .iter()
            .filter(|backend| Subject::from(Arc::clone(backend)).is_reference());
        for backend in references {
            let name = backend.key().to_string();
            let can_be = fault.on(Arc::clone(backend)).is_some();
            let mut kills = KILLS.iter().chain(NOTED);
            let is_listed = kills.any(|kill| kill.fault == fault && kill.backend == name);
            let is_right = is_listed == can_be || (is_listed && CAN_DO_LESS);
            assert!(is_right, "{name}{}{fault}", Fault::MARK);
        }
    }
}

#[test]
fn every_wrong_backend_is_caught_by_the_judge_of_what_it_breaks() {
    let objections = each(KILLS, AT_ONCE, Kill::objection);
    let mut text = String::new();
    for (kill, objection) in KILLS.iter().zip(objections) {
        if let Some(objection) = objection {
            let (mutant, permutation) = (kill.mutant(), kill.permutation);
            let (clause, invariant) = (kill.clause, kill.invariant);
            let _ = writeln!(
                text,
                "{permutation}@{mutant}: {clause} by {invariant}, and not {objection}"
            );
        }
    }
    assert!(text.is_empty(), "{text}");
}

#[test]
fn a_break_that_fails_nobody_is_found_all_the_same() {
    for kill in NOTED {
        let report = only_report(&kill.run("json")).expect("a report");
        let mut broken = report.findings.iter().filter_map(broken);
        let (clause, invariant) = (kill.clause, kill.invariant);
        assert!(
            broken.any(|found| found == (clause, invariant)),
            "{}: {clause} by {invariant}",
            kill.mutant()
        );
    }
}

/// The kill of this fault whose page is worth reading: of a pipe, which most people know, or else
/// of a queue.
fn exemplary(fault: Fault) -> &'static Kill {
    let on = |backend| {
        let mut kills = KILLS.iter();
        kills.find(move |kill| kill.fault == fault && kill.backend == backend)
    };
    let preferred = match fault {
        Fault::Swapped | Fault::Hang => on(QUEUE),
        _ => on(PIPE),
    };
    preferred.or(on(QUEUE)).expect("every fault is caught")
}

/// The faults that fail somebody, but those whose pages say how long something took or what a
/// system calls a death.
fn with_steady_pages() -> Vec<Fault> {
    let fails = |fault: &Fault| KILLS.iter().any(|kill| kill.fault == *fault);
    let steady = |fault: &Fault| fails(fault) && !matches!(fault, Fault::Hasty | Fault::Fatal);
    Fault::ALL.into_iter().filter(steady).collect()
}

/// The page without how long each had waited, and without what the system said of that moment.
fn without_moments(page: &str) -> String {
    let lines = page.lines().filter(|line| !line.contains(" kernel: "));
    let lines = lines.map(|line| match line.split_once("; its operation number ") {
        Some((waits, _)) => format!("{waits}\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// How often a page must come out the same.
const RUNS: usize = 10;

#[test]
fn pages_of_wrong_backends_read_the_same_in_every_run() {
    let faults = with_steady_pages();
    let runs: Vec<Fault> = faults.repeat(RUNS);
    let pages = each(&runs, AT_ONCE, |fault| {
        let output = exemplary(*fault).run("text");
        let page = String::from_utf8(output.stdout).expect("reports are text");
        // How long nothing moved is another time in each run.
        let page = match page.rsplit_once("; waited ") {
            Some((page, _)) => format!("{page}\n"),
            None => page,
        };
        without_moments(&page)
    });
    for (place, fault) in faults.iter().enumerate() {
        let mut of_fault = pages.iter().skip(place).step_by(faults.len());
        let first = of_fault.next().expect("it ran");
        let system = format!(" on {}:", System::current());
        insta::with_settings!({
            omit_expression => true,
            filters => [(system.as_str(), " on [system]:")],
        }, {
            insta::assert_snapshot!(fault.name(), first);
        });
        for (number, page) in (2..).zip(of_fault) {
            assert_eq!(
                first,
                page,
                "run {number} of {}",
                exemplary(*fault).mutant()
            );
        }
    }
}

#[test]
fn a_long_message_that_was_changed_shows_where() {
    let changed = kill(
        Fault::Corrupt,
        PIPE,
        "pipe/edge-lengths[size=4097]",
        "pipe.frame.boundaries-preserved",
        "boundary",
    );
    let report = only_report(&changed.run("json")).expect("a report");
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

/// How many runs, each from a seed of its own, an odd backend must pass.
const SEEDS: u64 = 500;

/// The accusations in seeded runs of these permutations, which take turns.
fn accusations(
    fault: Option<Fault>,
    backends: &[&str],
    permutations: &[&str],
    at_once: usize,
) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = Library::open(Some(root)).expect("the cases are where they should be");
    let (cases, faulty) = library.cases();
    assert!(faulty.is_empty(), "{faulty:?}");
    let goldens = library.goldens(&cases).expect("goldens can be read");
    let registry = Registry::builtin();
    let backends: Vec<_> = backends
        .iter()
        .flat_map(|name| registry.matching(name))
        .map(|backend| match fault {
            Some(fault) => fault.on(backend).expect("it can be odd in this way"),
            None => backend,
        })
        .map(Subject::from)
        .collect();
    let filter = Filter {
        patterns: permutations.iter().map(|name| (*name).to_owned()).collect(),
        exact: true,
    };
    let trials = select::trials(&cases, &backends, &goldens, System::current(), &filter);
    assert_eq!(trials.len(), permutations.len(), "{trials:?}");
    let program = Program {
        path: env!("CARGO_BIN_EXE_ipc-conformance").into(),
    };
    let session = Session::start(&program).expect("the harness can start");
    let runs: Vec<(u64, &Trial)> = (1..=SEEDS).zip(trials.iter().cycle()).collect();
    let accusations = each(&runs, at_once, |(seed, trial)| {
        let options = Options {
            seed: *seed,
            jobs: 1,
            program: program.clone(),
            stall: STALL,
            catalogue: Arc::clone(&library.catalogue),
        };
        let report = runner::attempt(trial, &options, &session).expect("nobody interrupts");
        let broken: Vec<_> = report.findings.iter().filter_map(broken).collect();
        (report.verdict != Verdict::Pass).then(|| {
            let (name, verdict, why) = (&report.name, report.verdict.word(), &report.why);
            format!("{name}, seed {seed}: {verdict}, {why:?}, {broken:?}")
        })
    });
    accusations.into_iter().flatten().collect()
}

const OF_QUEUES: &[&str] = &[
    "seed/queue",
    "queue/bounded[capacity=1]",
    "queue/bounded[capacity=3]",
    "queue/end-by-close[consumers=3]",
    "queue/one-none-each[producers=1,consumers=2]",
    "queue/causal",
    "queue/close-wakes[consumers=3]",
    "queue/empty-is-empty",
    "queue/last-to-close",
    "queue/put-and-changed",
    "queue/room-again[capacity=2]",
    "queue/shared-work[consumers=2]",
];

const OF_PIPES: &[&str] = &[
    "seed/pipe",
    "pipe/empty-message",
    "pipe/end-of-killed-writer",
    "pipe/request-reply[size=4096]",
    "pipe/values",
    "pipe/both-ways",
    "pipe/given-to-nobody",
    "pipe/hang-up",
    "pipe/last-holder",
    "pipe/orphan",
    "pipe/send-to-nobody",
    "pipe/sent-and-changed",
    "pipe/wrong-end",
    "stream/bytes[size=4096]",
    "stream/killed-writer",
    "stream/odd-cuts",
    "stream/write-to-nobody",
    "stream/writers-in-turn",
];

/// Nearly all of their time these wait for time to pass.
const OF_TIME: &[&str] = &["queue/timeouts"];

/// So do these.
const OF_POLLS: &[&str] = &[
    "pipe/own-copy",
    "pipe/poll",
    "pipe/timed-receive[time=100ms]",
];

#[rstest]
#[case::pauses_at_queues(Some(Fault::Delays), &[QUEUE], OF_QUEUES)]
#[case::pauses_at_pipes(Some(Fault::Delays), &[PIPE, STREAM], OF_PIPES)]
#[case::tiny_pieces(Some(Fault::Dribble), &[PIPE, STREAM], OF_PIPES)]
#[case::one_consumer_served_late(Some(Fault::Unfair), &[QUEUE], OF_QUEUES)]
#[case::late_timeouts(Some(Fault::LateTimeouts), &[QUEUE], OF_TIME)]
#[case::late_polls(Some(Fault::LateTimeouts), &[PIPE], OF_POLLS)]
#[case::nothing_odd_at_queues(None, &[QUEUE], OF_QUEUES)]
#[case::nothing_odd_at_pipes(None, &[PIPE, STREAM], OF_PIPES)]
#[case::nothing_odd_about_timeouts(None, &[QUEUE], OF_TIME)]
fn a_backend_that_is_merely_odd_is_never_accused(
    #[case] fault: Option<Fault>,
    #[case] backends: &[&str],
    #[case] permutations: &[&str],
) {
    let waits = permutations == OF_TIME || permutations == OF_POLLS;
    let at_once = if waits { 16 } else { 4 };
    let accusations = accusations(fault, backends, permutations, at_once);
    assert!(accusations.is_empty(), "{}", accusations.join("\n"));
}
