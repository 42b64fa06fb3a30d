//! How long the machine kept the harness itself from running.
//!
//! A thread wakes up at regular intervals and adds up how late it is. On Linux it adds what a control
//! group's quota and a hypervisor took.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

/// A harness that wakes up this late was stopped, or the machine slept. Waits then start anew.
pub(super) const GAP: Duration = Duration::from_secs(1);

/// How often the thread wakes up.
const TICK: Duration = Duration::from_millis(100);

/// No timer is more precise than this on every system.
const RESOLUTION: Duration = Duration::from_millis(if cfg!(windows) { 16 } else { 1 });

static LOST: AtomicU64 = AtomicU64::new(0);
static GAPS: AtomicU32 = AtomicU32::new(0);

/// The time that the machine took from this process since the first call of [`delay`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MachineDelay {
    pub(super) lost: Duration,
    /// How often this process was stopped for at least [`GAP`].
    pub(super) gaps: u32,
}

/// Returns the time that the machine has taken from this process. Starts the thread at the first call.
pub(super) fn delay() -> MachineDelay {
    static START: Once = Once::new();
    START.call_once(|| {
        // Without the thread, each wait still measures how late it wakes up itself.
        let _ = thread::Builder::new()
            .name("clock".to_owned())
            .spawn(measure);
    });
    MachineDelay {
        lost: Duration::from_nanos(LOST.load(Ordering::Relaxed)),
        gaps: GAPS.load(Ordering::Relaxed),
    }
}

fn measure() {
    let mut taken = system::taken();
    loop {
        let planned = Instant::now() + TICK;
        thread::sleep(TICK);
        let late = Instant::now().saturating_duration_since(planned);
        if late >= GAP {
            GAPS.fetch_add(1, Ordering::Relaxed);
        }
        let now = system::taken();
        let lost = late.saturating_sub(RESOLUTION) + now.saturating_sub(taken);
        taken = now;
        let lost = u64::try_from(lost.as_nanos()).unwrap_or(u64::MAX);
        LOST.fetch_add(lost, Ordering::Relaxed);
    }
}
