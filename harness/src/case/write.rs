//! The canonical text of a case.

use super::Case;

/// The canonical text: parsed, it is the same case again.
pub fn write(case: &Case) -> String {
    let _ = case;
    String::new()
}
