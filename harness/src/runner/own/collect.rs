//! After a run: what every process did and saw, and what the run left behind.

use std::fs;
use std::io;
use std::path::Path;

use super::peers::{KEPT, PeerProcesses};
use crate::history::{Exit, History, OperationKind, ProcessHistory, Residue};
use crate::os::{clock, noted_queue, scratch};
use crate::peer::log::{self, LogContents};
use crate::runner::exits::exit_of;
use crate::runner::failure::RunFailure;
use crate::runner::run_loop::RunEnd;

/// What had happened when the harness decided to end the run. Processes that are killed later than
/// others may still see those exit, which the history mustn't show.
pub(super) struct Snapshot {
    ended: u64,
    recorded: Vec<LogContents>,
    /// For each process, whether it was alive.
    alive: Vec<bool>,
}

impl Snapshot {
    pub(super) fn take(processes: &PeerProcesses<'_>) -> io::Result<Snapshot> {
        let peers = &processes.peers;
        let recorded = peers.iter().map(|peer| log::read(&peer.log));
        Ok(Snapshot {
            recorded: recorded.collect::<io::Result<_>>()?,
            alive: peers
                .iter()
                .map(|peer| peer.pid.is_some() && !peer.gone)
                .collect(),
            ended: clock::now(),
        })
    }
}

/// Returns the history of a run that is over, and kills what is left of its processes. `snapshot` is
/// there if the harness ended the run.
pub(super) fn collect(
    mut processes: PeerProcesses<'_>,
    end: RunEnd,
    snapshot: Option<Snapshot>,
    folder: &Path,
) -> Result<History, RunFailure> {
    let mut history = History {
        ending: end.ending,
        ended: snapshot.as_ref().map(|snapshot| snapshot.ended),
        stops: end.stops,
        delays: end.delays,
        kernel: end.kernel,
        ..History::default()
    };
    let (recorded, alive) = match snapshot {
        Some(Snapshot {
            recorded, alive, ..
        }) => (recorded, alive),
        None => {
            let recorded = processes.peers.iter().map(|peer| log::read(&peer.log));
            let recorded: Vec<LogContents> = recorded.collect::<io::Result<_>>()?;
            (recorded, vec![false; processes.peers.len()])
        }
    };
    for (number, (peer, recorded)) in processes.peers.iter().zip(recorded).enumerate() {
        let LogContents {
            operations,
            asides,
            said,
        } = recorded;
        let lived = peer.pid.is_some();
        let exit = exit_of(
            peer.exit,
            lived,
            end.killed[number],
            &operations,
            end.ending,
        );
        let last_exit = operations
            .last()
            .filter(|op| op.kind == OperationKind::Exit);
        let exit = match exit {
            // The process that is killed last may see the others exit, and then exit by itself.
            Some(Exit::Code(_)) if alive[number] && last_exit.is_none() => Some(Exit::Ended),
            exit => exit,
        };
        history.processes.push(ProcessHistory {
            operations,
            asides,
            said,
            exit,
            stdout: scratch::contents(&peer.stdout)?,
            stderr: scratch::contents(&peer.stderr)?,
        });
    }
    for helper in &processes.helpers {
        // A helper isn't in the history. Its standard error goes to the first process's.
        if let Some(first) = history.processes.first_mut() {
            first.stderr.extend(scratch::end(&helper.stderr, KEPT)?);
        }
    }
    history.add_handles_left();
    history.residue.extend(processes.clear());
    history.residue.extend(names(folder));
    Ok(history)
}

/// Returns what is still in the run's folder, and removes the folder.
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
    noted_queue::remove_all(folder);
    // What can't be removed now goes with the harness's own folder.
    let _ = fs::remove_dir_all(folder);
    names
}
