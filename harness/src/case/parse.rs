//! From text to a case.

use toml::de::DeTable;

use super::diagnostic::{Diagnostic, Diagnostics, Span};
use super::lower;
use super::model::Case;

/// The case in this text, or every mistake of form in it.
///
/// # Errors
///
/// Of mistakes in TOML itself only the first is told: what follows one is guesswork.
pub fn parse(text: &str) -> Result<Case, Diagnostics> {
    let root = DeTable::parse(text).map_err(|error| {
        let place = error.span().unwrap_or(text.len()..text.len());
        Diagnostic::new(Span::from(place), error.message())
    })?;
    let mut errors = Diagnostics::new();
    match lower::case(root.get_ref(), &mut errors) {
        Some(case) => errors.or(case),
        None => Err(errors),
    }
}
