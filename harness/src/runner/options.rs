//! How to run trials.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::backend::Emulation;
use crate::clause::Catalogue;
use crate::os::platform;
use crate::os::supervisor::Program;

/// How long nothing may move before a run counts as stalled.
///
/// A library fails by a stall, so this is long. On Linux a process that only waits for a processor or
/// a disk counts as moving. Backends' helpers don't, nor does any process on other systems, and those
/// may be delayed for seconds on a machine that swaps.
pub const STALL: Duration = Duration::from_secs(4);

/// How long nothing may move where a reviewed divergence says that an operation hangs. The hang is
/// known, so no library fails by it. If the operation no longer hangs but takes longer than this, the
/// harness doesn't notice. Longer than any timed operation may be late, so that one that hangs is
/// recorded.
pub(crate) const REVIEWED_STALL: Duration = Duration::from_millis(1500);

/// Returns how long nothing may move on this system before a run counts as stalled.
pub(crate) fn stall_here() -> Duration {
    STALL * slowness()
}

/// Returns how many trials to run at once on this machine: 6 × CPUs, because trials mostly wait; 4 × CPUs
/// in Wine, where they mostly compute.
pub(crate) fn jobs_here() -> usize {
    let for_each_cpu = if slowness() == 1 { 6 } else { 4 };
    for_each_cpu * thread::available_parallelism().map_or(1, usize::from)
}

/// Returns how many times longer than elsewhere everything may take on this system. Wine sends every
/// system call to one server, where many mebibytes take seconds.
pub(super) fn slowness() -> u32 {
    match platform::current().emulation {
        None => 1,
        Some(Emulation::Wine) => 4,
    }
}

/// How to run trials.
#[derive(Clone, Debug)]
pub struct Options {
    /// Determines the delays in processes; 0 for no delays.
    pub seed: u64,
    /// How many trials run at once, at least one: [`jobs_here`].
    pub jobs: usize,
    /// The executable of the run's processes; it must call [`crate::peer::hook`] first.
    pub program: Program,
    /// How long nothing may move before a run counts as stalled: [`stall_here`].
    pub stall: Duration,
    /// The text and the profile of each clause.
    pub catalogue: Arc<Catalogue>,
}

impl Options {
    /// One trial at a time, without delays.
    pub fn new(program: Program, catalogue: Arc<Catalogue>) -> Options {
        Options {
            seed: 0,
            jobs: 1,
            program,
            stall: stall_here(),
            catalogue,
        }
    }
}
