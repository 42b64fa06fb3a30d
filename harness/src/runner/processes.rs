//! The processes of one run: links, logs and outputs up front, then real processes, then nothing.

use std::fs::File;
use std::io;

use super::Session;
use super::stops::Stops;
use crate::backend::{Handle, Key, Parcel};
use crate::history::{Exit, KernelView, Residue};
use crate::os::inheritance::Births;
use crate::os::link::{self, Frame, HarnessLink};
use crate::os::supervisor::{self, Program, Role, Running, Stdio3};
use crate::os::{clock, scratch};
use crate::peer::log::{self, Recorded};
use crate::peer::wire::{self, Order, ParcelNote};
use crate::plan::{Plan, ProcessIndex};

/// All processes of one run. Dropped, it kills what is left of them.
pub(super) struct Processes<'session> {
    session: &'session Session,
    program: Program,
    pub(super) peers: Vec<Peer>,
    pub(super) helpers: Vec<Helper>,
    /// When the harness ended the run, if it did.
    pub(super) ended: Option<u64>,
    /// When processes were stopped.
    pub(super) stops: Stops,
    /// What they were doing when the harness ended the run, as the operating system sees it.
    pub(super) kernel: Vec<KernelView>,
}

/// A process of the plan.
pub(super) struct Peer {
    pub(super) log: File,
    /// What stood in the log when the harness ended the run.
    recorded: Option<Recorded>,
    pub(super) stdout: File,
    pub(super) stderr: File,
    /// The process's end of its link, until somebody is given it.
    link: Option<Handle>,
    /// The process itself, where the supervisor started it.
    pub(super) running: Option<Running>,
    /// Its number in the operating system, once that is known.
    pub(super) pid: Option<u32>,
    pub(super) exit: Option<Exit>,
    /// Whether a step had it killed.
    pub(super) killed: bool,
    pub(super) gone: bool,
    /// Whether it still lived when the harness ended the run.
    pub(super) ended: bool,
}

impl Peer {
    /// What it did, as far as that was its own doing.
    pub(super) fn recorded(&mut self) -> io::Result<Recorded> {
        match self.recorded.take() {
            Some(recorded) => Ok(recorded),
            None => log::read(&self.log),
        }
    }
}

/// A backend's helper process.
pub(super) struct Helper {
    running: Running,
    pub(super) stderr: File,
    link: Option<HarnessLink>,
    pub(super) gone: bool,
}

impl<'session> Processes<'session> {
    /// Everything that must exist before the first process does, and the harness's end of each
    /// process's link.
    pub(super) fn prepare(
        plan: &Plan,
        program: &Program,
        session: &'session Session,
    ) -> io::Result<(Processes<'session>, Vec<HarnessLink>)> {
        let prepared: Vec<(Peer, HarnessLink)> = plan
            .processes
            .iter()
            .map(|_| prepare())
            .collect::<io::Result<_>>()?;
        let (peers, links) = prepared.into_iter().unzip();
        let program = program.clone();
        Ok((
            Processes {
                session,
                program,
                peers,
                helpers: Vec::new(),
                ended: None,
                stops: Stops::default(),
                kernel: Vec::new(),
            },
            links,
        ))
    }

    /// The three handles with which a process is to be started, for whoever starts it.
    pub(super) fn stdio(&mut self, process: ProcessIndex) -> io::Result<Stdio3> {
        let peer = &mut self.peers[process];
        Ok(Stdio3 {
            link: peer
                .link
                .take()
                .ok_or_else(|| io::Error::other("it has a starter already"))?,
            stdout: peer.stdout.try_clone()?.into(),
            stderr: peer.stderr.try_clone()?.into(),
        })
    }

    /// Starts a process that no other one starts. It waits for its plan.
    pub(super) fn start(&mut self, process: ProcessIndex) -> io::Result<u32> {
        let stdio = self.stdio(process)?;
        let running = supervisor::spawn_leader(&self.program, Role::Peer, stdio)?;
        let pid = running.pid();
        let group = running.group.clone();
        self.peers[process].running = Some(running);
        self.peers[process].pid = Some(pid);
        self.session.register(&group)?;
        Ok(pid)
    }

    /// Starts a backend's helper. No interruption kills it, and the guard only when it stays: it goes
    /// when all that it serves have gone, and may have to clean up behind them.
    pub(super) fn start_helper(&mut self, backend: &Key, parcel: Parcel) -> io::Result<()> {
        let (mut link, peer) = link::pair()?;
        let stderr = scratch::file()?;
        let output: Handle = stderr.try_clone()?.into();
        let stdio = Stdio3 {
            link: peer,
            stdout: output.try_clone()?,
            stderr: output,
        };
        let births = Births::begin();
        let running = supervisor::spawn_leader(&self.program, Role::Helper, stdio)?;
        let pid = running.pid();
        let group = running.group.clone();
        self.helpers.push(Helper {
            running,
            stderr,
            link: None,
            gone: false,
        });
        link.bind(pid)?;
        link.wait_for_birth()?;
        drop(births);
        let mut handles = vec![self.session.register_helper(&group)?];
        let parcel = ParcelNote::of(parcel, &mut handles);
        link.send(wire::frame(
            &Order::Help {
                backend: backend.clone(),
                parcel,
            },
            handles,
        ))?;
        if let Some(helper) = self.helpers.last_mut() {
            helper.link = Some(link);
        }
        Ok(())
    }

