//! The steps that create processes and channels: start, join and open.

use std::cell::OnceCell;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::children::{Forked, Joined};
use super::log_and_link::LogAndLink;
use super::startup;
use super::thread::{StepResult, Thread};
use super::trouble::trouble_of;
use crate::backend::{Failure, Host, Outcome, Parcel, Wait};
use crate::history::OperationKind;
use crate::mutant;
use crate::os::folder::make;
use crate::os::link::PeerLink;
use crate::os::supervisor::Stdio3;
use crate::peer::log::BeginRecord;
use crate::peer::wire::{Deposit, EndNote, FromPeer, ParcelNote};
use crate::plan::{End, GivenEnd, ProcessIndex, Start, Step};

impl Thread<'_> {
    pub(super) fn start(&mut self, step: &Step, process: ProcessIndex) -> StepResult {
        let how = self.plan.processes[process].start;
        let begin = BeginRecord::of(step.id, OperationKind::Start);
        self.operate(begin, |thread| {
            let resources = thread.resources()?;
            match how {
                Start::Spawn => {
                    let pid = resources.children.spawn(process)?;
                    thread.tell_and_wait(&FromPeer::Spawned { process, pid })
                }
                Start::Fork => match resources.children.fork(process)? {
                    Forked::Starter(pid) => Ok(thread.tell(&FromPeer::Spawned { process, pid })?),
                    Forked::Child(stdio) => thread.become_child(stdio),
                },
                Start::Forkserver => Err(Failure::refused("there is no fork server here")),
            }
        })
        .map(drop)
    }

    /// Continues as a forked child. All descriptors of the starter stay open, as after any fork. The
    /// library doesn't close the starter's ends, because they belong to the starter.
    fn become_child(&mut self, stdio: Stdio3) -> ! {
        let vars = std::mem::take(&mut self.bindings.vars);
        std::mem::forget(std::mem::take(&mut self.ends));
        // Each link must close when its own process exits, also if this one lives longer.
        self.log_and_link = LogAndLink::Left;
        let code = PeerLink::from_handle(stdio.link)
            .and_then(|link| startup::live(&self.resources()?.registry, link, Some(vars)));
        std::process::exit(code.unwrap_or_else(|error| trouble_of(&error, &error.to_string())))
    }

    pub(super) fn join(&mut self, step: &Step, process: ProcessIndex, wait: Wait) -> StepResult {
        let begin = BeginRecord::of(step.id, OperationKind::Join);
        let wait = mutant::join_wait(self.backend.as_ref(), self.plan.seed, wait);
        self.operate(begin, |thread| match thread.wait_for(process, wait)? {
            true => Ok(()),
            false => Err(Failure::new(Outcome::Timeout, "the process is alive")),
        })
        .map(drop)
    }

    /// Waits for a process that this one started, no longer than `wait` says. Reports its exit to the
    /// harness the first time that it sees it. Returns whether the process has exited.
    pub(super) fn wait_for(&mut self, process: ProcessIndex, wait: Wait) -> io::Result<bool> {
        match self.resources()?.children.join(process, wait)? {
            Joined::Exited(exit) => self.tell(&FromPeer::Exited { process, exit })?,
            Joined::Before => {}
            Joined::Alive => return Ok(false),
        }
        Ok(true)
    }

    /// Opens a channel, attaches to this process's ends of it, and sends the other ends to their
    /// processes.
    pub(super) fn open(&mut self, step: &Step, channel: usize) -> StepResult {
        let begin = BeginRecord::of(step.id, OperationKind::Open);
        self.operate(begin, |thread| thread.open_and_hand_over(channel))
            .map(drop)
    }

    fn open_and_hand_over(&mut self, channel: usize) -> Result<(), Failure> {
        let plan = Arc::clone(&self.plan);
        let backend = Arc::clone(&self.backend);
        let mut host = PeerHost {
            folder: self.resources()?.folder.clone(),
            made: OnceCell::new(),
            seed: plan.seed,
        };
        let opened = backend.open(&(&plan.channels[channel]).into(), &mut host);
        if let Some(error) = host.made.take().flatten() {
            return Err(error.into());
        }
        let mut opened = opened?;
        let (mut own, mut deposits, mut handles) = (Vec::new(), Vec::new(), Vec::new());
        for (process, given) in ends_of(&plan, channel) {
            if process == self.me {
                own.push((given, opened.keep(given.into())?));
            } else {
                let parcel = ParcelNote::of(opened.grant(given.into())?, &mut handles);
                deposits.push(Deposit {
                    process,
                    end: EndNote {
                        end: given.end,
                        parcel,
                    },
                });
            }
        }
        opened.ready(&mut host)?;
        for (given, parcel) in own {
            self.attach(given, parcel)?;
        }
        self.tell_with(&FromPeer::Deposit(deposits), handles)?;
        self.wait_for_answer()
    }

    fn attach(&mut self, given: GivenEnd, parcel: Parcel) -> Result<(), Failure> {
        let end: End = given.end;
        let attached = startup::attach(self.backend.as_ref(), &self.plan, given, parcel)?;
        self.ends.insert(end, attached);
        Ok(())
    }
}

/// Returns the ends of a channel, each with the process that is given it.
fn ends_of(
    plan: &crate::plan::Plan,
    channel: usize,
) -> impl Iterator<Item = (ProcessIndex, GivenEnd)> {
    plan.processes
        .iter()
        .enumerate()
        .flat_map(move |(index, process)| {
            let of_channel = process
                .ends
                .iter()
                .filter(move |given| given.end.channel == channel);
            of_channel.map(move |given| (index, *given))
        })
}

/// The host of a channel that a process of the plan opens.
struct PeerHost {
    folder: PathBuf,
    /// Why the folder can't be made, if it can't.
    made: OnceCell<Option<io::Error>>,
    seed: u64,
}

impl Host for PeerHost {
    fn folder(&self) -> &Path {
        // Created only when a backend needs it. If this fails, the backend's use of it fails.
        let _ = self.made.get_or_init(|| make(&self.folder).err());
        &self.folder
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn start_helper(&mut self, _parcel: Parcel) -> io::Result<()> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "only the harness can open a channel with a helper process",
        ))
    }
}
