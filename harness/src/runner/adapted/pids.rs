//! The process ids that an adapter names.

use crate::adapter::AdapterProcess;
use crate::adapter::protocol::Breach;
use crate::adapter::protocol::account::Account;
use crate::os::supervisor;
use crate::plan::{Plan, ProcessIndex};

/// Checks that the process id of a process is its own, and that the harness can kill it. Returns whether
/// there is such a process: it may have exited already.
pub(super) fn check(
    plan: &Plan,
    account: &Account<'_>,
    adapter: &AdapterProcess,
    (process, pid): (ProcessIndex, u32),
) -> Result<bool, Breach> {
    let group = adapter.group();
    let mut others = account.pids().filter(|(other, _)| *other != process);
    let which = if pid == adapter.pid() || others.any(|(_, other)| other == pid) {
        "which is another one"
    } else if !supervisor::is_pid(pid) {
        "a number that no process has"
    } else if group.lacks(pid) {
        "which isn't in the adapter's process group"
    } else {
        return Ok(group.has(pid));
    };
    Err(wrong(plan, process, pid, which))
}

/// Checks that the adapter has told the exit of those processes that had exited when it named them.
pub(super) fn check_exits(
    plan: &Plan,
    account: &Account<'_>,
    exited: &[ProcessIndex],
) -> Result<(), Breach> {
    for process in exited {
        if let Some(pid) = account.living(*process) {
            let which = "and there is no such process, and never said that it exited";
            return Err(wrong(plan, *process, pid, which));
        }
    }
    Ok(())
}

fn wrong(plan: &Plan, process: ProcessIndex, pid: u32, which: &str) -> Breach {
    let name = plan.processes[process].name();
    Breach::new(format_args!("says that {name} is process {pid}, {which}"))
}
