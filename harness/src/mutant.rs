//! Backends made wrong on purpose, and controls that are odd but legal.
//!
//! In: any backend, and a [`Fault`]. Out: a backend with the same traits that has this fault. A
//! mutant changes what the sound backend sends, reports or waits for. Faults of a whole queue are in
//! the process that keeps the items of the reference queue. Nothing here judges or reports.

mod acted;
mod backend;
mod behavior;
mod content;
mod endpoint;
mod ends;
mod fault;
mod goodbye;
mod header;
mod interruption;
mod keeper;
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

pub(crate) use self::acted::acted_in_time;
pub(crate) use self::backend::join_wait;
pub(crate) use self::ends::counting;
pub(crate) use self::fault::{Family, Fault};
pub(crate) use self::mutation::Mutation;
pub(crate) use self::trigger::Trigger;

#[cfg(test)]
mod memory;
#[cfg(test)]
mod tests;
