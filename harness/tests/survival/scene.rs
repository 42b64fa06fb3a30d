//! A harness that is observed from outside, and all processes that descend from it.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use ipc_conformance::internals::{Event, Footer, TrialReport, Verdict, json};
use tempfile::TempDir;

use super::stand_in::StandIn;

#[cfg(unix)]
#[path = "scene/unix.rs"]
mod unix;
#[cfg(windows)]
#[path = "scene/windows.rs"]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// The time within which an expected event occurs even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The beginning of the header. From here on, the guard and the folder exist.
pub(crate) const HEADER: &str = r#"{"event":"header""#;
/// Selects one backend, so that there is one trial.
pub(crate) const PIPE: &str = "--backend=pipe:std/pipe";
/// The beginning of the event of a finished trial.
pub(crate) const FINISHED: &str = r#"{"event":"finished""#;

/// Returns the generator of random moments. Its seed is `SURVIVAL_SEED`, or a new one, which is
/// printed.
pub(crate) fn random() -> Rng {
    let given = env::var("SURVIVAL_SEED").ok();
    let seed = given.map_or_else(
        || fastrand::u64(..),
        |seed| seed.parse().expect("the seed is a number"),
    );
    // Printed between the lines of libtest-mimic, which captures nothing.
    let _ = writeln!(io::stderr(), "moments follow from SURVIVAL_SEED={seed}");
    Rng::with_seed(seed)
}

/// A private folder for temporary files.
pub(crate) struct Scene {
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Scene {
        let folder = TempDir::new().expect("a temporary folder can be created");
        fs::create_dir(folder.path().join("temporary")).expect("a new folder is writable");
        Scene { folder }
    }

    /// Returns the folder for temporary files of all harnesses here.
    fn temporary(&self) -> PathBuf {
        self.folder.path().join("temporary")
    }

    /// Returns the path of a file for the test.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a root with this one case.
    pub(crate) fn case(&self, name: &str, text: &str) -> String {
        let root = self.place("root");
        let cases = root.join("cases").join("survival");
        fs::create_dir_all(&cases).expect("the scene's folder is writable");
        let clauses = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/clauses.toml");
        fs::copy(clauses, root.join("cases").join("clauses.toml"))
            .expect("the clauses can be copied");
        fs::write(cases.join(name).with_extension("toml"), text).expect("the case can be written");
        root.display().to_string()
    }

    /// Makes a root with a case in which a process sleeps for an hour, unless its deadline ends it. `check`
    /// doesn't know in advance that the deadline does, because the process need not get so far.
    pub(crate) fn slow_case(&self, name: &str, deadline: &str) -> String {
        let text = format!(
            r#"
title    = "a process that takes its time"
why      = "It is to be interrupted, or its deadline comes first."
clauses  = ["pipe.order.single-writer"]
deadline = "{deadline}"
[channels.go]
kind = "pipe"
[channels.p]
kind = "pipe"
[processes.sleeper]
steps = [
  {{ recv = {{ on = "go.rx", expect = ["ok", "pending"] }} }},
  {{ idle = "3600s" }},
  {{ send = {{ on = "p.tx", count = 1 }} }},
]
[processes.waiter]
steps = [{{ send = {{ on = "go.tx", item = 1 }} }}, {{ recv = {{ on = "p.rx", count = 1 }} }}]
"#
        );
        self.case(name, &text)
    }

    /// Starts the built program on this crate's cases.
    pub(crate) fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Harness {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"));
        command.args(arguments);
        self.launch(command)
    }

    /// Starts the built program on the cases in this root, on the reference backend for pipes.
    pub(crate) fn start_on_pipe(&self, root: &str) -> Harness {
        self.start(["run", PIPE, "--format=json", "--root", root])
    }

    /// Starts this program as another one, on this crate's cases.
    pub(crate) fn start_as<A: AsRef<OsStr>>(
        &self,
        what: StandIn,
        arguments: impl IntoIterator<Item = A>,
    ) -> Harness {
        let mut command = what.command();
        command.args(arguments);
        self.launch(command)
    }

    fn launch(&self, mut command: Command) -> Harness {
        // Between two starts, no other process may inherit this harness's pipe.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let stderr = self.place("stderr");
        let append = File::options().create(true).append(true).open(&stderr);
        command
            .env(system::TEMPORARY, self.temporary())
            .env_remove("IPC_CONFORMANCE_ROOT")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(append.expect("the scene's folder is writable"));
        system::as_a_shell_does(&mut command);
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let (living, inherited) = io::pipe().expect("a pipe can be created");
        system::have_inherited(&inherited);
        let mut process = command
            .spawn()
            .expect("the program was built for this test");
        let stdout = process.stdout.take().expect("standard output is a pipe");
        Harness {
            process,
            living: heard(living),
            stdout: heard(stdout),
            said: Vec::new(),
            stderr,
        }
    }

