//! Job objects.

use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};

use windows_sys::Win32::Foundation::ERROR_INTERNAL_ERROR;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, IsProcessInJob, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectBasicAccountingInformation, JobObjectExtendedLimitInformation,
    QueryInformationJobObject, SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_TERMINATE,
    TerminateProcess,
};

use crate::backend::Emulation;
use crate::history::Exit;
use crate::os::platform;

/// What a killed process exits with here, where there are no signals.
pub(super) const KILLED: u32 = 0xC000_013A;

/// A process and its descendants. They are killed when the last handle of the job closes, so
/// also when the harness dies.
#[derive(Clone, Debug)]
pub struct Group {
    job: Arc<OwnedHandle>,
    leader: u32,
}

impl Group {
    /// A job with this process in it. The process waits for its plan, so that none of its
    /// descendants can be older than the job.
    pub(super) fn of(leader: &Child) -> io::Result<Group> {
        Ok(Group {
            job: Arc::new(job_of(leader.as_raw_handle())?),
            leader: leader.id(),
        })
    }

    /// Its leader's number.
    pub fn number(&self) -> u32 {
        self.leader
    }

    /// Whether any process of it is alive but these. The job counts them and doesn't name them, so
    /// this is asked once those that are known are gone.
    #[expect(unsafe_code, reason = "no safe crate asks job objects")]
    pub fn others(&self, _known: &[u32]) -> bool {
        let mut counts = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        // SAFETY: `counts` is what this class of information is, and as long as said.
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

    /// Whether this process is of it.
    pub fn has(&self, pid: u32) -> bool {
        self.asked_of(pid) == Some(true)
    }

    /// Whether there is such a process, and it isn't of it.
    pub fn lacks(&self, pid: u32) -> bool {
        self.asked_of(pid) == Some(false)
    }

    /// The processes of it whose parent is gone: here nobody tells.
    pub fn orphans(&self) -> Vec<u32> {
        Vec::new()
    }

    /// Whether any process of it is busy: see [`is_busy`].
    pub fn is_busy(&self) -> bool {
        false
    }

    /// Whether this process is of it; none where there is no such process.
    #[expect(unsafe_code, reason = "no safe crate asks job objects")]
    fn asked_of(&self, pid: u32) -> Option<bool> {
        // SAFETY: takes numbers; the result is null or a handle of ours.
        let process = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid) };
        if process.is_null() {
            return None;
        }
        // SAFETY: it was just opened, and nobody else has it.
        let process = unsafe { OwnedHandle::from_raw_handle(process) };
        let mut is_in = 0;
        // SAFETY: both handles are open, and `is_in` is written to at once.
        let asked = unsafe {
            IsProcessInJob(
                process.as_raw_handle(),
                self.job.as_raw_handle(),
                &raw mut is_in,
            )
        };
        (asked != 0).then_some(is_in != 0)
    }

    /// Kills all of it.
    #[expect(unsafe_code, reason = "no safe crate ends job objects")]
    pub fn kill(&self) {
        // SAFETY: the handle is open. The only error is that nobody is left, which is as well.
        unsafe { TerminateJobObject(self.job.as_raw_handle(), KILLED) };
    }
}

/// A new job that kills on close, with this process in it.
#[expect(unsafe_code, reason = "no safe crate makes job objects")]
fn job_of(process: RawHandle) -> io::Result<OwnedHandle> {
    // SAFETY: null is allowed for both; the result is null or a handle of ours.
    let job = unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) };
    if job.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just made, and nobody else has it.
    let job = unsafe { OwnedHandle::from_raw_handle(job) };
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    // SAFETY: `limits` is what this class of information is, and as long as said.
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

/// From now on whoever is started here dies with this process. A group of its own a process has only
/// behind its start: whoever is killed while it starts one would leave that, not yet running, for ever.
///
/// # Errors
/// Where the system refuses.
pub(crate) fn end_together() -> io::Result<()> {
    /// It closes with the process, and not before.
    static ENCLOSING: Mutex<Option<OwnedHandle>> = Mutex::new(None);
    let mut enclosing = ENCLOSING.lock().unwrap_or_else(PoisonError::into_inner);
    if enclosing.is_none() {
        *enclosing = Some(job_of(this_process())?);
    }
    Ok(())
}

#[expect(unsafe_code, reason = "no safe crate names this process")]
fn this_process() -> RawHandle {
    // SAFETY: a constant, in fact.
    unsafe { GetCurrentProcess() }
}

/// Every process gets a job of its own behind its start.
pub(crate) fn lead_group(_command: &mut Command) {}

/// Kills one process by its number.
#[expect(unsafe_code, reason = "no safe crate ends a process by number")]
pub fn kill(pid: u32) {
    // SAFETY: takes numbers; the result is null or a handle of ours.
    let process = unsafe { OpenProcess(PROCESS_TERMINATE, 0, pid) };
    if process.is_null() {
        return;
    }
    // SAFETY: it was just opened, and nobody else has it.
    let process = unsafe { OwnedHandle::from_raw_handle(process) };
    // SAFETY: the handle is open and may end the process.
    unsafe { TerminateProcess(process.as_raw_handle(), KILLED) };
}

/// Starts a process.
///
/// Wine fails in one of some thousand starts, by what Windows never says here: what was to become the
/// process died before it was one. Nothing of ours has run then, and it is started once more.
pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    const STILLBORN: i32 = ERROR_INTERNAL_ERROR as i32;
    let is_wine = platform::current().emulation == Some(Emulation::Wine);
    match command.spawn() {
        Err(error) if is_wine && error.raw_os_error() == Some(STILLBORN) => command.spawn(),
        result => result,
    }
}

/// Waits for a child. Here its number stays taken as long as anybody has a handle of it.
pub(super) fn wait(child: &mut Child) -> io::Result<Exit> {
    child.wait().map(exit_of)
}

/// How a child exited, if it has.
pub(super) fn exited(child: &mut Child) -> io::Result<Option<Exit>> {
    Ok(child.try_wait()?.map(exit_of))
}

/// Processes by a variable: nobody needs that here, where a job holds all descendants.
pub fn with_variable(_name: &str, _value: &str) -> Vec<u32> {
    Vec::new()
}

/// How a process exited.
pub(crate) fn exit_of(status: ExitStatus) -> Exit {
    status.code().map_or(Exit::Unseen, Exit::Code)
}

/// Whether this is how a process exits that is interrupted with all others of its group: here each is
/// in a job from its birth.
pub(crate) fn is_interruption(_exit: Exit) -> bool {
    false
}

/// Whether a process is on a processor, or waits for one: here nobody tells.
pub fn is_busy(_pid: u32) -> bool {
    false
}
