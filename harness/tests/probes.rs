//! Each declared capability is probed: at least one case needs it, and fails if the backend declares
//! it but doesn't have it.

mod claims;
mod false_claims;
mod lacking;
mod needs;

use libtest_mimic::Trial;

use crate::named;

pub(crate) use claims::{registry, this_is_the_harness};

/// Returns the tests of all modules.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let needs = needs::TESTS.iter();
    needs
        .map(|test| named::trial("probes", test))
        .chain(false_claims::tests())
}
