//! One run: from a plan to its history.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::coordination::{Answer, Coordination, SETTLING};
use super::host::SupervisorHost;
use super::processes::{Processes, send};
use super::watch::Watch;
use super::{Options, Session, interrupt};
use crate::backend::{Backend, Handle, Opened};
use crate::clock;
use crate::history::{Ending, Exit, History, OperationKind, ProcessHistory, Residue};
use crate::link::{Arrival, HarnessLink, Post};
use crate::log;
use crate::plan::{Plan, ProcessIndex};
use crate::scratch;
use crate::wire::{self, Deposit, EndNote, Give, Order, ParcelNote, Word};

/// What kept a permutation from being run.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The user interrupted it.
    #[error("interrupted")]
    Interrupted,
    /// The harness, or the backend before any operation, couldn't do its part.
    #[error("{0}")]
    Trouble(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Trouble(error.to_string())
    }
}

/// What was being done when an error came up.
trait Doing<T> {
    fn doing(self, what: &str) -> Result<T, Fault>;
}

impl<T, E: std::fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, what: &str) -> Result<T, Fault> {
        self.map_err(|error| Fault::Trouble(format!("{what}: {error}")))
    }
}

pub(super) fn execute(
    plan: &Plan,
    backend: &Arc<dyn Backend>,
    session: &Session,
    options: &Options,
) -> Result<History, Fault> {
    let folder = session.run_folder();
    let (mut processes, mut links) =
        Processes::prepare(plan, &options.program, session).doing("preparing processes")?;
    let gives = open(plan, backend, &folder, &mut processes)?;
    give(
        plan,
        backend,
        &folder,
        options,
        &mut processes,
        &mut links,
        gives,
    )?;
    links.extend(processes.helper_links());
    let mut run = Run {
        plan,
        watches: processes
            .peers
            .iter()
            .map(|peer| Watch::new(&peer.log))
            .collect::<io::Result<_>>()?,
        coordination: Coordination::new(plan),
        post: Post::new(links)?,
        kills: Vec::new(),
        processes,
    };
    let ending = run.watch(options.stall)?;
    run.wait_for_helpers(options.stall)?;
    let history = run.collect(ending, &folder)?;
    if interrupt::requested() {
        Err(Fault::Interrupted)
    } else {
        Ok(history)
    }
}

/// What a process is to be given at its start.
#[derive(Default)]
struct Given {
    notes: Vec<EndNote>,
    handles: Vec<Handle>,
}

/// Opens the channels that the supervisor opens.
fn open(
    plan: &Plan,
    backend: &Arc<dyn Backend>,
    folder: &Path,
    processes: &mut Processes<'_>,
) -> Result<Vec<Given>, Fault> {
    let mut gives: Vec<Given> = plan.processes.iter().map(|_| Given::default()).collect();
    for (number, channel) in plan.channels.iter().enumerate() {
        if channel.opener.is_some() {
            continue;
        }
        let opening = format!("the backend can't open {}", channel.name);
        let mut host = SupervisorHost {
            backend: backend.key(),
            folder: folder.to_owned(),
            seed: plan.seed,
            processes: &mut *processes,
        };
        let mut opened: Box<dyn Opened> = backend.open(channel, &mut host).doing(&opening)?;
        for (process, give) in gives.iter_mut().enumerate() {
            let ends = plan.processes[process].ends.iter();
            for given in ends.filter(|given| given.end.channel == number) {
                let parcel = opened.grant(*given).doing(&opening)?;
                let parcel = ParcelNote::of(parcel, &mut give.handles);
                give.notes.push(EndNote {
                    end: given.end,
                    parcel,
                });
            }
        }
        opened.ready(&mut host).doing(&opening)?;
    }
    Ok(gives)
}

/// Starts the processes that no other one starts, and gives each of all what it needs. What is
/// given to one that doesn't live yet waits in its link, which its starter holds.
fn give(
    plan: &Plan,
    backend: &Arc<dyn Backend>,
    folder: &Path,
    options: &Options,
    processes: &mut Processes<'_>,
    links: &mut [HarnessLink],
    mut gives: Vec<Given>,
) -> Result<(), Fault> {
    let plan_file = scratch::file()?;
    scratch::write_at(
        &plan_file,
        &serde_json::to_vec(plan).doing("writing the plan")?,
        0,
    )?;
    let (nested, top): (Vec<ProcessIndex>, Vec<ProcessIndex>) =
        (0..plan.processes.len()).partition(|process| plan.processes[*process].starter.is_some());
    // All of them begin to live at once; then each is given its plan.
    for process in &top {
        let pid = processes.start(*process).doing("starting a process")?;
        links[*process].bind(pid)?;
    }
    for process in nested.into_iter().chain(top) {
        let children: Vec<ProcessIndex> = (0..plan.processes.len())
            .filter(|other| plan.processes[*other].starter == Some(process))
            .collect();
        let given = std::mem::take(&mut gives[process]);
        let mut handles: Vec<Handle> = vec![
            processes.peers[process].log.try_clone()?.into(),
            plan_file.try_clone()?.into(),
        ];
        handles.extend(given.handles);
        for child in &children {
            let stdio = processes.stdio(*child)?;
            handles.extend([stdio.link, stdio.stdout, stdio.stderr]);
        }
        let order = Order::Give(Give {
            program: options.program.path.clone(),
            process,
            backend: backend.key(),
            folder: folder.to_owned(),
            ends: given.notes,
            children,
        });
        // Where the process is gone already, its exit tells.
        send(Some(&mut links[process]), wire::frame(&order, handles));
    }
    Ok(())
}

