//! Process groups are job objects.

use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};

use windows_sys::Win32::Foundation::{ERROR_INTERNAL_ERROR, ERROR_INVALID_PARAMETER};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, IsProcessInJob, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectBasicAccountingInformation, JobObjectExtendedLimitInformation,
    QueryInformationJobObject, SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenProcess, PROCESS_QUERY_INFORMATION, PROCESS_TERMINATE, TerminateProcess,
};

use crate::backend::Emulation;
use crate::history::Exit;
use crate::os::platform;

/// The exit code of a killed process, since Windows has no signals.
pub(super) const KILLED: u32 = 0xC000_013A;

/// A process and its descendants: a job object. Windows kills them when the last handle of the job
/// closes, so also when the harness dies.
#[derive(Clone, Debug)]
pub struct ProcessGroup {
    job: Arc<OwnedHandle>,
    leader: u32,
}

impl ProcessGroup {
    /// Creates a job with this process in it. The process waits for its plan before it starts
    /// others, so the job contains all of its descendants.
    pub(super) fn of(leader: &Child) -> io::Result<ProcessGroup> {
        Ok(ProcessGroup {
            job: Arc::new(job_of(leader.as_raw_handle())?),
            leader: leader.id(),
        })
    }

    /// Returns the process id of the leader.
    pub fn number(&self) -> u32 {
        self.leader
    }

    /// Whether any process of the group is alive. A job counts its processes and doesn't list them, so
    /// call this after the known ones have exited.
    #[expect(unsafe_code, reason = "no safe crate asks job objects")]
    pub fn others(&self, _known: &[u32]) -> bool {
        let mut counts = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        // SAFETY: `counts` has the type of this class of information, and its real length is passed.
        let asked = unsafe {
            QueryInformationJobObject(
                self.job.as_raw_handle(),
                JobObjectBasicAccountingInformation,
                (&raw mut counts).cast(),
                size_of::<JOBOBJECT_BASIC_ACCOUNTING_INFORMATION>() as u32,
                std::ptr::null_mut(),
            )
        };
        asked != 0 && counts.ActiveProcesses > 0
    }

    /// Whether this process is in the group.
    pub fn has(&self, pid: u32) -> bool {
        self.asked_of(pid) == Some(true)
    }

    /// Whether this process exists and isn't in the group.
    pub fn lacks(&self, pid: u32) -> bool {
        self.asked_of(pid) == Some(false)
    }

    /// Returns nothing: a job doesn't list its processes.
    pub fn orphans(&self) -> Vec<u32> {
        Vec::new()
    }

    /// Returns `false`: see [`is_busy`].
    pub fn is_busy(&self) -> bool {
        false
    }

    /// Returns nothing: see [`is_busy`].
    pub fn members(&self) -> Vec<u32> {
        Vec::new()
    }

    /// Whether this process is in the job, or `None` if there is no such process.
    #[expect(unsafe_code, reason = "no safe crate asks job objects")]
    fn asked_of(&self, pid: u32) -> Option<bool> {
        // Windows would answer a handle with fewer rights too, and Wine doesn't.
        // SAFETY: the call takes numbers, and returns null or a handle that we own.
        let process = unsafe { OpenProcess(PROCESS_QUERY_INFORMATION, 0, pid) };
        if process.is_null() {
            return None;
        }
        // SAFETY: the handle is new, and nothing else owns it.
        let process = unsafe { OwnedHandle::from_raw_handle(process) };
        let mut is_in = 0;
        // SAFETY: both handles are open, and `is_in` is valid to write to.
        let asked = unsafe {
            IsProcessInJob(
                process.as_raw_handle(),
                self.job.as_raw_handle(),
                &raw mut is_in,
            )
        };
        (asked != 0).then_some(is_in != 0)
    }

    /// Kills all processes of the group.
    #[expect(unsafe_code, reason = "no safe crate ends job objects")]
    pub fn kill(&self) {
        // SAFETY: the handle is open. The only error is that no process is left.
        unsafe { TerminateJobObject(self.job.as_raw_handle(), KILLED) };
    }
}

