//! Random whole cases, correct by construction, with which the harness tries itself.
//!
//! In: random choices, as a [`Recipe`]. Out: a [`Case`](crate::case::Case) whose every expectation a correct library
//! meets. A recipe is a list of moves in one order. Each move adds steps to the processes that take part
//! in it, and a model of the channels says which moves are possible and which outcomes are certain.
//!
//! Why no case deadlocks: a move waits only for its own processes and for earlier moves. So the first
//! unfinished move can always finish, as long as no later move takes an item or room that it needs. Only
//! processes that share an end can do that, and those are kept in the order of the moves. An outcome that
//! depends on the order, such as an empty queue, is expected only where events enforce that order.
//!
//! This room runs nothing. [`crate::self_test`] runs what it generates.

mod asking;
mod assemble;
mod build;
mod closing;
mod fates;
mod finish;
mod items;
mod meeting;
mod pool;
mod recipe;
mod refusals;
mod steps;
mod tally;
mod tasks;
mod threads;
mod transfer;
mod world;

pub(crate) use assemble::case;
pub(crate) use recipe::{Recipe, recipe};
pub(crate) use tally::Tally;

#[cfg(test)]
mod tests;
