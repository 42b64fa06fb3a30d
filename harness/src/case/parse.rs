//! Parses the text of a case file.

use super::diagnostic::Diagnostics;
use super::limits::{NESTED_ITEMS, NESTED_STEPS};
use super::lower;
use super::model::Case;

/// Parses a case.
///
/// # Errors
/// Every mistake of form; but only the first one if the text isn't valid TOML, because the rest of the
/// text can't be interpreted then.
pub(crate) fn parse(text: &str) -> Result<Case, Diagnostics> {
    let root =
        lower::root(text).map_err(
            |mistake| {
                match mistake.message.contains("recursion depth") {
            true => mistake.help(format!(
                "lists and maps can be nested at most {NESTED_ITEMS} deep, and steps {NESTED_STEPS}"
            )),
            false => mistake,
        }
            },
        )?;
    let mut errors = Diagnostics::new();
    match lower::case(root.get_ref(), &mut errors) {
        Some(case) => errors.or(case),
        None => Err(errors),
    }
}
