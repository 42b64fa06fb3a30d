//! Everything that people and programs read.
//!
//! In: events, and the texts that they name ([`Sources`]). Out: the lines of a terminal, failure
//! pages, the matrix, JSON lines, JUnit XML and Markdown. It starts no process and decides no
//! verdict: every report follows from the event log. Colours are always drawn; a writer that isn't
//! a terminal drops them.

mod again;
pub(crate) mod comparison;
mod divergences;
#[cfg(test)]
mod foreign_text;
pub mod json;
pub(crate) mod judged;
mod junit;
mod matrix;
pub(crate) mod merged;
pub(crate) mod page;
mod progress;
pub(crate) mod proof;
pub(crate) mod self_test;
mod sequence;
mod sources;
mod style;
mod text;
mod wait_for;
mod words;

pub(crate) use again::Again;
pub(crate) use junit::JunitReport;
pub(crate) use sources::Sources;
pub(crate) use text::{Detail, TextReport};
pub(crate) use words::counted;
