//! The child processes of a peer.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use crate::backend::{Handle, Wait};
use crate::history::Exit;
use crate::os::supervisor::{self, ProcessRole, Program, Stdio3};
use crate::plan::ProcessIndex;

mod forked;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(super) use forked::Forked;

/// The processes that this one may start, and those that it has started.
#[derive(Debug)]
pub(super) struct Children {
    /// The handles for each process that isn't started yet.
    stdio: BTreeMap<ProcessIndex, Stdio3>,
    started: BTreeMap<ProcessIndex, Child>,
    /// Those that have exited and were joined.
    joined: BTreeSet<ProcessIndex>,
}

#[derive(Debug)]
enum Child {
    Spawned(std::process::Child),
    #[cfg(unix)]
    Forked(u32),
}

/// What a join finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// The process has exited like this.
    Exited(Exit),
    /// An earlier join has seen its exit.
    Before,
    /// The process is alive.
    Alive,
}

impl Child {
    /// Returns whether it exits in this time. Doesn't reap it.
    fn exits_within(&self, time: Duration) -> io::Result<bool> {
        match self {
            Child::Spawned(child) => supervisor::child_exits_within(child, time),
            #[cfg(unix)]
            Child::Forked(pid) => supervisor::exits_within(*pid, time),
        }
    }

    /// Waits until it exits, and reaps it.
    fn wait(&mut self) -> io::Result<Exit> {
        match self {
            Child::Spawned(child) => child.wait().map(supervisor::exit_of),
            #[cfg(unix)]
            Child::Forked(pid) => supervisor::wait_for_child(*pid),
        }
    }
}

impl Children {
    /// Takes three handles for each of these processes, which may be started later.
    pub(super) fn new(
        processes: &[ProcessIndex],
        handles: &mut impl Iterator<Item = Handle>,
    ) -> io::Result<Children> {
        let missing = || io::Error::other("a child's handle didn't come with the order");
        let stdio = processes
            .iter()
            .map(|process| {
                Ok((
                    *process,
                    Stdio3 {
                        link: handles.next().ok_or_else(missing)?,
                        stdout: handles.next().ok_or_else(missing)?,
                        stderr: handles.next().ok_or_else(missing)?,
                    },
                ))
            })
            .collect::<io::Result<_>>()?;
        Ok(Children {
            stdio,
            started: BTreeMap::new(),
            joined: BTreeSet::new(),
        })
    }

    /// Starts a process that executes the program of this one. Returns its process id.
    pub(super) fn spawn(&mut self, process: ProcessIndex) -> io::Result<u32> {
        let stdio = self.take_stdio(process)?;
        let child = supervisor::spawn(&Program::current()?, ProcessRole::Peer, stdio)?;
        let pid = child.id();
        self.started.insert(process, Child::Spawned(child));
        Ok(pid)
    }

    /// Starts a process as a copy of this one.
    pub(super) fn fork(&mut self, process: ProcessIndex) -> io::Result<Forked> {
        let stdio = self.take_stdio(process)?;
        let forked = system::fork(stdio)?;
        match &forked {
            #[cfg(unix)]
            Forked::Starter(pid) => {
                self.started.insert(process, Child::Forked(*pid));
            }
            #[cfg(windows)]
            Forked::Starter(_) => {}
            // The other children belong to the starter.
            Forked::Child(_) => {
                self.stdio.clear();
                self.started.clear();
                self.joined.clear();
            }
        }
        Ok(forked)
    }

    fn take_stdio(&mut self, process: ProcessIndex) -> io::Result<Stdio3> {
        self.stdio
            .remove(&process)
            .ok_or_else(|| io::Error::other("it was started before"))
    }

    /// Waits until a process exits, no longer than `wait` says.
    pub(super) fn join(&mut self, process: ProcessIndex, wait: Wait) -> io::Result<Joined> {
        if self.joined.contains(&process) {
            return Ok(Joined::Before);
        }
        let not_running = || io::Error::other("it isn't running");
        let child = self.started.get_mut(&process).ok_or_else(not_running)?;
        if let Some(time) = wait.limit()
            && !child.exits_within(time)?
        {
            return Ok(Joined::Alive);
        }
        let exit = child.wait()?;
        self.started.remove(&process);
        self.joined.insert(process);
        Ok(Joined::Exited(exit))
    }

    /// Returns the processes that were started and aren't joined yet.
    pub(super) fn running(&self) -> Vec<ProcessIndex> {
        self.started.keys().copied().collect()
    }
}
