//! System V message queues that are written down, so that they can be removed after all their processes
//! were killed.
//!
//! Such a queue belongs to no process and has no name in a folder. So a file in the folder of the run has
//! the queue's key as its name; it is made before the queue and removed after it.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

#[cfg(target_os = "linux")]
pub(crate) use linux::{NotedQueue, QueueId};
pub(crate) use system::remove_all;
