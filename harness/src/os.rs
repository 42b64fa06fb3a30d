//! The operating system: processes, control links, folders, files without a name, clocks.
//!
//! In: programs to start, frames to send, processes to stop or kill. Out: processes that never
//! outlive the harness, and their exits and waits in the types of [`crate::history`]. This room knows
//! no case, no backend and no verdict. Systems differ only in pairs of files such as `unix.rs` and
//! `windows.rs`, which offer the same functions.
//!
//! Each module is a surface of its own for the other rooms.

pub mod clock;
pub(crate) mod folder;
pub(crate) mod guard;
pub(crate) mod invocation;
pub(crate) mod link;
pub(crate) mod mark;
pub(crate) mod noted_queue;
pub(crate) mod patience;
pub mod platform;
#[cfg(unix)]
pub(crate) mod poll;
pub(crate) mod replies;
pub(crate) mod scratch;
pub(crate) mod service_thread;
pub(crate) mod shortage;
pub(crate) mod spawn_lock;
pub mod supervisor;
pub(crate) mod text_file;
