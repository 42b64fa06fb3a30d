//! A harness to be watched from outside, and everybody who descends from it.

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

/// How long what must happen may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// The header's beginning: from here on there is a guard, and a folder.
pub(crate) const HEADER: &str = r#"{"event":"header""#;
/// The argument for one backend only, so that there is one trial.
pub(crate) const PIPE: &str = "--backend=pipe:std/pipe";
/// A trial is done.
pub(crate) const FINISHED: &str = r#"{"event":"finished""#;

/// What moments follow from: the seed in `SURVIVAL_SEED`, else a new one, which is told.
pub(crate) fn random() -> Rng {
    let given = env::var("SURVIVAL_SEED").ok();
    let seed = given.map_or_else(|| fastrand::u64(..), |seed| seed.parse().expect("a number"));
    // Beside libtest-mimic's own lines; nothing captures it.
    let _ = writeln!(io::stderr(), "moments follow from SURVIVAL_SEED={seed}");
    Rng::with_seed(seed)
}

/// A private folder for temporary files.
pub(crate) struct Scene {
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Scene {
        let folder = TempDir::new().expect("room for a few files");
        fs::create_dir(folder.path().join("temporary")).expect("it was just made");
        Scene { folder }
    }

    /// The folder for temporary files of all harnesses here.
    fn temporary(&self) -> PathBuf {
        self.folder.path().join("temporary")
    }

    /// A place for files of the test.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A root with this one case in it.
    pub(crate) fn case(&self, name: &str, text: &str) -> String {
        let root = self.place("root");
        let cases = root.join("cases").join("survival");
        fs::create_dir_all(&cases).expect("the scene's folder is writable");
        let clauses = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/clauses.toml");
        fs::copy(clauses, root.join("cases").join("clauses.toml")).expect("clauses are there");
        fs::write(cases.join(name).with_extension("toml"), text).expect("a new file");
        root.display().to_string()
    }

    /// A root with a case whose processes would sleep for an hour, but for its deadline.
    pub(crate) fn slow_case(&self, name: &str, deadline: &str) -> String {
        let text = format!(
            r#"
title    = "a process that takes its time"
why      = "It is to be interrupted, or its deadline comes first."
clauses  = ["pipe.order.single-writer"]
deadline = "{deadline}"
[channels.p]
kind = "pipe"
[processes.sleeper]
steps = [{{ idle = "3600s" }}, {{ send = {{ on = "p.tx", count = 1 }} }}]
[processes.waiter]
steps = [{{ recv = {{ on = "p.rx", count = 1 }} }}]
"#
        );
        self.case(name, &text)
    }

    /// The built program, on this crate's cases.
    pub(crate) fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Harness {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"));
        command.args(arguments);
        self.launch(command)
    }

    /// This program as something else, on this crate's cases.
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
        // Between two starts nobody else may inherit this one's pipe.
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
        let (living, inherited) = io::pipe().expect("a pipe");
        system::have_inherited(&inherited);
        let mut process = command.spawn().expect("a program that was built");
        let stdout = process.stdout.take().expect("it is piped");
        Harness {
            process,
            living: heard(living),
            stdout: heard(stdout),
            said: Vec::new(),
            stderr,
        }
    }

    /// What is in the folder for temporary files, at any depth.
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

/// A harness process. All who descend from it inherit the write end of one pipe, which therefore
/// ends when the last of them is gone. Zombies have nothing open.
pub(crate) struct Harness {
    process: Child,
    living: Receiver<Vec<u8>>,
    stdout: Receiver<Vec<u8>>,
    said: Vec<u8>,
    stderr: PathBuf,
}

/// What a harness was seen to have come to, with nobody of it left.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Harness {
    /// Waits until its standard output has this text.
    #[track_caller]
    pub(crate) fn wait_until_it_says(&mut self, text: &str) {
        while !self
            .said
            .windows(text.len())
            .any(|said| said == text.as_bytes())
        {
            let goes_on = self.hear();
            assert!(goes_on, "it never said {text}: {}", self.complaints());
        }
    }

    /// Waits until it has been alive for so long, or is no more.
    pub(crate) fn let_live_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Ok(said) =
            (self.stdout).recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.said.extend(said);
        }
    }

    /// Hears some more of what it says; false where that was all.
    #[track_caller]
    fn hear(&mut self) -> bool {
        match self.stdout.recv_timeout(PATIENCE) {
            Ok(said) => {
                self.said.extend(said);
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => {
                panic!("it says nothing, and lives: {}", self.complaints())
            }
        }
    }

    /// Kills it, and nobody else.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("it isn't reaped yet");
    }

    /// Waits until it and all who descend from it are gone.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        while self.hear() {}
        let gone = self.living.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected);
        assert!(gone, "some process lives on: {}", self.complaints());
        let status = self.process.wait().expect("it is a child");
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
    /// After a failed test; its guard does the rest.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ended {
    /// The event log that it printed, which must be whole.
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

    /// The trials that it ran.
    #[track_caller]
    pub(crate) fn reports(&self) -> Vec<TrialReport> {
        let events = self.events().into_iter();
        events.filter_map(Event::into_report).collect()
    }

    /// The only trial that it ran.
    #[track_caller]
    pub(crate) fn report(&self) -> TrialReport {
        let mut reports = self.reports();
        assert_eq!(reports.len(), 1, "{}", self.stderr);
        reports.remove(0)
    }

    /// Whether it was killed.
    pub(crate) fn was_killed(&self) -> bool {
        system::is_killed(self.status)
    }
}

/// The clauses that were found broken.
pub(crate) fn broken(report: &TrialReport) -> Vec<String> {
    let clauses = report.clauses.iter();
    clauses
        .filter(|clause| clause.verdict == Verdict::Fail)
        .map(|clause| clause.clause.to_string())
        .collect()
}

/// What comes out of a pipe until it ends, as a thread reads it.
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
