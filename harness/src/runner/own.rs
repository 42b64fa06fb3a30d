//! Runs a plan in the harness's own processes, on a backend of this program.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::failure::{Doing, RunFailure};
use super::interrupt;
use super::options::{Options, slowness};
use super::run_loop::{
    EventReply, Notice, Outlook, Pace, Processes, RunEnd, RunLoop, WaitingThread,
};
use super::session::Session;
use crate::adapter::protocol::Ask;
use crate::backend::{Backend, Handle};
use crate::history::{Ending, History, Operation};
use crate::os::link::{Arrival, HarnessLinks};
use crate::os::patience::{Patience, PatienceLeft};
use crate::os::supervisor::Member;
use crate::peer::log;
use crate::peer::wire::{self, Deposit, FromPeer, FromThread, ToPeer};
use crate::plan::{Plan, ProcessIndex, Start};

mod births;
mod collect;
mod deposits;
mod host;
mod log_watch;
mod peers;
mod setup;

use births::Births;
use collect::{Snapshot, collect};
use log_watch::LogWatch;
use peers::{HelperProcess, PeerProcesses, send};
use setup::Setup;

/// How long one wait for killed processes takes at most.
const DYING: Duration = Duration::from_millis(100);

/// Runs a plan. The run stalls if nothing moves for `stall`.
///
/// # Errors
/// The run fails, or the user interrupts it.
pub(super) fn run(
    plan: &Plan,
    outlook: Outlook,
    backend: &Arc<dyn Backend>,
    session: &Session,
    options: &Options,
    stall: Duration,
) -> Result<History, RunFailure> {
    let folder = session.run_folder();
    let mut processes = OwnProcesses::start(plan, backend, session, options, &folder)?;
    let pace = Pace::new(plan.deadline * slowness(), stall, stall);
    let end = RunLoop::new(plan, outlook, pace, &mut processes).run()?;
    processes.wait_for_helpers(stall)?;
    let history = processes.into_history(end, &folder)?;
    if interrupt::requested() {
        Err(RunFailure::Interrupted)
    } else {
        Ok(history)
    }
}

/// The processes of a run and their links and logs.
struct OwnProcesses<'a> {
    plan: &'a Plan,
    peers: PeerProcesses<'a>,
    post: HarnessLinks,
    arrivals: VecDeque<(usize, Arrival)>,
    watches: Vec<LogWatch>,
    births: Births,
    /// Taken when the harness ended the run, if it did.
    snapshot: Option<Snapshot>,
}

