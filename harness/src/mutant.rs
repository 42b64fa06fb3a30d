//! Backends made wrong on purpose, and odd but legal ones.
//!
//! A mutant stands before any backend, through the same traits. What it does to messages on their
//! way out, to what is reported of those that come in, and to the pace is decided apart from the
//! ends that do it. Faults of more than one end are those of the process that keeps a queue's items,
//! which is the reference queue's.

mod backend;
mod behavior;
mod content;
mod ends;
mod fault;
mod goodbye;
mod header;
mod keeper;
mod meeting;
mod mutation;
mod opened;
mod pending_puts;
mod pipe;
mod prefetch;
mod receiving;
mod reordering;
mod residue;
mod sending;
mod timing;
mod trigger;

pub use self::fault::{Family, Fault};
pub use self::mutation::Mutation;
pub use self::trigger::Trigger;

#[cfg(test)]
mod memory;
#[cfg(test)]
mod tests;
