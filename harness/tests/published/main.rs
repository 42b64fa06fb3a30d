//! Bugs that were published of real libraries, each made again as a small backend, are caught.
//!
//! Each file says where the bug was reported and what happened. Its backend comes in two versions: as
//! published, which a case must break, and mended, which the same case must pass.

// All of them are over Unix sockets and pipes.
#![cfg_attr(not(unix), allow(unused))]

#[cfg(unix)]
mod blocked_producer;
#[cfg(unix)]
mod bug;
#[cfg(unix)]
mod concurrency_detector;
#[cfg(unix)]
mod fragmented_header;
#[cfg(unix)]
mod full_buffer;
// What a stop interrupts is Linux's own.
#[cfg(target_os = "linux")]
mod interrupted_wait;
#[cfg(unix)]
mod missed_notify;
#[cfg(unix)]
mod queues;
#[cfg(unix)]
mod sockets;
#[cfg(unix)]
mod unbounded_read;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    use ipc_conformance::peer;
    use ipc_conformance::registry::Registry;
    use libtest_mimic::{Arguments, Trial};

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
    let all = BUGS
        .iter()
        .fold(Registry::new(), |all, bug| (bug.backends)(all));
    peer::hook(&all);
    let tests = BUGS.iter().flat_map(|bug| {
        let caught = format!("{}_is_caught", bug.name.replace('-', "_"));
        let mended = format!("{}_mended_passes", bug.name.replace('-', "_"));
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
    });
    libtest_mimic::run(&Arguments::from_args(), tests.collect()).exit_code()
}

#[cfg(not(unix))]
fn main() {}
