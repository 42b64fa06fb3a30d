//! Process groups and signals.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, WaitOptions, WaitStatus, getpgid,
    kill_process, kill_process_group, test_kill_process_group, waitid, waitpid,
};

use crate::history::Exit;

/// A process and its descendants: a process group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessGroup(Pid);

impl ProcessGroup {
    /// Returns the group that this process leads.
    pub(super) fn of(leader: &Child) -> io::Result<ProcessGroup> {
        ProcessGroup::from_number(leader.id()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Returns the group with this number, or `None` if no group can have it.
    pub fn from_number(number: u32) -> Option<ProcessGroup> {
        i32::try_from(number)
            .ok()
            .and_then(Pid::from_raw)
            .map(ProcessGroup)
    }

    /// Returns the group's number, which is the process id of its leader.
    pub fn number(&self) -> u32 {
        self.0.as_raw_nonzero().get().unsigned_abs()
    }

    /// Whether any process of the group is alive, except the `known` ones.
    pub fn others(&self, known: &[u32]) -> bool {
        // Usually the group is empty, and one system call tells. That call also counts processes that
        // have exited and aren't reaped yet, so if it finds any, look at each.
        test_kill_process_group(self.0).is_ok() && members(self.number(), known)
    }

    /// Whether this process is in the group and hasn't exited.
    pub fn has(&self, pid: u32) -> bool {
        group_of(pid) == Some(self.number()) && !is_over(&stat(pid))
    }

    /// Whether this process exists and is in another group.
    pub fn lacks(&self, pid: u32) -> bool {
        group_of(pid).is_some_and(|group| group != self.number())
    }

    /// Returns the processes of the group whose parent isn't in it, except the leader. Returns nothing
    /// if the system has no `/proc`.
    pub fn orphans(&self) -> Vec<u32> {
        let group = self.number();
        let mut orphans = processes();
        orphans.retain(|pid| {
            *pid != group
                && is_member(*pid, group)
                && parent_of(*pid).is_some_and(|parent| !is_member(parent, group))
        });
        orphans
    }

    /// Whether any process of the group is busy: see [`is_busy`].
    pub fn is_busy(&self) -> bool {
        self.members().into_iter().any(is_busy)
    }

    /// Returns the living processes of the group. Returns nothing if the system has no `/proc`.
    pub fn members(&self) -> Vec<u32> {
        let group = self.number();
        let mut pids = processes();
        pids.retain(|pid| is_member(*pid, group));
        pids
    }

    /// Kills all processes of the group.
    pub fn kill(&self) {
        // The only error is that no process is left.
        let _ = kill_process_group(self.0, Signal::KILL);
    }
}

/// Does nothing: on Unix the guard kills the processes that outlive this one.
pub(crate) fn end_together() -> io::Result<()> {
    Ok(())
}

/// Makes the command's process lead a group. The standard library can still spawn it the quick way,
/// unlike with a hook after fork.
pub(crate) fn lead_group(command: &mut Command) {
    command.process_group(0);
}

/// Kills the process with this process id. Returns `false` if there is no such process any more.
///
/// # Errors
/// If the system refuses.
pub fn kill(pid: u32) -> io::Result<bool> {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return Ok(false);
    };
    match kill_process(pid, Signal::KILL) {
        Ok(()) => Ok(true),
        Err(Errno::SRCH) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Converts an exit status.
pub(crate) fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unseen,
    }
}

/// Whether this is the exit of a process whose group was interrupted, as by a Ctrl-C.
pub(crate) fn is_interruption(exit: Exit) -> bool {
    let interruptions = [Signal::INT, Signal::TERM, Signal::HUP];
    matches!(exit, Exit::Signal(number) if interruptions.iter().any(|one| one.as_raw() == number))
}

/// Starts a process.
pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

/// Waits until a child exits. Doesn't reap it.
pub(super) fn wait(child: &mut Child) -> io::Result<Exit> {
    let pid = ProcessGroup::of(child)?.0;
    loop {
        match waitid(
            WaitId::Pid(pid),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        ) {
            Ok(Some(status)) => return Ok(exit_seen(&status)),
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Returns how a child exited, if it has. Doesn't reap it.
pub(super) fn exited(child: &mut Child) -> io::Result<Option<Exit>> {
    let pid = ProcessGroup::of(child)?.0;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    Ok(waitid(WaitId::Pid(pid), options)?.map(|status| exit_seen(&status)))
}

fn exit_seen(status: &WaitIdStatus) -> Exit {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unseen,
    }
}

/// Waits for a forked child, and reaps it.
pub(crate) fn wait_for_child(pid: u32) -> io::Result<Exit> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    loop {
        match waitpid(pid, WaitOptions::empty()) {
            Ok(Some((_, status))) => return Ok(exit_of_raw(status)),
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn exit_of_raw(status: WaitStatus) -> Exit {
    exit_of(ExitStatus::from_raw(status.as_raw()))
}

/// Whether a thread of this process runs, or waits for a processor or a disk: such a process is
/// starved, not stuck. Returns `false` if the system has no `/proc`.
pub fn is_busy(pid: u32) -> bool {
    thread_states(pid).any(|state| matches!(state, 'R' | 'D'))
}

/// Whether a signal has stopped this process. Returns `false` if the system has no `/proc`.
pub(crate) fn is_stopped(pid: u32) -> bool {
    thread_states(pid).any(|state| state == 'T')
}

/// Returns the letters for the states of a process's threads. Returns nothing if the system has no
/// `/proc`.
fn thread_states(pid: u32) -> impl Iterator<Item = char> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"));
    let threads = threads.into_iter().flatten().flatten();
    threads.filter_map(|thread| state_of(&thread.path()))
}

/// Returns the letter for the state of the thread with this folder in `/proc`.
pub(crate) fn state_of(thread: &Path) -> Option<char> {
    fields(&thread.join("stat")).chars().next()
}

#[cfg(target_os = "linux")]
fn members(group: u32, known: &[u32]) -> bool {
    let mut pids = processes().into_iter();
    pids.any(|pid| !known.contains(&pid) && is_member(pid, group))
}

/// Whether a process is in a group and hasn't exited.
fn is_member(pid: u32, group: u32) -> bool {
    let fields = stat(pid);
    let fields: Vec<&str> = fields.split(' ').collect();
    // State, parent, group.
    matches!(fields[..], [state, _, of, ..] if state != "Z" && state != "X"
        && of.parse() == Ok(group))
}

/// Whether a process can have this number.
pub(crate) fn is_pid(pid: u32) -> bool {
    ProcessGroup::from_number(pid).is_some()
}

/// Whether a process has exited, although its parent may not have noticed yet.
#[cfg(target_os = "linux")]
pub(crate) fn has_exited(pid: u32) -> bool {
    let stat = stat(pid);
    stat.is_empty() || is_over(&stat)
}

/// Whether these fields of [`stat`] are those of a process that has exited. A system without `/proc` has none
/// of any process.
fn is_over(stat: &str) -> bool {
    stat.starts_with(['Z', 'X'])
}

pub(crate) fn parent_of(pid: u32) -> Option<u32> {
    stat(pid).split(' ').nth(1)?.parse().ok()
}

/// Returns the group of a process, or `None` if there is no such process. A group of another namespace
/// has the number 0, which `getpgid` of rustix isn't made for.
fn group_of(pid: u32) -> Option<u32> {
    let pid = ProcessGroup::from_number(pid)?;
    match stat(pid.number()).split(' ').nth(2) {
        Some(group) => group.parse().ok(),
        None => getpgid(Some(pid.0))
            .ok()
            .map(|group| ProcessGroup(group).number()),
    }
}

/// Returns all visible processes. Returns nothing if the system has no `/proc`.
pub(crate) fn processes() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Other systems don't list a group's processes, so any that is left may be a known one.
#[cfg(not(target_os = "linux"))]
fn members(_group: u32, known: &[u32]) -> bool {
    known.is_empty()
}

/// Returns the fields of `/proc/PID/stat` after the process's name. The name is in parentheses and
/// may contain anything. Returns nothing if there is no such process or file.
fn stat(pid: u32) -> String {
    fields(Path::new(&format!("/proc/{pid}/stat")))
}

fn fields(stat: &Path) -> String {
    let stat = std::fs::read_to_string(stat).unwrap_or_default();
    stat.rsplit_once(") ")
        .map(|(_, fields)| fields.to_owned())
        .unwrap_or_default()
}

/// Returns the letters for the states of a process's threads: `T` is stopped, `Z` is exited.
#[cfg(target_os = "linux")]
pub(super) fn states(pid: u32) -> Vec<char> {
    thread_states(pid).collect()
}

/// Returns the letter for the state of the process. Other systems report it only through the program
/// `ps`.
#[cfg(not(target_os = "linux"))]
pub(super) fn states(pid: u32) -> Vec<char> {
    let mut ps = Command::new("ps");
    ps.args(["-o", "state=", "-p", &pid.to_string()]);
    let output = {
        let _starting = crate::os::spawn_lock::starting();
        ps.output()
    };
    let printed = output.map(|output| output.stdout).unwrap_or_default();
    let printed = String::from_utf8_lossy(&printed);
    printed.trim().chars().take(1).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;
    #[cfg(target_os = "linux")]
    use std::time::{Duration, Instant};

    use rustix::process::test_kill_process;

    use super::*;
    use crate::os::supervisor::Running;

    /// Otherwise killing the group of an exited process could kill a stranger's group.
    #[test]
    fn an_exited_leaders_process_id_stays_reserved_until_it_is_reaped() {
        let mut command = Command::new("sh");
        lead_group(command.args(["-c", "exit 3"]).stdin(Stdio::null()));
        let child = command.spawn().unwrap();
        let group = ProcessGroup::of(&child).unwrap();
        let pid = group.0;
        let mut running = Running { child, group };
        assert_eq!(running.wait().unwrap(), Exit::Code(3));
        assert_eq!(test_kill_process(pid), Ok(()));
        running.reap().unwrap();
        assert!(test_kill_process(pid).is_err());
        assert!(!running.group.others(&[]));
    }

    /// The leader waits for the busy process.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_group_is_busy_while_one_of_its_processes_is() {
        let mut command = Command::new("sh");
        let script = "(while :; do :; done) & wait";
        lead_group(command.args(["-c", script]).stdin(Stdio::null()));
        let mut child = command.spawn().unwrap();
        let group = ProcessGroup::of(&child).unwrap();
        let leader = group.number();
        let deadline = Instant::now() + Duration::from_secs(10);
        let is_so = || !is_busy(leader) && group.is_busy();
        while !is_so() && Instant::now() < deadline {
            std::thread::yield_now();
        }
        let so = is_so();
        group.kill();
        child.wait().unwrap();
        assert!(so, "the leader waits and the group is busy");
    }
}