/// Creates a job with this process in it, which kills its processes when it is closed.
#[expect(unsafe_code, reason = "no safe crate makes job objects")]
fn job_of(process: RawHandle) -> io::Result<OwnedHandle> {
    // SAFETY: null is allowed for both arguments. The call returns null or a handle that we own.
    let job = unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) };
    if job.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is new, and nothing else owns it.
    let job = unsafe { OwnedHandle::from_raw_handle(job) };
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    // SAFETY: `limits` has the type of this class of information, and its real length is passed.
    let limited = unsafe {
        SetInformationJobObject(
            job.as_raw_handle(),
            JobObjectExtendedLimitInformation,
            (&raw const limits).cast(),
            size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32,
        )
    };
    // SAFETY: both handles are open.
    let assigned = unsafe { AssignProcessToJobObject(job.as_raw_handle(), process) };
    if limited == 0 || assigned == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(job)
}

/// Makes all processes that this one starts from now on die with it. A process is put into a job of
/// its own only after its start; if this process were killed in between, the new one would stay
/// forever.
///
/// # Errors
/// If the system refuses.
pub(crate) fn end_together() -> io::Result<()> {
    /// Closes when the process exits, and not before.
    static ENCLOSING: Mutex<Option<OwnedHandle>> = Mutex::new(None);
    let mut enclosing = ENCLOSING.lock().unwrap_or_else(PoisonError::into_inner);
    if enclosing.is_none() {
        *enclosing = Some(job_of(this_process())?);
    }
    Ok(())
}

#[expect(unsafe_code, reason = "no safe crate names this process")]
fn this_process() -> RawHandle {
    // SAFETY: the call takes nothing and returns a constant.
    unsafe { GetCurrentProcess() }
}

/// Does nothing: `ProcessGroup::of` puts a process into a job after its start.
pub(crate) fn lead_group(_command: &mut Command) {}

/// Kills the process with this process id. Returns `false` if there is no such process any more.
///
/// # Errors
/// If the system refuses.
#[expect(unsafe_code, reason = "no safe crate ends a process by number")]
pub fn kill(pid: u32) -> io::Result<bool> {
    // SAFETY: the call takes numbers, and returns null or a handle that we own.
    let process = unsafe { OpenProcess(PROCESS_TERMINATE, 0, pid) };
    if process.is_null() {
        let error = io::Error::last_os_error();
        let is_gone = error.raw_os_error() == Some(ERROR_INVALID_PARAMETER as i32);
        return if is_gone { Ok(false) } else { Err(error) };
    }
    // SAFETY: the handle is new, and nothing else owns it.
    let process = unsafe { OwnedHandle::from_raw_handle(process) };
    // SAFETY: the handle is open and may end the process. The call fails only if the process exits.
    Ok(unsafe { TerminateProcess(process.as_raw_handle(), KILLED) } != 0)
}

/// Starts a process.
///
/// In one of several thousand starts, Wine returns an error that Windows never returns here: the new
/// process died before its program ran. None of our code has run then, so it is started again.
pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    const STILLBORN: i32 = ERROR_INTERNAL_ERROR as i32;
    let is_wine = platform::current().emulation == Some(Emulation::Wine);
    match command.spawn() {
        Err(error) if is_wine && error.raw_os_error() == Some(STILLBORN) => command.spawn(),
        result => result,
    }
}

/// Waits until a child exits. On Windows its process id stays reserved while a handle of it is open.
pub(super) fn wait(child: &mut Child) -> io::Result<Exit> {
    child.wait().map(exit_of)
}

/// Returns how a child exited, if it has.
pub(super) fn exited(child: &mut Child) -> io::Result<Option<Exit>> {
    Ok(child.try_wait()?.map(exit_of))
}

/// Whether a process can have this number.
pub(crate) fn is_pid(pid: u32) -> bool {
    pid != 0
}

/// Converts an exit status.
pub(crate) fn exit_of(status: ExitStatus) -> Exit {
    status.code().map_or(Exit::Unseen, Exit::Code)
}

/// Returns `false`: on Windows each process is in a job from its start, and isn't interrupted with the
/// others of a group.
pub(crate) fn is_interruption(_exit: Exit) -> bool {
    false
}

/// Returns `false`: Windows doesn't report whether a process waits for a processor.
pub fn is_busy(_pid: u32) -> bool {
    false
}

/// Returns `false`: no signal stops a process.
pub(crate) fn is_stopped(_pid: u32) -> bool {
    false
}
