use std::sync::LazyLock;

use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};

static FREQUENCY: LazyLock<u64> = LazyLock::new(|| read(QueryPerformanceFrequency));

/// Nanoseconds now.
#[inline]
pub fn now() -> u64 {
    let ticks = u128::from(read(QueryPerformanceCounter));
    (ticks * 1_000_000_000 / u128::from(*FREQUENCY)) as u64
}

#[expect(unsafe_code, reason = "no safe crate reads this clock")]
fn read(query: unsafe extern "system" fn(*mut i64) -> i32) -> u64 {
    let mut value = 0;
    // SAFETY: both functions write one number to a valid place; since Windows XP they can't fail.
    unsafe { query(&mut value) };
    value as u64
}
