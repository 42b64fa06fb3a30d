//! Published bugs of real libraries, each reproduced as a small backend, are detected.
//!
//! Each file links to the report and says what happened. Its backend has two versions: as published,
//! which fails a case, and fixed, which passes the same case.

mod blocked_producer;
mod bug;
mod concurrency_detector;
mod fragmented_header;
mod full_buffer;
// Only Linux interrupts a wait when a process is stopped.
#[cfg(target_os = "linux")]
mod interrupted_wait;
mod missed_notify;
mod queues;
mod sockets;
mod unbounded_read;

use ipc_conformance::registry::Registry;
use libtest_mimic::Trial;

const BUGS: &[bug::Bug] = &[
    blocked_producer::BUG,
    concurrency_detector::BUG,
    fragmented_header::BUG,
    full_buffer::BUG,
    #[cfg(target_os = "linux")]
    interrupted_wait::BUG,
    missed_notify::BUG,
    unbounded_read::BUG,
];

/// Adds the backends of these modules to a registry.
pub(crate) fn with(registry: Registry) -> Registry {
    let bugs = BUGS.iter();
    bugs.fold(registry, |all, bug| (bug.backends)(all))
}

/// Returns two tests for each bug.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    BUGS.iter().flat_map(|bug| {
        let name = bug.name.replace('-', "_");
        let detected = format!("published::{name}_is_detected");
        let fixed = format!("published::{name}_fixed_passes");
        [
            Trial::test(detected, || {
                bug.is_detected();
                Ok(())
            }),
            Trial::test(fixed, || {
                bug.fixed_version_passes();
                Ok(())
            }),
        ]
    })
}
