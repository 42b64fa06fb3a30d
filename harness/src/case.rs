//! The case language: from the text of a case file to plans.
//!
//! In: the text of one TOML file, and what the catalogue knows of each clause. Out: the [`Case`], its
//! [`Permutation`](crate::plan::Permutation)s, or [`Diagnostics`] that point at every mistake. The
//! stages are [`parse()`] for the form, [`check()`] for the meaning and [`expand::permutations`] for the values
//! of axes; [`write()`] returns the canonical text of a case. This room reads no file and runs nothing;
//! it doesn't know which backends exist.

pub(crate) mod check;
mod diagnostic;
pub(crate) mod expand;
mod limits;
pub(crate) mod lower;
pub(crate) mod model;
pub(crate) mod name;
mod parse;
mod symbols;
mod write;

pub use check::ClauseStatus;
pub(crate) use check::check;
pub(crate) use diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
pub(crate) use expand::Property;
pub(crate) use model::{Binding, Case, Draw};
pub(crate) use parse::parse;
pub(crate) use write::write;

pub(crate) use lower::parse_duration as duration;
