use rustix::process::{Resource, geteuid, getrlimit};

use super::Shortage::{self, Descriptors, DescriptorsOfSystem, Disk, Memory, Quota};

pub(super) const CODES: &[(i32, Shortage)] = &[
    (libc::EMFILE, Descriptors),
    (libc::ENFILE, DescriptorsOfSystem),
    (libc::ENOMEM, Memory),
    (libc::ENOSPC, Disk),
    (libc::EDQUOT, Quota),
];

/// The number of an error that means that no more processes can be started.
pub(super) const NO_PROCESS: Option<i32> = Some(libc::EAGAIN);

/// How many descriptors the harness has without any run, and how many it needs for a usual run.
const OWN_DESCRIPTORS: u64 = 24;
const DESCRIPTORS: u64 = 32;

/// The same of processes and threads, with those of an adapter.
const OWN_PROCESSES: u64 = 4;
const PROCESSES: u64 = 6;

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
    let by_descriptors = runs(descriptors, OWN_DESCRIPTORS, DESCRIPTORS);
    let by_processes = runs(processes, OWN_PROCESSES, PROCESSES);
    let runs = by_descriptors.min(by_processes).max(1);
    usize::try_from(runs).unwrap_or(usize::MAX)
}
