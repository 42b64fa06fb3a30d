//! Whether somebody can rely on a library: their needs, and what event logs say about each.
//!
//! A need is met only by a promise that was tried and kept, or by a capability that a library declares, on the
//! system itself. What wasn't tried there, what only an emulator ran, and what stayed unknown is no evidence.

mod answer;
mod draw;
mod file;
mod lost;

pub(crate) use answer::Answers;
pub(crate) use draw::{draw, json};
pub(crate) use file::Needs;
pub(crate) use lost::lost;

#[cfg(test)]
mod tests;
