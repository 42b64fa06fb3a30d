//! Parses the text of a case file.

use toml::de::DeTable;

use super::diagnostic::{Diagnostic, Diagnostics, Span};
use super::lower;
use super::model::Case;

/// Parses a case.
///
/// # Errors
/// Every mistake of form; but only the first one if the text isn't valid TOML, because the rest of the
/// text can't be interpreted then.
pub(crate) fn parse(text: &str) -> Result<Case, Diagnostics> {
    let root = DeTable::parse(text).map_err(|error| {
        let position = error.span().unwrap_or(text.len()..text.len());
        Diagnostic::new(Span::from(position), error.message())
    })?;
    let mut errors = Diagnostics::new();
    match lower::case(root.get_ref(), &mut errors) {
        Some(case) => errors.or(case),
        None => Err(errors),
    }
}
