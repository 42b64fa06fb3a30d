//! Rehearses a plan without a library: every operation that may succeed does so at once. What doesn't go
//! on even then is a mistake of the case, whatever the library does.

mod blockers;
mod clock;
mod late;
mod run;
mod scene;
mod stuck;

use crate::case::model::Case;
use crate::case::{Diagnostic, Diagnostics};
use crate::plan::{Expected, Plan};

use super::victims::Victims;
use scene::Rehearsal;

/// Adds a mistake if processes certainly wait for one another in a circle, or for a process that exits
/// before it does what they wait for, or if their waits are certainly longer than the deadline.
pub(super) fn mistakes(
    case: &Case,
    plan: &Plan,
    expected: &[Expected],
    victims: &Victims,
    errors: &mut Diagnostics,
) {
    let Some(rehearsal) = Rehearsal::of(plan, expected, victims).followed() else {
        return;
    };
    let found: [Option<Diagnostic>; 2] = [
        stuck::mistake(&rehearsal),
        late::mistake(&rehearsal, &case.deadline),
    ];
    found.into_iter().flatten().for_each(|one| errors.push(one));
}
