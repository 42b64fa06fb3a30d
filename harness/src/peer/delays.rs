//! Pauses before operations, which vary the schedules of a run.

use std::time::Duration;

use crate::plan::ProcessIndex;

/// The pauses of one thread, which follow from the plan's seed.
pub(super) struct Delays(Option<fastrand::Rng>);

impl Delays {
    /// One in this many operations is delayed.
    const RARITY: u32 = 4;
    const LONGEST: Duration = Duration::from_micros(300);

    /// Returns the pauses of this thread; there are none if the seed is 0.
    pub(super) fn of(seed: u64, process: ProcessIndex, thread: u16) -> Delays {
        let number = process as u64 + 1 + (u64::from(thread) << 16);
        let mixed = seed ^ number.rotate_left(32);
        Delays((seed != 0).then(|| fastrand::Rng::with_seed(mixed)))
    }

    /// Sleeps if the next operation is to be delayed.
    pub(super) fn pause(&mut self) {
        if let Some(random) = &mut self.0
            && random.u32(0..Delays::RARITY) == 0
        {
            std::thread::sleep(Delays::LONGEST.mul_f64(random.f64()));
        }
    }
}
