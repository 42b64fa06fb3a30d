//! One run: from a plan to its history.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::blocked::is_blocked_in;
use super::collect::collect;
use super::coordination::{Answer, Asker, Coordination};
use super::fault::{Doing, Fault};
use super::outlook::Outlook;
use super::pace::Pace;
use super::processes::{Processes, send};
use super::setup::{Given, Setup};
use super::sweep::Sweep;
use super::watch::Watch;
use super::{Options, Session, interrupt, slowness};
use crate::backend::{Backend, Handle};
use crate::history::rest::{LATENESS, is_rest};
use crate::history::{Ending, History};
use crate::os::clock;
use crate::os::link::{Arrival, Post};
use crate::os::supervisor::is_busy;
use crate::peer::log;
use crate::peer::wire::{self, Deposit, EndNote, Order, ParcelNote, Said, Word};
use crate::plan::{self, Plan, ProcessIndex};

/// Runs the plan, whose processes may stand still for `stall`.
pub(super) fn execute(
    plan: &Plan,
    outlook: Outlook,
    backend: &Arc<dyn Backend>,
    session: &Session,
    options: &Options,
    stall: Duration,
) -> Result<History, Fault> {
    let folder = session.run_folder();
    let program = &options.program;
    let (mut processes, mut links) =
        Processes::prepare(plan, program, session).doing("preparing processes")?;
    let setup = Setup {
        plan,
        backend,
        folder: &folder,
        program,
    };
    let gives = setup.open(&mut processes)?;
    setup.give(&mut processes, &mut links, gives)?;
    links.extend(processes.helper_links());
    let watches = processes.peers.iter().map(|peer| Watch::new(&peer.log));
    let mut run = Run {
        plan,
        watches: watches.collect::<io::Result<_>>()?,
        coordination: Coordination::new(plan),
        post: Post::new(links)?,
        kills: Vec::new(),
        sweep: Sweep::new(plan.fault),
        outlook,
        processes,
    };
    let ending = run.watch(stall)?;
    run.wait_for_helpers(stall)?;
    let history = collect(run.processes, ending, &folder)?;
    if interrupt::requested() {
        Err(Fault::Interrupted)
    } else {
        Ok(history)
    }
}

/// A run whose processes live.
struct Run<'a> {
    plan: &'a Plan,
    processes: Processes<'a>,
    post: Post,
    coordination: Coordination,
    watches: Vec<Watch>,
    /// Who waits for which processes to be gone, having had them killed.
    kills: Vec<(Asker, Vec<ProcessIndex>)>,
    sweep: Sweep,
    outlook: Outlook,
}