    /// Returns the files in the folder for temporary files, at any depth.
    pub(crate) fn left(&self) -> Vec<PathBuf> {
        let mut left = Vec::new();
        let mut folders = vec![self.temporary()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                }
                left.push(entry.path());
            }
        }
        left
    }

    #[track_caller]
    pub(crate) fn assert_nothing_left(&self) {
        assert_eq!(self.left(), [""; 0].map(PathBuf::from));
    }
}

/// A harness process. All its descendants inherit the writing end of one pipe. The pipe ends when the
/// last of them exits; zombies hold no descriptors.
pub(crate) struct Harness {
    process: Child,
    living: Receiver<Vec<u8>>,
    stdout: Receiver<Vec<u8>>,
    said: Vec<u8>,
    stderr: PathBuf,
}

/// The result of a harness, after it and all its descendants have exited.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Harness {
    /// Waits until standard output contains this text.
    #[track_caller]
    pub(crate) fn wait_until_it_says(&mut self, text: &str) {
        while !self
            .said
            .windows(text.len())
            .any(|said| said == text.as_bytes())
        {
            let goes_on = self.hear();
            assert!(
                goes_on,
                "the output ended without {text}: {}",
                self.complaints()
            );
        }
    }

    /// Waits for this time, or until the harness exits.
    pub(crate) fn let_live_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Ok(said) =
            (self.stdout).recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.said.extend(said);
        }
    }

    /// Returns whether the harness itself has exited.
    #[cfg(target_os = "linux")]
    pub(crate) fn has_ended(&mut self) -> bool {
        let state = self.process.try_wait();
        state.expect("a child can be waited for").is_some()
    }

    /// Reads more of standard output. Returns false at its end.
    #[track_caller]
    fn hear(&mut self) -> bool {
        match self.stdout.recv_timeout(PATIENCE) {
            Ok(said) => {
                self.said.extend(said);
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => {
                panic!("no output, and the process is alive: {}", self.complaints())
            }
        }
    }

    /// Watches the memory of the harness until it exits. Returns the most that it had, in KiB; 0 if the
    /// system has no `/proc`.
    #[cfg(unix)]
    pub(crate) fn memory(&self) -> thread::JoinHandle<u64> {
        let status = format!("/proc/{}/status", self.process.id());
        thread::spawn(move || {
            let mut most = 0;
            // A process that has exited has no memory.
            while let Some(now) = peak(&status) {
                most = now;
                thread::sleep(Duration::from_millis(5));
            }
            most
        })
    }

    /// Kills the harness and no other process.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("the process isn't reaped yet");
    }

    /// Waits until the harness and all its descendants have exited.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        while self.hear() {}
        let gone = self.living.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected);
        assert!(gone, "a process is still alive: {}", self.complaints());
        let status = self.process.wait().expect("a child can be waited for");
        Ended {
            status,
            stdout: std::mem::take(&mut self.said),
            stderr: self.complaints(),
        }
    }

    fn complaints(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap_or_default()
    }
}

impl Drop for Harness {
    /// After a failed test, kills the harness; its guard ends the rest.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ended {
    /// Returns its event log, which must be complete.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<Event> {
        json::read(self.stdout.as_slice())
            .unwrap_or_else(|error| panic!("{error}; {}", self.stderr))
    }

    #[track_caller]
    pub(crate) fn footer(&self) -> Footer {
        match self.events().pop() {
            Some(Event::Footer(footer)) => footer,
            other => panic!("{other:?}"),
        }
    }

    /// Returns the reports of its trials.
    #[track_caller]
    pub(crate) fn reports(&self) -> Vec<TrialReport> {
        let events = self.events().into_iter();
        events.filter_map(Event::into_report).collect()
    }

    /// Returns the report of its only trial.
    #[track_caller]
    pub(crate) fn report(&self) -> TrialReport {
        let mut reports = self.reports();
        assert_eq!(reports.len(), 1, "{}", self.stderr);
        reports.remove(0)
    }

    /// Returns whether the harness was killed.
    pub(crate) fn was_killed(&self) -> bool {
        system::is_killed(self.status)
    }
}

/// Returns the broken clauses.
pub(crate) fn broken(report: &TrialReport) -> Vec<String> {
    let clauses = report.clauses.iter();
    clauses
        .filter(|clause| clause.verdict == Verdict::Fail)
        .map(|clause| clause.clause.to_string())
        .collect()
}

/// Returns the most memory that a process had so far, in KiB.
#[cfg(unix)]
fn peak(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// Returns the output of a pipe until its end, as a thread reads it.
fn heard(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, heard) = channel();
    thread::spawn(move || {
        let mut bytes = [0; 1 << 16];
        while let Ok(read @ 1..) = pipe.read(&mut bytes) {
            if sender.send(bytes[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    heard
}
