//! The case language: from text to a checked [`Case`], and back.
//!
//! A case is one TOML file. [`parse()`] reads it and names every mistake of form at once, each with
//! its place; [`check()`] does the same for mistakes of meaning; [`write()`] gives the one canonical
//! text of a case.

pub mod check;
pub mod diagnostic;
pub mod expand;
pub(crate) mod lower;
pub mod model;
pub mod name;
mod parse;
pub(crate) mod scope;
mod write;

pub use check::{ClauseStatus, check};
pub use diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
pub use model::Case;
pub use parse::parse;
pub use write::write;

pub(crate) use lower::parse_duration as duration;
