/// Returns the current time in nanoseconds. `CLOCK_MONOTONIC` counts microseconds on macOS; this
/// clock is finer.
#[inline]
#[expect(unsafe_code, reason = "no safe crate reads this clock")]
pub fn now() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a valid `timespec`. The call writes it, or leaves it as it is.
    unsafe { libc::clock_gettime(libc::CLOCK_UPTIME_RAW, &raw mut time) };
    // Neither field is negative: the clock counts from the start of the system.
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
