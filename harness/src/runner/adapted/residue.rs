//! Processes that are left although the adapter says that the run is done.

use std::time::Duration;

use crate::adapter::AdapterProcess;
use crate::adapter::protocol::Breach;
use crate::history::Residue;
use crate::os::patience::{Patience, PatienceLeft};
use crate::plan::{Plan, ProcessIndex};

/// How long processes that have nothing more to do may take to exit.
const LEAVING: Duration = Duration::from_secs(1);

/// Returns which of the adapter's processes this run has left. It skips those in `left`, and adds the
/// others there. Waits a moment for them to exit.
///
/// # Errors
/// A process of the plan, by its process id in `pids`, is alive.
pub(super) fn look(
    plan: &Plan,
    adapter: &AdapterProcess,
    pids: &[(ProcessIndex, u32)],
    left: &mut Vec<u32>,
) -> Result<Vec<Residue>, Breach> {
    let group = adapter.group();
    let mut patience = Patience::start(LEAVING, []);
    loop {
        let living = pids.iter().find(|(_, pid)| group.has(*pid));
        let mut orphans = adapter.orphans();
        orphans.retain(|pid| !left.contains(pid));
        if living.is_none() && orphans.is_empty() {
            return Ok(Vec::new());
        }
        match patience.look_if_due(|| group.members()) {
            PatienceLeft::Some => {
                // The system reports the exit of a process only to its parent.
                std::thread::sleep(Duration::from_millis(2));
                continue;
            }
            PatienceLeft::Over => {}
            PatienceLeft::TooSlow => {
                let what = "said `done`, and a process of it is alive";
                return Err(Breach::too_slow(what, &patience.figures()));
            }
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
