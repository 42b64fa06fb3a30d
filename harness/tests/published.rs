//! Bugs that were published of real libraries, each made again as a small backend, are caught.
//!
//! Each file says where the bug was reported and what happened. Its backend comes in two versions: as
//! published, which a case must break, and mended, which the same case must pass.

mod blocked_producer;
mod bug;
mod concurrency_detector;
mod fragmented_header;
mod full_buffer;
// What a stop interrupts is Linux's own.
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

/// A registry with the backends here too.
pub(crate) fn with(registry: Registry) -> Registry {
    let bugs = BUGS.iter();
    bugs.fold(registry, |all, bug| (bug.backends)(all))
}

/// Two tests for each bug.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    BUGS.iter().flat_map(|bug| {
        let name = bug.name.replace('-', "_");
        let caught = format!("published::{name}_is_caught");
        let mended = format!("published::{name}_mended_passes");
        [
            Trial::test(caught, || {
                bug.is_caught();
                Ok(())
            }),
            Trial::test(mended, || {
                bug.is_all_that_is_wrong();
                Ok(())
            }),
        ]
    })
}
