//! The machine-wide monotonic clock that stamps operations.
//!
//! [`std::time::Instant`] can't be sent to another process, so this module reads the same clock
//! directly. Stamps are nanoseconds since an arbitrary moment; stamps of several processes on one
//! machine can be compared.

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
    fn the_clock_never_goes_back() {
        let stamps: Vec<u64> = (0..10_000).map(|_| super::now()).collect();
        assert!(stamps.is_sorted());
    }
}
