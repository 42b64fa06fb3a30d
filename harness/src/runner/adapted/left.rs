//! What is there of a run's processes though the adapter says that it is done.

use std::time::{Duration, Instant};

use crate::adapter::protocol::Breach;
use crate::history::Residue;
use crate::os::supervisor::Group;
use crate::plan::{Plan, ProcessIndex};

/// How long processes that have nothing more to do may take to be gone.
const LEAVING: Duration = Duration::from_secs(1);

/// Whom the run left in the group behind those that earlier ones `left`, which it is added to.
///
/// # Errors
/// Where one of the plan's own processes, by these numbers, is alive.
pub(super) fn look(
    plan: &Plan,
    group: &Group,
    pids: &[(ProcessIndex, u32)],
    left: &mut Vec<u32>,
) -> Result<Vec<Residue>, Breach> {
    let deadline = Instant::now() + LEAVING;
    loop {
        let living = pids.iter().find(|(_, pid)| group.has(*pid));
        let mut orphans = group.orphans();
        orphans.retain(|pid| !left.contains(pid));
        if living.is_none() && orphans.is_empty() {
            return Ok(Vec::new());
        }
        if Instant::now() < deadline {
            // Nobody tells when a process is gone that is somebody else's child.
            std::thread::sleep(Duration::from_millis(2));
            continue;
        }
        if let Some((process, pid)) = living {
            let name = plan.processes[*process].name();
            let what = format!("said `done`, and {name}, process {pid}, is alive");
            return Err(Breach::new(what));
        }
        let residue = |_: &u32| Residue::Process { of: None };
        let residue = orphans.iter().map(residue).collect();
        left.extend(orphans);
        return Ok(residue);
    }
}
