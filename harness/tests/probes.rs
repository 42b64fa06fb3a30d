//! Each capability that a backend declares is probed: some case needs it, and fails where it is
//! declared and isn't there.

mod bites;
mod claims;
mod lacking;
mod needs;

use libtest_mimic::Trial;

use crate::named;

pub(crate) use claims::{registry, this_is_the_harness};

/// The tests of all files here.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let needs = needs::TESTS.iter();
    needs
        .map(|test| named::trial("probes", test))
        .chain(bites::tests())
}
