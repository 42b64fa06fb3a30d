//! Before a run: channels are opened, processes started, and each given what it needs.

use std::path::Path;
use std::sync::Arc;

use super::fault::{Doing, Fault};
use super::host::SupervisorHost;
use super::processes::{Processes, send};
use crate::backend::{Backend, Handle, Opened};
use crate::os::inheritance::{self, Births};
use crate::os::link::HarnessLink;
use crate::os::scratch;
use crate::os::supervisor::Program;
use crate::peer::wire::{self, EndNote, Give, Order, ParcelNote};
use crate::plan::{Plan, ProcessIndex};

/// What a process is to be given at its start.
#[derive(Default)]
pub(super) struct Given {
    pub(super) notes: Vec<EndNote>,
    pub(super) handles: Vec<Handle>,
}

/// A run whose processes don't live yet.
pub(super) struct Setup<'a> {
    pub(super) plan: &'a Plan,
    pub(super) backend: &'a Arc<dyn Backend>,
    pub(super) folder: &'a Path,
    pub(super) program: &'a Program,
}

impl Setup<'_> {
    /// Opens the channels that the supervisor opens.
    pub(super) fn open(&self, processes: &mut Processes<'_>) -> Result<Vec<Given>, Fault> {
        let mut gives: Vec<Given> = self
            .plan
            .processes
            .iter()
            .map(|_| Given::default())
            .collect();
        for (number, channel) in self.plan.channels.iter().enumerate() {
            if channel.opener.is_some() || channel.endpoint.is_some() {
                continue;
            }
            let opening = format!("the backend can't open {}", channel.name);
            let mut host = SupervisorHost {
                backend: self.backend.key(),
                folder: self.folder.to_owned(),
                seed: self.plan.seed,
                processes: &mut *processes,
            };
            let mut opened: Box<dyn Opened> = self
                .backend
                .open(&channel.into(), &mut host)
                .doing(&opening)?;
            for (process, give) in gives.iter_mut().enumerate() {
                let ends = self.plan.processes[process].ends.iter();
                for given in ends.filter(|given| given.end.channel == number) {
                    let parcel = opened.grant((*given).into()).doing(&opening)?;
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
    pub(super) fn give(
        &self,
        processes: &mut Processes<'_>,
        links: &mut [HarnessLink],
        mut gives: Vec<Given>,
    ) -> Result<(), Fault> {
        let plan_file = scratch::file()?;
        scratch::write_at(
            &plan_file,
            &serde_json::to_vec(self.plan).doing("writing the plan")?,
            0,
        )?;
        let (nested, top): (Vec<ProcessIndex>, Vec<ProcessIndex>) = (0..self.plan.processes.len())
            .partition(|process| self.plan.processes[*process].starter.is_some());
        // All of them begin to live at once; then each is given its self.plan.
        let births = Births::begin();
        for process in &top {
            let pid = processes.start(*process).doing("starting a process")?;
            links[*process].bind(pid)?;
        }
        for process in &top {
            links[*process].wait_for_birth()?;
        }
        drop(births);
        for process in nested.into_iter().chain(top) {
            let children: Vec<ProcessIndex> = (0..self.plan.processes.len())
                .filter(|other| self.plan.processes[*other].starter == Some(process))
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
                program: self.program.path.clone(),
                process,
                backend: self.backend.key(),
                folder: self.folder.to_owned(),
                ends: given.notes,
                children,
            });
            // Where the process is gone already, its exit tells.
            send(Some(&mut links[process]), wire::frame(&order, handles));
        }
        // Now only they have their ends; nobody is told of anything before.
        inheritance::settle();
        Ok(())
    }
}
