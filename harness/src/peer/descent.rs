//! Steps that make processes and channels: start, join, open.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::children::{Children, Forked};
use super::desk::Desk;
use super::given;
use super::interpreter::{Done, Thread};
use crate::backend::{End, Failure, GivenEnd, Host, Parcel};
use crate::history::OperationKind;
use crate::os::link::PeerLink;
use crate::os::supervisor::Stdio3;
use crate::peer::log::Begin;
use crate::peer::wire::{Deposit, EndNote, ParcelNote, Word};
use crate::plan::{ProcessIndex, Start, Step};
use crate::registry::Registry;

/// What a process has beside what its threads have.
pub(super) struct Whole {
    pub(super) registry: Registry,
    /// What the processes that it starts execute.
    pub(super) program: PathBuf,
    /// For names and files of channels that it opens.
    pub(super) folder: PathBuf,
    pub(super) children: Children,
    pub(super) descriptors_before: Option<u64>,
}

impl Thread<'_> {
    /// What only the process itself has.
    pub(super) fn whole(&mut self) -> io::Result<&mut Whole> {
        let threads = || io::Error::other("only a process itself does this, and not its threads");
        self.whole.as_mut().ok_or_else(threads)
    }

    pub(super) fn start(&mut self, step: &Step, process: ProcessIndex) -> Done {
        let how = self.plan.processes[process].start;
        let begin = Begin::of(step.id, OperationKind::Start);
        self.operate(begin, |thread| {
            let whole = thread.whole()?;
            let pid = match how {
                Start::Spawn => whole.children.spawn(process, &whole.program)?,
                Start::Fork => match whole.children.fork(process)? {
                    Forked::Starter(pid) => pid,
                    Forked::Child(kit) => thread.become_child(kit),
                },
                Start::Forkserver => {
                    return Err(Failure::refused("there is no fork server here"));
                }
            };
            Ok(thread.tell(&Word::Spawned { process, pid })?)
        })
        .map(drop)
    }

    /// Goes on as a forked child. What the starter had open stays open, as fork has it; nothing
    /// of it is closed in the library's way, for it is the starter's.
    fn become_child(&mut self, kit: Stdio3) -> ! {
        let vars = std::mem::take(&mut self.scope.vars);
        std::mem::forget(std::mem::take(&mut self.ends));
        let lived = PeerLink::from_handle(kit.link).and_then(|link| {
            let link = self.leave_starter(link)?;
            given::live(&self.whole()?.registry, link, Some(vars))
        });
        std::process::exit(lived.unwrap_or_else(|error| {
            super::complain(&error.to_string());
            super::TROUBLE
        }))
    }

    /// Lets go of the starter's own link, so that its end is seen when the starter exits.
    fn leave_starter(&mut self, own: PeerLink) -> io::Result<PeerLink> {
        if let Desk::Own { link, .. } = &mut self.desk {
            *link = own.try_clone()?;
        }
        Ok(own)
    }

    pub(super) fn join(&mut self, step: &Step, process: ProcessIndex) -> Done {
        let begin = Begin::of(step.id, OperationKind::Join);
        self.operate(begin, |thread| Ok(thread.wait_for(process)?))
            .map(drop)
    }

    /// Waits for a process that this one started, and tells the harness how it exited.
    pub(super) fn wait_for(&mut self, process: ProcessIndex) -> io::Result<()> {
        let exit = self.whole()?.children.join(process)?;
        self.tell(&Word::Exited { process, exit })
    }

    /// Makes a channel, takes the own ends of it, and hands the others over.
    pub(super) fn open(&mut self, step: &Step, channel: usize) -> Done {
        let begin = Begin::of(step.id, OperationKind::Open);
        self.operate(begin, |thread| thread.open_and_hand_over(channel))
            .map(drop)
    }

    fn open_and_hand_over(&mut self, channel: usize) -> Result<(), Failure> {
        let plan = Arc::clone(&self.plan);
        let backend = Arc::clone(&self.backend);
        let mut host = PeerHost {
            folder: self.whole()?.folder.clone(),
            seed: plan.seed,
        };
        let mut opened = backend.open(&(&plan.channels[channel]).into(), &mut host)?;
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
        self.tell_with(&Word::Deposit(deposits), handles)?;
        self.wait_for_answer()
    }

    fn attach(&mut self, given: GivenEnd, parcel: Parcel) -> Result<(), Failure> {
        let end: End = given.end;
        let attached = given::attach(self.backend.as_ref(), &self.plan, given, parcel)?;
        self.ends.insert(end, attached);
        Ok(())
    }
}

/// Who is given which end of a channel.
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

/// What a channel's opener is offered where it is a process of the plan.
struct PeerHost {
    folder: PathBuf,
    seed: u64,
}

impl Host for PeerHost {
    fn folder(&self) -> &Path {
        // Made only where somebody wants it; whoever can't use it finds out himself.
        let _ = std::fs::create_dir(&self.folder);
        &self.folder
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn start_helper(&mut self, _parcel: Parcel) -> io::Result<()> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "a channel with a helper process can be opened by the supervisor only",
        ))
    }
}
