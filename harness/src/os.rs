//! What the operating system gives: processes, links to them, folders, files without a name, clocks.
//!
//! In: what is to be started, sent, made or asked. Out: processes that end with the harness, and
//! answers in the words of [`crate::history`]. Whatever differs between systems sits here, in pairs
//! of files behind one type. It knows no case, no backend and no verdict.

pub(crate) mod answers;
pub mod clock;
pub mod folder;
pub mod guard;
pub mod inheritance;
pub mod link;
pub mod platform;
pub mod scratch;
pub mod supervisor;
