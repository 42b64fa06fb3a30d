//! Sorting by stamps, fast for input that is almost sorted, as recorded histories usually are.

/// A stamp, and the index of the item or operation that it belongs to.
pub(super) type Stamped = (u64, u32);

/// Collects and sorts by stamp.
pub(super) fn by_stamp(stamps: impl Iterator<Item = Stamped>) -> Vec<Stamped> {
    let mut sorted: Vec<Stamped> = stamps.collect();
    sort(&mut sorted);
    sorted
}

/// Sorts by stamp; equal stamps end up in any order.
pub(super) fn sort(stamped: &mut [Stamped]) {
    // An operation that overlaps with a few others is only a few places away from its own.
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