impl<'a> OwnProcesses<'a> {
    fn start(
        plan: &'a Plan,
        backend: &Arc<dyn Backend>,
        session: &'a Session,
        options: &Options,
        folder: &Path,
    ) -> Result<OwnProcesses<'a>, RunFailure> {
        let program = &options.program;
        let (mut peers, mut links) =
            PeerProcesses::prepare(plan, program, session).doing("preparing processes")?;
        let setup = Setup {
            plan,
            backend,
            folder,
        };
        let granted = setup.open(&mut peers)?;
        setup.give(&mut peers, &mut links, granted)?;
        links.extend(peers.helper_links());
        let watches = peers.peers.iter().map(|peer| LogWatch::new(&peer.log));
        Ok(OwnProcesses {
            plan,
            watches: watches.collect::<io::Result<_>>()?,
            post: HarnessLinks::new(links)?,
            peers,
            arrivals: VecDeque::new(),
            births: Births::none(plan.processes.len()),
            snapshot: None,
        })
    }

    fn receive(&mut self, number: usize, arrival: Arrival) -> Result<Option<Notice>, RunFailure> {
        let peers = self.peers.peers.len();
        match arrival {
            Arrival::Gone if number >= peers => self.peers.helper_is_gone(number - peers)?,
            // Helpers send no messages.
            Arrival::Frame(_) if number >= peers => {}
            Arrival::Gone => {
                self.peers.peer_is_gone(number)?;
                self.born(number);
                self.abandon_children(number);
                return Ok(Some(Notice::Gone(number)));
            }
            Arrival::Frame(frame) => {
                let said: FromThread<FromPeer> =
                    wire::message(&frame.body).doing("a process sent an invalid message")?;
                let by = WaitingThread {
                    process: number,
                    thread: said.thread,
                };
                return self.receive_word(by, said.word, frame.handles);
            }
        }
        Ok(None)
    }

    fn receive_word(
        &mut self,
        by: WaitingThread,
        word: FromPeer,
        handles: Vec<Handle>,
    ) -> Result<Option<Notice>, RunFailure> {
        let asked = |what| Ok(Some(Notice::Asked { by, what }));
        let peers = &mut self.peers.peers;
        match word {
            FromPeer::Alive { pid } => {
                peers[by.process].pid = Some(pid);
                self.born(by.process);
            }
            FromPeer::Spawned { process, pid } => {
                peers[process].pid = Some(pid);
                if let Some(link) = self.post.link(process) {
                    link.bind(pid)?;
                }
                if self.plan.processes[process].start == Start::Spawn
                    && let Some(by) = self.births.wait(process, by)
                {
                    self.reply(by, EventReply::Happened);
                }
            }
            FromPeer::Exited { process, exit } => peers[process].exit = Some(exit),
            FromPeer::HandlesSignals => peers[by.process].handles_signals = true,
            FromPeer::Started(step) => return Ok(Some(Notice::StepStarted(step))),
            FromPeer::Done(step) => return Ok(Some(Notice::StepDone(step))),
            FromPeer::Exposed => return Ok(Some(Notice::FaultExposed)),
            FromPeer::Due => return Ok(Some(Notice::FaultDue(by.process))),
            FromPeer::Ask(event) => return asked(Ask::Await(event)),
            FromPeer::Barrier(name) => return asked(Ask::Barrier(name)),
            FromPeer::Kill(targets) => return asked(Ask::Kill(targets)),
            FromPeer::Terminate(targets) => return asked(Ask::Terminate(targets)),
            FromPeer::Pause(targets) => return asked(Ask::Pause(targets)),
            FromPeer::Resume(targets) => return asked(Ask::Resume(targets)),
            FromPeer::Signal(processes, signal) => {
                return asked(Ask::Signal { processes, signal });
            }
            FromPeer::Deposit(deposits) => {
                self.forward(deposits, handles)?;
                self.reply(by, EventReply::Happened);
            }
            FromPeer::Refused(why) => {
                let name = self.plan.processes[by.process].name();
                return Err(RunFailure::Adapter(format!("{name}: {why}")));
            }
            FromPeer::Trouble(why) => {
                let name = self.plan.processes[by.process].thread_name(by.thread);
                return Err(RunFailure::Trouble(format!("{name}: {why}")));
            }
            FromPeer::Lacks(why) => {
                let name = self.plan.processes[by.process].thread_name(by.thread);
                return Err(RunFailure::Machine(format!("{name}: {why}")));
            }
        }
        Ok(None)
    }

    /// Lets the process go on that has spawned this one, which is born or gone.
    fn born(&mut self, process: ProcessIndex) {
        if let Some(by) = self.births.born(process) {
            self.reply(by, EventReply::Happened);
        }
    }

    /// Passes on ends that one process made for others, and keeps no handle of them.
    fn forward(&mut self, deposits: Vec<Deposit>, handles: Vec<Handle>) -> io::Result<()> {
        for (process, granted) in deposits::by_receiver(deposits, handles)? {
            let frame = wire::frame(&ToPeer::Ends(granted.notes), granted.handles);
            send(self.post.link(process), frame);
        }
        Ok(())
    }

    /// Abandons the links of the processes that this one hasn't started: no other process can.
    fn abandon_children(&mut self, starter: ProcessIndex) {
        let peers = self.peers.peers.iter().enumerate();
        for (process, peer) in peers {
            if self.plan.processes[process].starter == Some(starter)
                && peer.pid.is_none()
                && let Some(link) = self.post.link(process)
            {
                link.abandon();
            }
        }
    }

    /// Waits for the backend's helpers, which exit by themselves once all ends are closed.
    fn wait_for_helpers(&mut self, limit: Duration) -> Result<(), RunFailure> {
        let mut patience = Patience::start(limit, self.others());
        while !self.others().is_empty() {
            self.wait(patience.next_look())?;
            while self.next_notice()?.is_some() {}
            match patience.look_if_due(|| self.others()) {
                PatienceLeft::Some => {}
                PatienceLeft::Over => break,
                PatienceLeft::TooSlow => return Err(RunFailure::TooSlow(patience.figures())),
            }
        }
        Ok(())
    }

    fn into_history(self, end: RunEnd, folder: &Path) -> Result<History, RunFailure> {
        collect(self.peers, end, self.snapshot, folder)
    }
}

