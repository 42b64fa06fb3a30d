//! Everything that people and programs read.
//!
//! In: events, and the texts that they name ([`Sources`]). Out: the lines of a terminal, failure
//! pages, the matrix, JSON lines, JUnit XML and Markdown. It starts no process and decides no
//! verdict: every report follows from the event log. Colours are always drawn; a writer that isn't
//! a terminal drops them.

mod again;
#[cfg(feature = "cli")]
pub(crate) mod comparison;
#[cfg(feature = "cli")]
mod divergences;
#[cfg(test)]
mod foreign_text;
#[cfg(feature = "cli")]
pub(crate) mod html;
pub mod json;
#[cfg(feature = "cli")]
pub(crate) mod judged;
#[cfg(feature = "cli")]
mod junit;
#[cfg(feature = "cli")]
mod matrix;
#[cfg(feature = "cli")]
pub(crate) mod merged;
#[cfg(feature = "cli")]
pub(crate) mod needs;
pub(crate) mod page;
#[cfg(feature = "cli")]
mod progress;
#[cfg(feature = "cli")]
pub(crate) mod proof;
#[cfg(feature = "cli")]
pub(crate) mod self_test;
mod sequence;
mod sources;
mod style;
#[cfg(feature = "cli")]
mod text;
mod texts;
mod wait_for;
mod words;

pub(crate) use again::Again;
#[cfg(feature = "cli")]
pub(crate) use junit::JunitReport;
pub(crate) use sources::Sources;
#[cfg(feature = "cli")]
pub(crate) use text::{Detail, TextReport};
pub(crate) use texts::TextCollector;
pub(crate) use words::counted;
