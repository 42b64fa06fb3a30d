//! Finds a deadline that is shorter than the waits of the case.

use std::time::Duration;

use super::scene::Rehearsal;
use crate::case::{Diagnostic, Spanned};

/// Returns the mistake if no process can be done before the deadline.
pub(super) fn mistake(
    rehearsal: &Rehearsal<'_>,
    deadline: &Spanned<Duration>,
) -> Option<Diagnostic> {
    let clocks = rehearsal.threads.iter().map(|thread| thread.clock);
    let latest = clocks.max_by_key(|clock| clock.at)?;
    let (_, step) = latest.longest?;
    if latest.at < deadline.value {
        return None;
    }
    let message = format!(
        "the steps wait at least {:?}, but the deadline is {:?}",
        latest.at, deadline.value
    );
    let mistake = Diagnostic::new(rehearsal.span(step), message)
        .help("give the case a longer `deadline`, or let it wait for a shorter time");
    let is_written = deadline.span.range().end > 0;
    Some(if is_written {
        mistake.context(deadline.span, "the deadline")
    } else {
        mistake
    })
}
