//! A peer: the process that runs one process's steps.
//!
//! In: a plan, ends and orders, over the control link. Out: the log of every operation, and messages
//! to the harness. A peer judges nothing, and it never sees what the case expects.
//!
//! A peer is the harness's own executable, started in a role; [`hook`] looks at the role before
//! anything else runs. A peer has a single thread, so that it can fork. Only a `threads` step starts
//! more threads, and it joins them before the next step.
//!
//! The runner uses [`log`] and [`wire`], and executables call [`hook`].

mod bindings;
mod channel;
mod children;
mod delays;
mod descriptors;
mod endpoint;
mod fault_trigger;
mod helper;
mod interpreter;
pub mod log;
mod log_and_link;
mod operation;
mod poll;
mod resources;
mod start;
mod startup;
mod thread;
mod threads;
mod transfer;
mod trouble;
pub(crate) mod wire;

pub(crate) use trouble::LACKS;

use crate::os::guard;
use crate::os::supervisor::ProcessRole;
use crate::registry::Registry;

/// Runs this process in its role and exits. Returns at once if the process was started without one.
///
/// Call it first in the `main` of every executable that starts processes, since those processes
/// execute it again.
pub fn hook(registry: &Registry) {
    let Some(role) = ProcessRole::of_this_process() else {
        return;
    };
    let done = match role {
        ProcessRole::Nothing => Ok(()),
        ProcessRole::Guard => guard::serve(),
        ProcessRole::Helper => helper::serve(registry),
        ProcessRole::Peer => startup::serve(registry),
    };
    std::process::exit(match done {
        Ok(()) => 0,
        Err(error) => trouble::trouble_of(&error, &format!("{role:?}: {error}")),
    });
}