    /// The harness's ends of the helpers' links, to be watched behind those of the processes.
    pub(super) fn helper_links(&mut self) -> impl Iterator<Item = HarnessLink> {
        self.helpers
            .iter_mut()
            .filter_map(|helper| helper.link.take())
    }

    /// A process's link is gone, so it is exiting, and can't be killed any more; or else it has lost
    /// its link, which was not the library's to close, and nobody would see it exit.
    pub(super) fn peer_is_gone(&mut self, process: ProcessIndex) -> io::Result<()> {
        let peer = &mut self.peers[process];
        peer.gone = true;
        self.stops.gone(process);
        if let Some(running) = &mut peer.running {
            running.kill();
            peer.exit = Some(running.wait()?);
        }
        Ok(())
    }

    /// The same for a helper.
    pub(super) fn helper_is_gone(&mut self, helper: usize) -> io::Result<()> {
        let helper = &mut self.helpers[helper];
        helper.gone = true;
        helper.running.kill();
        helper.running.wait().map(drop)
    }

    /// Kills one process, for a step's sake.
    pub(super) fn kill(&mut self, process: ProcessIndex) {
        let peer = &mut self.peers[process];
        if peer.gone {
            return;
        }
        peer.killed = true;
        self.stops.end(process);
        match (&mut peer.running, peer.pid) {
            (Some(running), _) => running.kill(),
            (None, Some(pid)) => supervisor::kill(pid),
            (None, None) => {}
        }
    }

    /// Stops one process, and returns when it is stopped; false where it has none to stop any
    /// more, or not yet.
    pub(super) fn pause(&mut self, process: ProcessIndex) -> io::Result<bool> {
        let peer = &mut self.peers[process];
        let (Some(pid), false) = (peer.pid, peer.gone) else {
            return Ok(false);
        };
        if self.stops.is_stopped(process) {
            return Ok(true);
        }
        let is_stopped = supervisor::pause::stop(pid, peer.running.is_some())?;
        if is_stopped {
            self.stops.begin(process);
        }
        Ok(is_stopped)
    }

    /// Has a stopped process go on.
    pub(super) fn resume(&mut self, process: ProcessIndex) {
        let pid = self.peers[process].pid;
        if let (true, Some(pid)) = (self.stops.end(process), pid) {
            supervisor::pause::go_on(pid);
        }
    }

    /// Reads what all processes have done so far, because the run is over: those that are killed
    /// last see the others go.
    pub(super) fn record(&mut self) -> io::Result<()> {
        for peer in &mut self.peers {
            peer.recorded = Some(log::read(&peer.log)?);
            peer.ended = peer.pid.is_some() && !peer.gone;
        }
        self.ended = Some(clock::now());
        Ok(())
    }

    /// Kills all processes of the plan, having looked what they wait in.
    pub(super) fn end(&mut self) {
        let peers = self.peers.iter().enumerate();
        let living = peers.filter(|(_, peer)| !peer.gone);
        let living: Vec<(ProcessIndex, u32)> = living
            .filter_map(|(process, peer)| Some((process, peer.pid?)))
            .collect();
        self.kernel = supervisor::kernel::views(&living);
        let groups = self.peers.iter().filter_map(|peer| peer.running.as_ref());
        groups.for_each(|running| running.group.kill());
    }

    /// What is left though all processes of the plan are gone; it is killed.
    pub(super) fn clear(&mut self) -> Vec<Residue> {
        let known: Vec<u32> = self.peers.iter().filter_map(|peer| peer.pid).collect();
        let mut left = Vec::new();
        for (process, peer) in self.peers.iter_mut().enumerate() {
            let Some(running) = peer.running.take() else {
                continue;
            };
            let group = running.group.clone();
            if clear(running, peer.gone, &known) {
                left.push(Residue::Process { of: Some(process) });
            }
            self.session.forget(&group);
        }
        for helper in self.helpers.drain(..) {
            let group = helper.running.group.clone();
            if clear(helper.running, helper.gone, &known) || !helper.gone {
                left.push(Residue::Process { of: None });
            }
            self.session.forget_helper(&group);
        }
        left
    }
}

impl Drop for Processes<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Kills and reaps a leader and its group; only then may the guard forget the group. Whether
/// anybody but these was left of it when its leader was gone by itself.
fn clear(mut running: Running, gone: bool, known: &[u32]) -> bool {
    if !gone {
        running.group.kill();
    }
    // It is gone or was killed: this doesn't block, and how it exited nobody asks.
    let _ = running.reap();
    // From here on its number is free, unless somebody is left in its group.
    let others = running.group.others(known);
    running.group.kill();
    others
}

fn prepare() -> io::Result<(Peer, HarnessLink)> {
    let (harness, link) = link::pair()?;
    let peer = Peer {
        log: log::create()?,
        recorded: None,
        stdout: scratch::file()?,
        stderr: scratch::file()?,
        link: Some(link),
        running: None,
        pid: None,
        exit: None,
        killed: false,
        gone: false,
        ended: false,
    };
    Ok((peer, harness))
}

/// A frame for the link of a process that may be gone: what can't be sent then nobody misses.
pub(super) fn send(link: Option<&mut HarnessLink>, frame: Frame) {
    if let Some(link) = link {
        let _ = link.send(frame);
    }
}
