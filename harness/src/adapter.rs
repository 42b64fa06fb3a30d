//! Adapters: programs in any language that host backends.
//!
//! In: commands and `adapter.toml` files, and the lines that a running adapter writes. Out: the columns
//! that adapters add to the matrix, checked messages of [`protocol`], and for each run the history of
//! its processes. An adapter's message that contradicts the plan or an earlier message becomes a
//! [`protocol::Breach`], so that an adapter's mistake never counts against a library. This room runs
//! no plan and knows no case.

mod column;
mod command;
pub mod files;
mod introduction;
mod lines;
mod process;
pub mod protocol;
mod tail;
#[cfg(test)]
mod vectors;

pub(crate) use column::{Absence, AdapterColumn};
pub(crate) use command::Adapter;
pub(crate) use introduction::{AdapterIntroduction, Unusable};
pub(crate) use process::{AdapterOutput, AdapterProcess, PATIENCE, patience_left};
