//! The programs that this executable is besides the tests.

use std::env;
use std::io;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ipc_conformance::backend::System;
use ipc_conformance::cli;
use ipc_conformance::internals::supervisor::{Program, ROLE};
use ipc_conformance::internals::{
    CaseFolder, Event, History, Options, STALL, Session, Subject, Trial, TrialFilter, hook,
    observe, run, trials,
};
use ipc_conformance::registry::Registry;

use super::wrong;

/// The environment variable that names the program.
pub(crate) const VARIABLE: &str = "SURVIVAL";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StandIn {
    /// The command line, with the wrong backends.
    CommandLine,
    /// A harness with a sink that panics when the first trial is finished.
    Panicking,
    /// A harness that prints histories. Its arguments name a case and a backend. Processes of the
    /// trials execute the built program.
    Observer,
    /// A process that waits to be killed.
    Lingering,
}

impl StandIn {
    const ALL: [StandIn; 4] = [
        StandIn::CommandLine,
        StandIn::Panicking,
        StandIn::Observer,
        StandIn::Lingering,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            StandIn::CommandLine => "command-line",
            StandIn::Panicking => "panicking",
            StandIn::Observer => "observer",
            StandIn::Lingering => "lingering",
        }
    }

    pub(crate) fn run(self) -> ExitCode {
        let registry = wrong::registry();
        hook(&registry);
        match self {
            StandIn::CommandLine => cli::main(registry),
            StandIn::Panicking => panic_at_the_first_trial(&registry),
            StandIn::Observer => observe_all(&registry),
            StandIn::Lingering => loop {
                thread::park();
            },
        }
    }

    /// Returns the command that starts this executable as this program.
    pub(crate) fn command(self) -> Command {
        let this = env::current_exe().expect("the system knows this program's path");
        let mut command = Command::new(this);
        command.env(VARIABLE, self.word()).env_remove(ROLE);
        command
    }
}

pub(crate) fn of_this_process() -> Option<StandIn> {
    let word = env::var_os(VARIABLE)?;
    StandIn::ALL.into_iter().find(|this| word == this.word())
}

fn panic_at_the_first_trial(registry: &Registry) -> ExitCode {
    let trials = trials_of(
        registry,
        "seed/pipe",
        &["pipe:std/pipe", "pipe:std/pipe~hang"],
    );
    let options = Options {
        jobs: trials.len(),
        stall: Duration::from_secs(1),
        ..options(Program::current().expect("the system knows this program's path"))
    };
    let done = run(&trials, &options, &mut |event| {
        assert!(!matches!(event, Event::Finished(_)), "a sink that panics");
    });
    unreachable!("{done:?}");
}

fn observe_all(registry: &Registry) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [case, backend] = arguments.as_slice() else {
        panic!("expected a case and a backend, not {arguments:?}");
    };
    let options = options(Program {
        path: env!("CARGO_BIN_EXE_ipc-conformance").into(),
    });
    let session = Session::start(&options.program).expect("a session starts");
    let observe =
        |trial: &Trial| observe(trial, &options, &session).expect("the trial has a history");
    let histories: Vec<History> = trials_of(registry, case, &[backend])
        .iter()
        .map(observe)
        .collect();
    serde_json::to_writer(io::stdout(), &histories).expect("standard output is open");
    ExitCode::SUCCESS
}

fn folder() -> CaseFolder {
    let root = env!("CARGO_MANIFEST_DIR").as_ref();
    CaseFolder::open(Some(root)).expect("this crate's own cases")
}

fn trials_of(registry: &Registry, case: &str, backends: &[&str]) -> Vec<Trial> {
    let (cases, _) = folder().cases();
    let backends: Vec<_> = backends
        .iter()
        .flat_map(|pattern| registry.matching(pattern))
        .map(Subject::from)
        .collect();
    let filter = TrialFilter {
        patterns: vec![case.to_owned()],
        exact: true,
    };
    let goldens = Default::default();
    trials(&cases, &backends, &goldens, System::current(), &filter)
}

fn options(program: Program) -> Options {
    Options {
        stall: STALL,
        ..Options::new(program, Arc::clone(&folder().catalogue))
    }
}
