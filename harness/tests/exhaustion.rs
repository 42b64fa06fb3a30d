//! Without free file descriptors, no backend opens a channel and none leaks a descriptor. Afterwards
//! every backend works as before.
//!
//! A limit on descriptors holds for a process, so the test runs in its own process.

use std::env;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{Command, ExitCode};

use ipc_conformance::backend::{
    Backend, Channel, Failure, Grant, Host, Kind, Parcel, Side, System,
};
use ipc_conformance::registry::Registry;
use libtest_mimic::Trial;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::TempDir;

use crate::named;

/// The environment variable that makes this program run the test in this process.
const VARIABLE: &str = "EXHAUSTION";

/// Runs the test if the environment asks for it.
pub(crate) fn of_this_process() -> Option<ExitCode> {
    env::var_os(VARIABLE)?;
    opening_without_free_descriptors_fails_and_leaks_none();
    Some(ExitCode::SUCCESS)
}

/// Returns the test of this file.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let name = "opening_without_free_descriptors_fails_and_leaks_none";
    [named::trial("exhaustion", &(name, in_its_own_process))].into_iter()
}

fn in_its_own_process() {
    let this = env::current_exe().expect("the system knows this program's path");
    let output = Command::new(this)
        .env(VARIABLE, "")
        .output()
        .expect("this program can be executed");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}

/// A host that starts no helper.
struct Alone(TempDir);

impl Host for Alone {
    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn seed(&self) -> u64 {
        0
    }

    fn start_helper(&mut self, _parcel: Parcel) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

/// Returns the number of open descriptors, without the one that this function opens.
fn open_descriptors() -> usize {
    let folder = match System::current() {
        System::Linux => "/proc/self/fd",
        _ => "/dev/fd",
    };
    fs::read_dir(folder)
        .expect("the system lists descriptors")
        .count()
        - 1
}

/// All descriptors of this process are in use, except a few.
struct Exhausted {
    taken: Vec<File>,
    before: Rlimit,
}

impl Exhausted {
    /// The number of descriptors that are free before.
    const ROOM: u64 = 64;

    fn but_for(left: usize) -> Exhausted {
        let before = getrlimit(Resource::Nofile);
        let highest = fs::read_dir("/dev/fd")
            .expect("the system lists descriptors")
            .count() as u64;
        let limit = Rlimit {
            current: Some(highest + Exhausted::ROOM),
            maximum: before.maximum,
        };
        setrlimit(Resource::Nofile, limit).expect("a process may lower its own limit");
        let mut taken: Vec<File> = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            taken.push(file);
        }
        taken.truncate(taken.len() - left);
        Exhausted { taken, before }
    }
}

impl Drop for Exhausted {
    fn drop(&mut self) {
        self.taken.clear();
        setrlimit(Resource::Nofile, self.before).expect("the earlier limit is allowed");
    }
}

/// Opens a channel, grants one end for each side, and drops everything.
fn open(backend: &dyn Backend, host: &mut Alone) -> Result<(), Failure> {
    let kind = backend.key().kind;
    let mut opened = backend.open(&Channel::new("c", kind), host)?;
    let sides = match kind {
        Kind::Queue => [Side::Queue, Side::Queue],
        _ => [Side::Tx, Side::Rx],
    };
    let grant = |side, puts| Grant {
        side,
        puts,
        gets: !puts,
    };
    let _sending = opened.grant(grant(sides[0], true))?;
    let _receiving = opened.grant(grant(sides[1], false))?;
    Ok(())
}

/// More descriptors than any backend needs for a channel.
const ENOUGH: usize = 24;

fn opening_without_free_descriptors_fails_and_leaks_none() {
    for backend in Registry::builtin().iter() {
        let key = backend.key();
        let is_here = backend.capabilities(System::current()).is_some();
        let mut host = Alone(TempDir::new().expect("a temporary folder can be created"));
        // An endpoint is only a name until a process listens.
        let opens_nothing = matches!(key.kind, Kind::Process | Kind::Endpoint);
        if opens_nothing || !is_here || open(&**backend, &mut host).is_err() {
            continue;
        }
        // Descriptors that a library opens once and keeps are already open here.
        let before = open_descriptors();
        let mut refused = 0;
        for left in 0..=ENOUGH {
            let mut host = Alone(TempDir::new().expect("a temporary folder can be created"));
            let exhausted = Exhausted::but_for(left);
            let opened = open(&**backend, &mut host);
            drop(exhausted);
            assert_eq!(
                open_descriptors(),
                before,
                "{key}, with {left} left: {opened:?}"
            );
            refused += usize::from(opened.is_err());
        }
        assert!(refused > 0, "{key} needs no descriptor");
        assert!(
            refused <= ENOUGH,
            "{key} fails with {ENOUGH} free descriptors"
        );
        let mut host = Alone(TempDir::new().expect("a temporary folder can be created"));
        let again = open(&**backend, &mut host);
        assert!(again.is_ok(), "{key}, later: {again:?}");
    }
}
