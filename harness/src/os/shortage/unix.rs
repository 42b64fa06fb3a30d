use rustix::process::{Resource, geteuid, getrlimit};

pub(super) const DESCRIPTORS: &[i32] = &[libc::EMFILE];
pub(super) const DESCRIPTORS_OF_SYSTEM: &[i32] = &[libc::ENFILE];
pub(super) const MEMORY: &[i32] = &[libc::ENOMEM];
pub(super) const DISK: &[i32] = &[libc::ENOSPC];
pub(super) const QUOTA: &[i32] = &[libc::EDQUOT];

/// The number of an error that means that no more processes can be started.
pub(super) const NO_PROCESS: Option<i32> = Some(libc::EAGAIN);

/// How many descriptors the harness has without any run, and how many it needs for a usual run.
const OWN_DESCRIPTORS: u64 = 24;
const DESCRIPTORS_OF_RUN: u64 = 32;

/// The same of processes and threads, with those of an adapter.
const OWN_PROCESSES: u64 = 4;
const PROCESSES_OF_RUN: u64 = 6;

pub(super) fn runs_at_once() -> usize {
    let descriptors = getrlimit(Resource::Nofile).current;
    // The system doesn't hold the superuser to this limit.
    let processes = if geteuid().is_root() {
        None
    } else {
        getrlimit(Resource::Nproc).current
    };
    let runs = |limit: Option<u64>, own, each| {
        limit.map_or(u64::MAX, |limit| limit.saturating_sub(own) / each)
    };
    let by_descriptors = runs(descriptors, OWN_DESCRIPTORS, DESCRIPTORS_OF_RUN);
    let by_processes = runs(processes, OWN_PROCESSES, PROCESSES_OF_RUN);
    let runs = by_descriptors.min(by_processes).max(1);
    usize::try_from(runs).unwrap_or(usize::MAX)
}
