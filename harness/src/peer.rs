//! The process that runs one process's steps.
//!
//! A peer is this very executable, started in a role: [`hook`] looks at that before anything else.
//! It runs on one thread, so that it can fork; only where its steps are to be done at once it has
//! more, and waits for them before it goes on.

mod audit;
mod channel;
mod children;
mod descent;
mod desk;
mod endpoint;
mod exposure;
mod given;
mod helper;
mod interpreter;
pub mod log;
mod operation;
mod poll;
mod scope;
mod threads;
mod transfer;
pub mod wire;

use crate::os::guard;
use crate::os::supervisor::Role;
use crate::registry::Registry;

/// What a peer exits with when it can't do what it was told, and couldn't say so.
const TROUBLE: i32 = 70;

/// Runs this process in its role and exits; returns at once where it was started without one.
///
/// Call it first in the `main` of every executable that starts processes: they execute it again.
pub fn hook(registry: &Registry) {
    let Some(role) = Role::of_this_process() else {
        return;
    };
    let done = match role {
        Role::Nothing => Ok(()),
        Role::Guard => guard::serve(),
        Role::Helper => helper::serve(registry),
        Role::Peer => given::serve(registry),
    };
    std::process::exit(match done {
        Ok(()) => 0,
        Err(error) => {
            complain(&format!("{role:?}: {error}"));
            TROUBLE
        }
    });
}

/// Says something on the standard error, which the harness captures and quotes.
fn complain(text: &str) {
    use std::io::Write;
    // Whoever closed it doesn't want to know.
    let _ = writeln!(std::io::stderr(), "{text}");
}
