//! Processes that this one starts.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::backend::Handle;
use crate::history::Exit;
use crate::os::supervisor::{self, Program, Role, Stdio3};
use crate::plan::ProcessIndex;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// What this process may start, and what it has started.
#[derive(Debug)]
pub(super) struct Children {
    kits: BTreeMap<ProcessIndex, Stdio3>,
    started: BTreeMap<ProcessIndex, Child>,
}

#[derive(Debug)]
enum Child {
    Spawned(std::process::Child),
    #[cfg(unix)]
    Forked(u32),
}

/// Which of the two a fork returned in.
#[cfg_attr(windows, expect(dead_code, reason = "nothing forks here"))]
pub(super) enum Forked {
    /// In the starter, which now has a child with this number.
    Starter(u32),
    /// In the child, which is to live by this.
    Child(Stdio3),
}

impl Children {
    /// The processes that may be started, with three handles each.
    pub(super) fn new(
        processes: &[ProcessIndex],
        handles: &mut impl Iterator<Item = Handle>,
    ) -> io::Result<Children> {
        let missing = || io::Error::other("a child's handle didn't come with the order");
        let kits = processes
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
            kits,
            started: BTreeMap::new(),
        })
    }

    /// Starts one as a fresh image of the program; its number in the operating system.
    pub(super) fn spawn(&mut self, process: ProcessIndex, program: &Path) -> io::Result<u32> {
        let kit = self.kit(process)?;
        let child = supervisor::spawn(&Program::from(program), Role::Peer, kit)?;
        let pid = child.id();
        self.started.insert(process, Child::Spawned(child));
        Ok(pid)
    }

    /// Starts one as a copy of this process.
    pub(super) fn fork(&mut self, process: ProcessIndex) -> io::Result<Forked> {
        let kit = self.kit(process)?;
        let forked = system::fork(kit)?;
        match &forked {
            #[cfg(unix)]
            Forked::Starter(pid) => {
                self.started.insert(process, Child::Forked(*pid));
            }
            #[cfg(windows)]
            Forked::Starter(_) => {}
            // The other children are the starter's.
            Forked::Child(_) => {
                self.kits.clear();
                self.started.clear();
            }
        }
        Ok(forked)
    }

    fn kit(&mut self, process: ProcessIndex) -> io::Result<Stdio3> {
        self.kits
            .remove(&process)
            .ok_or_else(|| io::Error::other("it was started before"))
    }

    /// Waits for one to exit.
    pub(super) fn join(&mut self, process: ProcessIndex) -> io::Result<Exit> {
        match self.started.remove(&process) {
            None => Err(io::Error::other("it isn't running")),
            Some(Child::Spawned(mut child)) => child.wait().map(supervisor::exit_of),
            #[cfg(unix)]
            Some(Child::Forked(pid)) => supervisor::wait_for_child(pid),
        }
    }

    /// Those that are started and not joined.
    pub(super) fn running(&self) -> Vec<ProcessIndex> {
        self.started.keys().copied().collect()
    }
}
