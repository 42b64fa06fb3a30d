//! Carries out kills, pauses and resumptions: sends them, and replies when they have taken effect.

use super::RunLoop;
use super::coordination::EventReply;
use super::orders::{Order, OrderedBy, Progress, Target};
use super::processes::Processes;
use crate::os::supervisor;
use crate::os::supervisor::pause::StopProgress;
use crate::plan::{Injection, ProcessIndex};

impl<P: Processes> RunLoop<'_, P> {
    pub(super) fn order(&mut self, by: OrderedBy, deed: Injection, targets: Vec<ProcessIndex>) {
        self.orders.push(Order::new(by, deed, targets));
    }

    /// Kills and stops processes for which that is ordered, as far as they are alive.
    pub(super) fn carry_out_orders(&mut self) -> Result<(), P::Error> {
        for mut order in std::mem::take(&mut self.orders) {
            let deed = order.deed;
            for target in order.targets.iter_mut().filter(|target| target.is_open()) {
                target.progress = match deed {
                    Injection::Kill => self.kill(*target)?,
                    Injection::Pause => self.pause(*target)?,
                };
            }
            order.note_gone(|process| self.processes.is_gone(process));
            if order.is_over() {
                self.carried_out(&order);
            } else {
                self.orders.push(order);
            }
        }
        Ok(())
    }

    fn carried_out(&mut self, order: &Order) {
        match order.by {
            OrderedBy::Step(by) => self.processes.reply(by, EventReply::of(order.is_done())),
            OrderedBy::Fault { waits } if order.is_done() && order.deed == Injection::Pause => {
                self.sweep.stopped(waits);
            }
            OrderedBy::Fault { .. } => {}
        }
    }

    fn kill(&mut self, Target { process, progress }: Target) -> Result<Progress, P::Error> {
        let Some(pid) = self.processes.signalled_pid(process) else {
            return Ok(progress);
        };
        if progress == Progress::Ordered {
            self.stops.end(process);
            self.killed[process] |= supervisor::kill(pid)?;
        }
        Ok(Progress::Sent)
    }

    fn pause(&mut self, Target { process, progress }: Target) -> Result<Progress, P::Error> {
        let Some(pid) = self.processes.signalled_pid(process) else {
            return Ok(progress);
        };
        if self.stops.is_stopped(process) {
            return Ok(Progress::Done);
        }
        if progress == Progress::Ordered && !supervisor::pause::begin(pid)? {
            return Ok(Progress::Missed);
        }
        let is_child = self.processes.is_child(process);
        Ok(match supervisor::pause::progress(pid, is_child)? {
            StopProgress::UnderWay => Progress::Sent,
            StopProgress::Gone => Progress::Missed,
            StopProgress::Stopped => {
                self.stops.begin(process);
                Progress::Done
            }
        })
    }

    /// Continues a process. Returns `false` if the harness hadn't stopped it, or it is gone.
    pub(super) fn resume(&mut self, process: ProcessIndex) -> Result<bool, P::Error> {
        if !self.stops.end(process) {
            return Ok(false);
        }
        match self.processes.signalled_pid(process) {
            Some(pid) => Ok(supervisor::pause::go_on(pid)?),
            None => Ok(false),
        }
    }
}
