//! Where no descriptor is to be had, no backend makes a channel, none loses any over it, and later all
//! is as before.
//!
//! Descriptors are the process's, so the test runs in a process of its own.

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

/// The environment variable that makes this program the process of the test.
const VARIABLE: &str = "EXHAUSTION";

/// Runs the test in this process if it is the one for that.
pub(crate) fn of_this_process() -> Option<ExitCode> {
    env::var_os(VARIABLE)?;
    no_backend_makes_a_channel_of_nothing_or_loses_descriptors_over_it();
    Some(ExitCode::SUCCESS)
}

/// The test of this file.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let name = "no_backend_makes_a_channel_of_nothing_or_loses_descriptors_over_it";
    [named::trial("exhaustion", &(name, in_a_process_of_its_own))].into_iter()
}

fn in_a_process_of_its_own() {
    let this = env::current_exe().expect("this program knows where it is");
    let output = Command::new(this)
        .env(VARIABLE, "")
        .output()
        .expect("this program can be executed");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}

/// A process that opens channels, and starts nobody.
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

/// How many descriptors are open, without the one that counts them.
fn open_descriptors() -> usize {
    let folder = match System::current() {
        System::Linux => "/proc/self/fd",
        _ => "/dev/fd",
    };
    fs::read_dir(folder).expect("the system tells").count() - 1
}

/// All descriptors that this process may have, but for some.
struct Exhausted {
    taken: Vec<File>,
    before: Rlimit,
}

impl Exhausted {
    /// How many more there are before it begins.
    const ROOM: u64 = 64;

    fn but_for(left: usize) -> Exhausted {
        let before = getrlimit(Resource::Nofile);
        let highest = fs::read_dir("/dev/fd").expect("the system tells").count() as u64;
        let limit = Rlimit {
            current: Some(highest + Exhausted::ROOM),
            maximum: before.maximum,
        };
        setrlimit(Resource::Nofile, limit).expect("less may always be asked for");
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
        setrlimit(Resource::Nofile, self.before).expect("as it was");
    }
}

/// Opens a channel, makes an end for one process at each side, and lets go of all.
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

/// The most descriptors that some backend needs for a channel.
const ENOUGH: usize = 24;

fn no_backend_makes_a_channel_of_nothing_or_loses_descriptors_over_it() {
    for backend in Registry::builtin().iter() {
        let key = backend.key();
        let is_here = backend.capabilities(System::current()).is_some();
        let mut host = Alone(TempDir::new().expect("a folder"));
        // Of an endpoint there is only a name until somebody listens.
        let opens_nothing = matches!(key.kind, Kind::Process | Kind::Endpoint);
        if opens_nothing || !is_here || open(&**backend, &mut host).is_err() {
            continue;
        }
        // What a library opens once, and keeps, is open by now.
        let before = open_descriptors();
        let mut refused = 0;
        for left in 0..=ENOUGH {
            let mut host = Alone(TempDir::new().expect("a folder"));
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
        assert!(refused > 0, "{key} needs no descriptor at all");
        assert!(
            refused <= ENOUGH,
            "{key} is refused though there are {ENOUGH}"
        );
        let mut host = Alone(TempDir::new().expect("a folder"));
        let again = open(&**backend, &mut host);
        assert!(again.is_ok(), "{key}, later: {again:?}");
    }
}
