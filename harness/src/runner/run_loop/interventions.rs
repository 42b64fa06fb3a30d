//! What the harness does to processes during a run: it kills, stops and resumes them, and sends them
//! signals.

use std::io;

use super::coordination::EventReply;
use super::orders::{Deed, Order, OrderedBy, Progress, Target};
use super::processes::Processes;
use super::stops::Stops;
use super::sweep::Sweep;
use crate::os::supervisor::Member;
use crate::os::supervisor::pause::{self, StopProgress};
use crate::os::supervisor::signal;
use crate::plan::{ProcessIndex, Signal};

/// Kills, pauses and signals, those that have yet to take effect and those that have.
#[derive(Debug)]
pub(super) struct Interventions {
    pub(super) stops: Stops,
    /// For each process, whether a step or the plan's fault sent it a kill while it was alive.
    pub(super) killed: Vec<bool>,
    orders: Vec<Order>,
}

impl Interventions {
    /// None yet, to this many processes.
    pub(super) fn none(processes: usize) -> Interventions {
        Interventions {
            stops: Stops::default(),
            killed: vec![false; processes],
            orders: Vec::new(),
        }
    }

    pub(super) fn order(&mut self, by: OrderedBy, deed: Deed, targets: Vec<ProcessIndex>) {
        self.orders.push(Order::new(by, deed, targets));
    }

    /// Whether a process has been told to stop and hasn't stopped yet, which no message reports.
    pub(super) fn is_stopping(&self) -> bool {
        self.orders.iter().any(Order::is_stopping)
    }

    /// Kills and stops processes for which that is ordered, as far as they are alive. Replies to threads
    /// whose order has taken effect. Returns whether any has.
    pub(super) fn carry_out<P: Processes>(
        &mut self,
        processes: &mut P,
        sweep: &mut Sweep,
    ) -> Result<bool, P::Error> {
        let mut is_any_over = false;
        for mut order in std::mem::take(&mut self.orders) {
            let deed = order.deed;
            for target in order.targets.iter_mut().filter(|target| target.is_open()) {
                let Some(member) = processes.signalled(target.process) else {
                    continue;
                };
                target.progress = match deed {
                    Deed::Kill | Deed::Terminate => self.kill(&member, *target, deed)?,
                    Deed::Pause => {
                        self.pause(&member, processes.is_child(target.process), *target)?
                    }
                    Deed::Signal(signal) => match processes.handles_signals(target.process) {
                        true => send(&member, signal)?,
                        false => Progress::Ordered,
                    },
                };
            }
            order.note_gone(|process| processes.is_gone(process));
            if !order.is_over() {
                self.orders.push(order);
                continue;
            }
            is_any_over = true;
            match order.by {
                OrderedBy::Step(by) => processes.reply(by, EventReply::of(order.is_done())),
                OrderedBy::Fault { waits } if order.is_done() && deed == Deed::Pause => {
                    sweep.stopped(waits);
                }
                OrderedBy::Fault { .. } => {}
            }
        }
        Ok(is_any_over)
    }

    fn kill(&mut self, member: &Member, target: Target, deed: Deed) -> io::Result<Progress> {
        let Target { process, progress } = target;
        if progress == Progress::Ordered {
            let was_stopped = self.stops.end(process);
            self.killed[process] |= match deed {
                Deed::Terminate => member.terminate()?,
                _ => member.kill()?,
            };
            if was_stopped && deed == Deed::Terminate {
                // A stopped process handles no signal but a kill.
                pause::go_on(member)?;
            }
        }
        Ok(Progress::Sent)
    }

    fn pause(&mut self, member: &Member, is_child: bool, target: Target) -> io::Result<Progress> {
        let Target { process, progress } = target;
        if self.stops.is_stopped(process) {
            return Ok(Progress::Done);
        }
        if progress == Progress::Ordered && !pause::begin(member)? {
            return Ok(Progress::Missed);
        }
        Ok(match pause::progress(member.pid(), is_child)? {
            StopProgress::UnderWay => Progress::Sent,
            StopProgress::Gone => Progress::Missed,
            StopProgress::Stopped => {
                self.stops.begin(process);
                Progress::Done
            }
        })
    }

    /// Continues a process. Returns `false` if the harness hadn't stopped it, or it is gone.
    pub(super) fn resume<P: Processes>(
        &mut self,
        processes: &P,
        process: ProcessIndex,
    ) -> Result<bool, P::Error> {
        if !self.stops.end(process) {
            return Ok(false);
        }
        match processes.signalled(process) {
            Some(member) => Ok(pause::go_on(&member)?),
            None => Ok(false),
        }
    }
}

fn send(member: &Member, signal: Signal) -> io::Result<Progress> {
    Ok(match signal::send(member, signal)? {
        true => Progress::Done,
        false => Progress::Missed,
    })
}
