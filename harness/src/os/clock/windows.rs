use std::sync::LazyLock;

use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};

static FREQUENCY: LazyLock<u64> = LazyLock::new(|| read(QueryPerformanceFrequency));

/// Returns the current time in nanoseconds.
#[inline]
pub fn now() -> u64 {
    let ticks = u128::from(read(QueryPerformanceCounter));
    (ticks * 1_000_000_000 / u128::from(*FREQUENCY)) as u64
}

#[expect(unsafe_code, reason = "no safe crate reads this clock")]
fn read(query: unsafe extern "system" fn(*mut i64) -> i32) -> u64 {
    let mut value = 0;
    // SAFETY: both functions write one number, and the pointer to it is valid. Since Windows XP
    // neither fails.
    unsafe { query(&mut value) };
    value as u64
}