/// A run whose processes live.
struct Run<'a> {
    plan: &'a Plan,
    processes: Processes<'a>,
    post: Post,
    coordination: Coordination,
    watches: Vec<Watch>,
    /// Who waits for which processes to be gone, having had them killed.
    kills: Vec<(ProcessIndex, Vec<ProcessIndex>)>,
}

impl Run<'_> {
    /// Serves the processes until all are gone.
    fn watch(&mut self, stall: Duration) -> Result<Ending, Fault> {
        let mut ending = Ending::Completed;
        let deadline = Instant::now() + self.plan.deadline;
        let mut moved = Instant::now();
        let tick = stall / 8;
        let mut next_tick = moved + tick;
        while self.processes.peers.iter().any(|peer| !peer.gone) {
            let now = clock::now();
            let look = self
                .coordination
                .next_look(now)
                .map(|at| Duration::from_nanos(at - now));
            let wake = look.map_or(next_tick, |left| next_tick.min(Instant::now() + left));
            let arrivals = self.post.wait(Some(wake))?;
            for (number, arrival) in arrivals {
                self.take(number, arrival)?;
            }
            self.answer()?;
            let now = Instant::now();
            if now < next_tick || ending != Ending::Completed {
                continue;
            }
            next_tick = now + tick;
            if self.has_moved()? {
                moved = now;
            }
            if now >= deadline {
                ending = Ending::DeadlinePassed;
            } else if now >= moved + stall {
                ending = Ending::Stalled;
            }
            if ending != Ending::Completed {
                self.processes.end();
            }
        }
        Ok(ending)
    }

    fn has_moved(&mut self) -> io::Result<bool> {
        let mut moves = false;
        for (watch, peer) in self.watches.iter_mut().zip(&self.processes.peers) {
            if !peer.gone {
                moves |= watch.has_moved()? || watch.will_move(peer.pid);
            }
        }
        Ok(moves)
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
            }
            Arrival::Frame(frame) => {
                let word: Word = wire::message(&frame.body).doing("a process spoke nonsense")?;
                self.hear(number, word, frame.handles)?;
            }
        }
        Ok(())
    }

    fn hear(&mut self, by: ProcessIndex, word: Word, handles: Vec<Handle>) -> Result<(), Fault> {
        let peers = &mut self.processes.peers;
        match word {
            Word::Alive { pid } => peers[by].pid = Some(pid),
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
                for process in self.coordination.barrier(by, &name) {
                    self.tell(process, Answer::Happened);
                }
            }
            Word::Kill(targets) => {
                targets
                    .iter()
                    .for_each(|target| self.processes.kill(*target));
                self.kills.push((by, targets));
            }
            Word::Deposit(deposits) => {
                self.forward(deposits, handles)?;
                self.tell(by, Answer::Happened);
            }
            Word::Trouble(why) => {
                let name = self.plan.processes[by].name();
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
        let mut failed = None;
        let answers = self.coordination.answers(now, |process, step| {
            watches[process]
                .is_in(step, now.saturating_sub(SETTLING))
                .unwrap_or_else(|error| {
                    failed = Some(error);
                    false
                })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        for (process, answer) in answers {
            self.tell(process, answer);
        }
        let peers = &self.processes.peers;
        let (over, waiting) = std::mem::take(&mut self.kills)
            .into_iter()
            .partition(|(_, targets)| targets.iter().all(|target| peers[*target].gone));
        self.kills = waiting;
        let over: Vec<(ProcessIndex, Vec<ProcessIndex>)> = over;
        for (by, _) in over {
            self.tell(by, Answer::Happened);
        }
        Ok(())
    }

    fn tell(&mut self, process: ProcessIndex, answer: Answer) {
        let order = match answer {
            Answer::Happened => Order::Happened,
            Answer::Impossible => Order::Impossible,
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

    fn collect(mut self, ending: Ending, folder: &Path) -> Result<History, Fault> {
        let mut history = History {
            ending,
            ..History::default()
        };
        for (number, peer) in self.processes.peers.iter().enumerate() {
            let operations = log::read(&peer.log)?.operations;
            let exit = match peer.exit {
                Some(_) if peer.killed => Some(Exit::Killed),
                Some(Exit::Signal(_)) if ending != Ending::Completed => Some(Exit::Ended),
                None if peer.killed => Some(Exit::Killed),
                None if peer.pid.is_some() && ending != Ending::Completed => Some(Exit::Ended),
                None if peer.pid.is_some() => Some(Exit::Unseen),
                exit => exit,
            };
            let left = operations
                .last()
                .filter(|op| op.kind == OperationKind::Exit);
            if let Some(count) = left.and_then(|op| op.content).map(count).filter(|n| *n > 0) {
                history.residue.push(Residue::Descriptors {
                    process: number,
                    count,
                });
            }
            history.processes.push(ProcessHistory {
                operations,
                exit,
                stdout: scratch::contents(&peer.stdout)?,
                stderr: scratch::contents(&peer.stderr)?,
            });
        }
        for helper in &self.processes.helpers {
            // A helper has no column of its own; what it complained of, the first process shows.
            if let Some(first) = history.processes.first_mut() {
                first.stderr.extend(scratch::contents(&helper.stderr)?);
            }
        }
        history.residue.extend(self.processes.clear());
        history.residue.extend(names(folder));
        Ok(history)
    }
}

/// How many descriptors a process said it had too many at its exit.
fn count(content: crate::content::Content) -> u64 {
    content.head().try_into().map_or(0, u64::from_le_bytes)
}

/// What is still in the run's folder, which goes now.
fn names(folder: &Path) -> Vec<Residue> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<Residue> = entries
        .flatten()
        .map(|entry| Residue::Name {
            name: entry.file_name().to_string_lossy().into_owned(),
        })
        .collect();
    names.sort();
    // What can't be removed now goes with the harness's own folder.
    let _ = fs::remove_dir_all(folder);
    names
}
