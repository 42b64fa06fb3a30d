/// Nanoseconds now. `CLOCK_MONOTONIC` ticks in microseconds here; this one is finer.
#[inline]
#[expect(unsafe_code, reason = "no safe crate reads this clock")]
pub fn now() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: writes a time into what it is pointed to, or nothing.
    unsafe { libc::clock_gettime(libc::CLOCK_UPTIME_RAW, &raw mut time) };
    // Neither is ever negative: the clock counts from the start of the system.
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
