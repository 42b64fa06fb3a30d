//! The mark is the soft limit of file locks.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, getrlimit, pidfd_open, pidfd_send_signal, prlimit,
    setrlimit,
};

use crate::os::patience;
use crate::os::supervisor::{has_exited, parent_of, processes};

mod shared_memory;

/// How often to look for processes that others start while they are killed.
const MOST_LOOKS: usize = 1000;

/// How long processes that ignore SIGTERM may take to exit after all others.
const GRACE: Duration = Duration::from_secs(2);

/// Marks a process of this user. It must not have started others yet. Does nothing if the system
/// refuses.
pub(super) fn put_on(pid: u32, number: u64) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = prlimit(Some(pid), Resource::Locks, limit(number));
    }
}

/// Marks the command's process before it executes its program. Does nothing if the system refuses.
#[expect(unsafe_code, reason = "only a hook runs before the program")]
pub(super) fn put_on_at_birth(command: &mut Command, number: u64) {
    let limit = limit(number);
    let put_on = move || {
        let _ = setrlimit(Resource::Locks, limit);
        Ok(())
    };
    // SAFETY: the closure makes one system call and allocates nothing, which is allowed between fork
    // and exec.
    unsafe { command.pre_exec(put_on) };
}

fn limit(number: u64) -> Rlimit {
    Rlimit {
        current: Some(number),
        maximum: getrlimit(Resource::Locks).maximum,
    }
}

pub(super) fn end(covers: &dyn Fn(u64) -> bool, since: SystemTime) {
    let mut ended = Ended::default();
    ended.kill(
        |pid| is_covered(pid, covers) && !ignores_termination(pid),
        covers,
    );
    // What is left may be there to clean up after those, as Python's resource tracker is.
    let left = || bearers(covers);
    patience::wait_until(GRACE, left, || left().is_empty());
    ended.kill(|pid| is_covered(pid, covers), covers);
    shared_memory::remove(ended.names, since, &ended.killed);
}

/// What was done to processes with a mark.
#[derive(Default)]
struct Ended {
    killed: BTreeSet<u32>,
    /// The names of shared memory that they used.
    names: BTreeSet<PathBuf>,
}

impl Ended {
    fn kill(&mut self, is_one: impl Fn(u32) -> bool, covers: &dyn Fn(u64) -> bool) {
        for _ in 0..MOST_LOOKS {
            let mut found = processes();
            found.retain(|pid| !self.killed.contains(pid) && is_one(*pid));
            if found.is_empty() {
                return;
            }
            for pid in &found {
                // A stopped process makes no more names while those of others are read.
                signal(*pid, covers, Signal::STOP);
            }
            self.names
                .extend(found.iter().flat_map(|pid| shared_memory::names_of(*pid)));
            for pid in found {
                signal(pid, covers, Signal::KILL);
                self.killed.insert(pid);
            }
        }
    }
}

fn bearers(covers: &dyn Fn(u64) -> bool) -> Vec<u32> {
    let mut bearers = processes();
    bearers.retain(|pid| is_covered(*pid, covers));
    bearers
}

pub(super) fn orphans(covers: &dyn Fn(u64) -> bool) -> Vec<u32> {
    let mut orphans = bearers(covers);
    orphans.retain(|pid| {
        let parent = parent_of(*pid);
        parent.is_some_and(|parent| !mark_of(parent).is_some_and(covers))
    });
    orphans
}

/// Whether a process ignores SIGTERM.
fn ignores_termination(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (Signal::TERM.as_raw() - 1) & 1 == 1)
}

/// Sends a signal to this process if it has the mark. The descriptor stands for one process, so the
/// signal reaches no other one that takes over its number meanwhile.
fn signal(pid: u32, covers: &dyn Fn(u64) -> bool, signal: Signal) {
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return;
    };
    if let Ok(process) = pidfd_open(number, PidfdFlags::empty())
        && is_covered(pid, covers)
    {
        // It may have exited.
        let _ = pidfd_send_signal(process, signal);
    }
}

fn is_covered(pid: u32, covers: &dyn Fn(u64) -> bool) -> bool {
    mark_of(pid).is_some_and(covers) && !has_exited(pid)
}

fn mark_of(pid: u32) -> Option<u64> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max file locks"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
