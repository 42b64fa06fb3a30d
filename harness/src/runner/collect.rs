//! After a run: what every process did and saw, and what was left behind.

use std::fs;
use std::path::Path;

use super::fault::Fault;
use super::processes::Processes;
use crate::history::{Ending, Exit, History, Operation, OperationKind, ProcessHistory, Residue};
use crate::os::scratch;
use crate::os::supervisor::crash::is_kill;
use crate::peer::log::Recorded;
use crate::plan::content::Content;

/// The history of a run that is over; what is left of its processes is killed.
pub(super) fn collect(
    mut processes: Processes<'_>,
    ending: Ending,
    folder: &Path,
) -> Result<History, Fault> {
    let mut history = History {
        ending,
        ended: processes.ended,
        stops: processes.stops.take(),
        kernel: std::mem::take(&mut processes.kernel),
        ..History::default()
    };
    for (number, peer) in processes.peers.iter_mut().enumerate() {
        let Recorded { operations, asides } = peer.recorded()?;
        let lived = peer.pid.is_some();
        let exit = exit_of(peer.exit, lived, peer.killed, &operations, ending);
        let was_leaving = operations
            .last()
            .is_some_and(|op| op.kind == OperationKind::Exit);
        let exit = match exit {
            // Who is killed last may see the others go, and then exit by itself.
            Some(Exit::Code(_)) if peer.ended && !was_leaving => Some(Exit::Ended),
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
            asides,
            exit,
            stdout: scratch::contents(&peer.stdout)?,
            stderr: scratch::contents(&peer.stderr)?,
        });
    }
    for helper in &processes.helpers {
        // A helper has no column of its own; what it complained of, the first process shows.
        if let Some(first) = history.processes.first_mut() {
            first.stderr.extend(scratch::contents(&helper.stderr)?);
        }
    }
    history.residue.extend(processes.clear());
    history.residue.extend(names(folder));
    Ok(history)
}

/// How a process exited, knowing what was seen of that, and what was done to it.
pub(super) fn exit_of(
    seen: Option<Exit>,
    lived: bool,
    killed: bool,
    operations: &[Operation],
    ending: Ending,
) -> Option<Exit> {
    let crashes = |op: &Operation| op.kind == OperationKind::Crash && op.is_pending();
    match seen {
        Some(_) if killed => Some(Exit::Killed),
        Some(exit) if is_kill(exit) && operations.iter().any(crashes) => Some(Exit::Killed),
        Some(Exit::Signal(_)) if ending != Ending::Completed => Some(Exit::Ended),
        None if killed => Some(Exit::Killed),
        None if lived && ending != Ending::Completed => Some(Exit::Ended),
        None if lived => Some(Exit::Unseen),
        exit => exit,
    }
}

/// How many descriptors a process said it had too many at its exit.
fn count(content: Content) -> u64 {
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