impl Processes for OwnProcesses<'_> {
    type Error = RunFailure;
    type Snapshot = Snapshot;

    /// Messages are no sign that the run moves: the logs show that.
    fn wait(&mut self, until: Instant) -> Result<bool, RunFailure> {
        self.arrivals.extend(self.post.wait(Some(until))?);
        self.peers.check_output(self.plan)?;
        Ok(false)
    }

    fn next_notice(&mut self) -> Result<Option<Notice>, RunFailure> {
        while let Some((number, arrival)) = self.arrivals.pop_front() {
            let notice = self.receive(number, arrival)?;
            if notice.is_some() {
                return Ok(notice);
            }
        }
        Ok(None)
    }

    fn reply(&mut self, WaitingThread { process, thread }: WaitingThread, reply: EventReply) {
        let order = match reply {
            EventReply::Happened => ToPeer::Happened { thread },
            EventReply::Impossible => ToPeer::Impossible { thread },
        };
        send(self.post.link(process), wire::frame(&order, Vec::new()));
    }

    fn is_over(&self) -> bool {
        self.peers.peers.iter().all(|peer| peer.gone)
    }

    fn is_gone(&self, process: ProcessIndex) -> bool {
        self.peers.peers[process].gone
    }

    fn pid(&self, process: ProcessIndex) -> Option<u32> {
        let peer = &self.peers.peers[process];
        peer.pid.filter(|_| !peer.gone)
    }

    /// The process that the harness started leads the group of all that descend from it. A process that
    /// isn't born can't be stopped: the one that has spawned it would stand still too.
    fn signalled(&self, process: ProcessIndex) -> Option<Member> {
        if self.births.is_under_way(process) {
            return None;
        }
        let starter = |process: &ProcessIndex| self.plan.processes[*process].starter;
        let leader = std::iter::successors(Some(process), starter).last()?;
        let group = &self.peers.peers[leader].running.as_ref()?.group;
        Member::of(group, self.pid(process)?)
    }

    fn handles_signals(&self, process: ProcessIndex) -> bool {
        self.peers.peers[process].handles_signals
    }

    fn is_child(&self, process: ProcessIndex) -> bool {
        self.peers.peers[process].running.is_some()
    }

    fn refresh(&mut self, process: ProcessIndex) -> Result<bool, RunFailure> {
        Ok(self.watches[process].has_moved()?)
    }

    fn pending(&self, process: ProcessIndex) -> impl Iterator<Item = &Operation> {
        self.watches[process].pending()
    }

    fn operations(&self, process: ProcessIndex) -> Result<Cow<'_, [Operation]>, RunFailure> {
        let recorded = log::read(&self.peers.peers[process].log)?;
        Ok(Cow::Owned(recorded.operations))
    }

    fn others(&self) -> Vec<u32> {
        let helpers = self.peers.helpers.iter();
        let living = helpers.filter(|helper| !helper.gone);
        living.map(HelperProcess::pid).collect()
    }

    fn snapshot(&mut self) -> Result<Snapshot, RunFailure> {
        Ok(Snapshot::take(&self.peers)?)
    }

    fn end(&mut self, _ending: Ending, snapshot: Snapshot) -> Result<(), RunFailure> {
        self.snapshot = Some(snapshot);
        self.peers.kill_all();
        Ok(())
    }

    fn wait_for_end(&mut self) -> Result<(), RunFailure> {
        self.wait(Instant::now() + DYING).map(drop)
    }
}
