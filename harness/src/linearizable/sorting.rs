//! Sorting by stamps, fast where almost sorted already: what was recorded usually is.

/// A stamp, and the place of what it is a stamp of.
pub(super) type Stamped = (u64, u32);

/// Places from 0 on, by their stamps.
pub(super) fn by_stamp(stamps: impl Iterator<Item = Stamped>) -> Vec<Stamped> {
    let mut sorted: Vec<Stamped> = stamps.collect();
    sort(&mut sorted);
    sorted
}

/// Sorts by stamp; equal ones in any order.
pub(super) fn sort(stamped: &mut [Stamped]) {
    // Operations that overlap with a few others are only a few places away from where they belong.
    const SHIFTS_FOR_EACH: usize = 12;
    let mut shifts = stamped.len().saturating_mul(SHIFTS_FOR_EACH);
    for next in 1..stamped.len() {
        let moved = stamped[next];
        let mut hole = next;
        while hole > 0 && moved.0 < stamped[hole - 1].0 {
            stamped[hole] = stamped[hole - 1];
            hole -= 1;
        }
        stamped[hole] = moved;
        let cost = next - hole;
        if cost > shifts {
            return stamped.sort_unstable_by_key(|(stamp, _)| *stamp);
        }
        shifts -= cost;
    }
}
