//! Before a run: opens channels, starts processes, and gives each its ends.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Arc;

use super::deposits::GrantedEnds;
use super::host::HarnessHost;
use super::peers::{PeerProcesses, send};
use crate::backend::{Backend, Handle, Opened};
use crate::os::link::HarnessLink;
use crate::os::scratch;
use crate::os::spawn_lock::{self, Births};
use crate::peer::wire::{self, EndNote, Give, ParcelNote, ToPeer};
use crate::plan::{Plan, ProcessIndex};
use crate::runner::failure::{Doing, RunFailure, of_backend};

/// A run before its processes start.
pub(super) struct Setup<'a> {
    pub(super) plan: &'a Plan,
    pub(super) backend: &'a Arc<dyn Backend>,
    pub(super) folder: &'a Path,
}

impl Setup<'_> {
    /// Opens the channels that no process of the plan opens. Returns each process's ends.
    pub(super) fn open(
        &self,
        processes: &mut PeerProcesses<'_>,
    ) -> Result<Vec<GrantedEnds>, RunFailure> {
        let processes_of_plan = self.plan.processes.iter();
        let mut granted: Vec<GrantedEnds> =
            processes_of_plan.map(|_| GrantedEnds::default()).collect();
        for (number, channel) in self.plan.channels.iter().enumerate() {
            if channel.opener.is_some() || channel.endpoint.is_some() {
                continue;
            }
            let opening = format!("the backend can't open {}", channel.name);
            let mut host = HarnessHost {
                backend: self.backend.key(),
                folder: self.folder.to_owned(),
                seed: self.plan.seed,
                processes: &mut *processes,
                made: OnceCell::new(),
            };
            let opened = of_backend(&opening, || self.backend.open(&channel.into(), &mut host));
            host.check_folder()?;
            let mut opened: Box<dyn Opened> = opened?;
            for (process, granted) in granted.iter_mut().enumerate() {
                let ends = self.plan.processes[process].ends.iter();
                for given in ends.filter(|given| given.end.channel == number) {
                    let parcel = of_backend(&opening, || opened.grant((*given).into()))?;
                    let parcel = ParcelNote::of(parcel, &mut granted.handles);
                    granted.notes.push(EndNote {
                        end: given.end,
                        parcel,
                    });
                }
            }
            of_backend(&opening, || opened.ready(&mut host))?;
        }
        Ok(granted)
    }

    /// Starts the processes that no other process of the plan starts, and sends every process the plan
    /// and its ends. If a process isn't started yet, they wait in its link, which its starter holds. No
    /// process begins its steps before only the processes hold their ends.
    pub(super) fn give(
        &self,
        processes: &mut PeerProcesses<'_>,
        links: &mut [HarnessLink],
        mut granted: Vec<GrantedEnds>,
    ) -> Result<(), RunFailure> {
        let plan_file = scratch::file()?;
        scratch::write_at(
            &plan_file,
            &serde_json::to_vec(self.plan).doing("writing the plan")?,
            0,
        )?;
        let (nested, top): (Vec<ProcessIndex>, Vec<ProcessIndex>) = (0..self.plan.processes.len())
            .partition(|process| self.plan.processes[*process].starter.is_some());
        // All of them start at once; then each receives the plan.
        let births = Births::begin();
        for process in &top {
            let has_children = !self.children(*process).is_empty();
            let pid = processes.start(*process, has_children);
            let pid = pid.doing("starting a process")?;
            links[*process].bind(pid)?;
        }
        for process in &top {
            links[*process].wait_for_birth()?;
        }
        drop(births);
        for process in nested.into_iter().chain(top) {
            let children = self.children(process);
            let granted = std::mem::take(&mut granted[process]);
            let mut handles: Vec<Handle> = vec![
                processes.peers[process].log.try_clone()?.into(),
                plan_file.try_clone()?.into(),
            ];
            handles.extend(granted.handles);
            for child in &children {
                let stdio = processes.stdio(*child)?;
                handles.extend([stdio.link, stdio.stdout, stdio.stderr]);
            }
            let order = ToPeer::Give(Give {
                process,
                backend: self.backend.key(),
                folder: self.folder.to_owned(),
                ends: granted.notes,
                children,
            });
            // If the process is gone already, the loop sees its exit.
            send(Some(&mut links[process]), wire::frame(&order, handles));
        }
        spawn_lock::settle();
        for link in links {
            send(Some(link), wire::frame(&ToPeer::Begin, Vec::new()));
        }
        Ok(())
    }

    /// Returns the processes that this one starts.
    fn children(&self, process: ProcessIndex) -> Vec<ProcessIndex> {
        let all = 0..self.plan.processes.len();
        let is_child = |other: &ProcessIndex| self.plan.processes[*other].starter == Some(process);
        all.filter(is_child).collect()
    }
}
