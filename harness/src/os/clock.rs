//! The machine-wide monotonic clock that stamps operations.
//!
//! [`std::time::Instant`] can't leave its process, so the same clock is read directly. Stamps are
//! nanoseconds from an arbitrary beginning, and comparable between the processes of one machine.

#[cfg(target_os = "macos")]
mod macos;
#[cfg(all(unix, not(target_os = "macos")))]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "macos")]
pub use macos::now;
#[cfg(all(unix, not(target_os = "macos")))]
pub use unix::now;
#[cfg(windows)]
pub use windows::now;

#[cfg(test)]
mod tests {
    #[test]
    fn time_never_goes_back() {
        let stamps: Vec<u64> = (0..10_000).map(|_| super::now()).collect();
        assert!(stamps.is_sorted());
    }
}
