/// Nanoseconds now. `CLOCK_MONOTONIC` ticks in microseconds here; this one is finer.
#[inline]
#[expect(unsafe_code, reason = "no safe crate reads this clock")]
pub fn now() -> u64 {
    // SAFETY: takes a number, returns a number.
    unsafe { libc::clock_gettime_nsec_np(libc::CLOCK_UPTIME_RAW) }
}