impl Run<'_> {
    /// Serves the processes until all are gone.
    fn watch(&mut self, stall: Duration) -> Result<Ending, Fault> {
        let mut ending = Ending::Completed;
        let mut pace = Pace::new(self.plan.deadline * slowness(), stall);
        while self.processes.peers.iter().any(|peer| !peer.gone) {
            self.serve(pace.next())?;
            if !pace.is_due() || ending != Ending::Completed {
                continue;
            }
            pace.look(self.has_moved()?);
            if pace.is_quiet()
                && let Some((process, waits)) = self.sweep.end()
            {
                self.processes.resume(process);
                if waits {
                    // No sweep strikes at threads.
                    let whole = Asker { process, thread: 0 };
                    self.tell(whole, Answer::Happened);
                }
                pace.moves();
                continue;
            }
            let Some(over) = pace.ending(|| self.is_at_rest()) else {
                continue;
            };
            self.processes.record()?;
            if !pace.is_over() && self.has_moved()? {
                // It wasn't at rest after all.
                pace.moves();
                continue;
            }
            ending = over;
            self.processes.end();
        }
        Ok(ending)
    }

    /// Hears what processes say, and answers those whose wait is over, until this moment at most.
    fn serve(&mut self, until: Instant) -> Result<(), Fault> {
        let now = clock::now();
        let looks = [self.coordination.next_look(now), self.sweep.next_look(now)];
        let look = looks.into_iter().flatten().min();
        let look = look.map(|at| Instant::now() + Duration::from_nanos(at - now));
        let wake = look.map_or(until, |look| until.min(look));
        let arrivals = self.post.wait(Some(wake))?;
        self.processes.stops.note_late(wake);
        for (number, arrival) in arrivals {
            self.take(number, arrival)?;
        }
        self.answer()?;
        self.look_inside()
    }

    fn has_moved(&mut self) -> io::Result<bool> {
        let now = clock::now();
        // A sweep's pause isn't over before it shows that others are held up by it.
        let grace = if self.sweep.is_stopped() { LATENESS } else { 0 };
        let mut moves = false;
        let Processes { peers, stops, .. } = &self.processes;
        for (process, (watch, peer)) in self.watches.iter_mut().zip(peers).enumerate() {
            if !peer.gone && !stops.is_stopped(process) {
                let will_move =
                    |watch: &Watch| watch.will_move(peer.pid, &self.outlook, now, grace);
                moves |= watch.has_moved()? || will_move(watch);
            }
        }
        Ok(moves)
    }

    /// Whether nothing more is expected to happen.
    fn is_at_rest(&self) -> bool {
        let Processes { peers, stops, .. } = &self.processes;
        let peers = self.watches.iter().zip(peers).enumerate();
        // Those that nobody has started yet don't move by themselves.
        let living = peers.filter(|(_, (_, peer))| !peer.gone && peer.pid.is_some());
        is_rest(living.flat_map(|(process, (watch, _))| {
            watch.standings(&self.outlook, stops.is_stopped(process))
        }))
    }

    /// Brings about the plan's fault inside an operation that has been blocked for long enough.
    fn look_inside(&mut self) -> Result<(), Fault> {
        let Some(process) = self.sweep.exposed() else {
            return Ok(());
        };
        let peer = &self.processes.peers[process];
        let seen = log::read(&peer.log)?;
        let is_busy = || peer.pid.is_some_and(is_busy);
        match self.sweep.inside(&seen.operations, clock::now(), is_busy) {
            None => {}
            Some(plan::Fault::Kill) => self.processes.kill(process),
            Some(plan::Fault::Pause) => self.strike(process, false)?,
        }
        Ok(())
    }

    /// Stops a process for the sweep's sake; it may wait to be told that it goes on.
    fn strike(&mut self, process: ProcessIndex, waits: bool) -> io::Result<()> {
        if self.processes.pause(process)? {
            self.sweep.stopped(waits);
        }
        Ok(())
    }

    fn take(&mut self, number: usize, arrival: Arrival) -> Result<(), Fault> {
        let peers = self.processes.peers.len();
        match arrival {
            Arrival::Gone if number >= peers => self.processes.helper_is_gone(number - peers)?,
            // Helpers have nothing to say.
            Arrival::Frame(_) if number >= peers => {}
            Arrival::Gone => {
                self.processes.peer_is_gone(number)?;
                self.coordination.gone(number);
                self.abandon_children(number);
            }
            Arrival::Frame(frame) => {
                let said: Said<Word> =
                    wire::message(&frame.body).doing("a process spoke nonsense")?;
                let by = Asker {
                    process: number,
                    thread: said.thread,
                };
                self.hear(by, said.word, frame.handles)?;
            }
        }
        Ok(())
    }

    /// Nobody will start those any more that only this process could have started.
    fn abandon_children(&mut self, starter: ProcessIndex) {
        let peers = self.processes.peers.iter().enumerate();
        for (process, peer) in peers {
            if self.plan.processes[process].starter == Some(starter)
                && peer.pid.is_none()
                && let Some(link) = self.post.link(process)
            {
                link.abandon();
            }
        }
    }

    fn hear(&mut self, by: Asker, word: Word, handles: Vec<Handle>) -> Result<(), Fault> {
        let peers = &mut self.processes.peers;
        match word {
            Word::Alive { pid } => peers[by.process].pid = Some(pid),
            Word::Spawned { process, pid } => {
                peers[process].pid = Some(pid);
                if let Some(link) = self.post.link(process) {
                    link.bind(pid)?;
                }
            }
            Word::Exited { process, exit } => peers[process].exit = Some(exit),
            Word::Started(step) => self.coordination.started(step, clock::now()),
            Word::Done(step) => self.coordination.done(step),
            Word::Ask(event) => self.coordination.ask(by, event),
            Word::Barrier(name) => {
                for waiting in self.coordination.barrier(by, &name) {
                    self.tell(waiting, Answer::Happened);
                }
            }
            Word::Kill(targets) => {
                targets
                    .iter()
                    .for_each(|target| self.processes.kill(*target));
                self.kills.push((by, targets));
            }
            Word::Pause(targets) => {
                let mut all = true;
                for target in targets {
                    all &= self.processes.pause(target)?;
                }
                let answer = if all {
                    Answer::Happened
                } else {
                    Answer::Impossible
                };
                self.tell(by, answer);
            }
            Word::Resume(targets) => {
                targets
                    .iter()
                    .for_each(|target| self.processes.resume(*target));
                self.tell(by, Answer::Happened);
            }
            Word::Exposed => self.sweep.expose(),
            Word::Due => self.strike(by.process, true)?,
            Word::Deposit(deposits) => {
                self.forward(deposits, handles)?;
                self.tell(by, Answer::Happened);
            }
            Word::Trouble(why) => {
                let name = self.plan.processes[by.process].thread_name(by.thread);
                return Err(Fault::Trouble(format!("{name}: {why}")));
            }
        }
        Ok(())
    }

    /// Hands ends on that one process made for others, and keeps nothing of them.
    fn forward(&mut self, deposits: Vec<Deposit>, handles: Vec<Handle>) -> io::Result<()> {
        let mut handles = handles.into_iter();
        let mut parcels: Vec<(ProcessIndex, Given)> = Vec::new();
        for Deposit { process, end } in deposits {
            let parcel = end.parcel.parcel(&mut handles)?;
            if parcels.last().is_none_or(|(last, _)| *last != process) {
                parcels.push((process, Given::default()));
            }
            if let Some((_, given)) = parcels.last_mut() {
                let parcel = ParcelNote::of(parcel, &mut given.handles);
                given.notes.push(EndNote {
                    end: end.end,
                    parcel,
                });
            }
        }
        for (process, given) in parcels {
            let frame = wire::frame(&Order::Ends(given.notes), given.handles);
            send(self.post.link(process), frame);
        }
        Ok(())
    }

    /// Answers those whose wait is over.
    fn answer(&mut self) -> io::Result<()> {
        let now = clock::now();
        let watches = &mut self.watches;
        let peers = &self.processes.peers;
        let mut is_blocked = |process: ProcessIndex, step| -> io::Result<bool> {
            let is_busy = || peers[process].pid.is_some_and(is_busy);
            let pending = watches[process].pending()?;
            Ok(is_blocked_in(step, pending, now, is_busy))
        };
        let mut failed = None;
        let answers = self.coordination.answers(now, |process, step| {
            is_blocked(process, step).unwrap_or_else(|error| {
                failed = Some(error);
                false
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        for (by, answer) in answers {
            self.tell(by, answer);
        }
        let peers = &self.processes.peers;
        let (over, waiting) = std::mem::take(&mut self.kills)
            .into_iter()
            .partition(|(_, targets)| targets.iter().all(|target| peers[*target].gone));
        self.kills = waiting;
        let over: Vec<(Asker, Vec<ProcessIndex>)> = over;
        for (by, _) in over {
            self.tell(by, Answer::Happened);
        }
        Ok(())
    }

    fn tell(&mut self, Asker { process, thread }: Asker, answer: Answer) {
        let order = match answer {
            Answer::Happened => Order::Happened { thread },
            Answer::Impossible => Order::Impossible { thread },
        };
        send(self.post.link(process), wire::frame(&order, Vec::new()));
    }

    /// Helpers exit by themselves once all ends are closed.
    fn wait_for_helpers(&mut self, patience: Duration) -> Result<(), Fault> {
        let deadline = Instant::now() + patience;
        while self.processes.helpers.iter().any(|helper| !helper.gone) && Instant::now() < deadline
        {
            let arrivals = self.post.wait(Some(deadline))?;
            for (number, arrival) in arrivals {
                self.take(number, arrival)?;
            }
        }
        Ok(())
    }
}
