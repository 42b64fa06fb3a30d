//! What the language has and the harness can't run yet.

use crate::case::model::{Action, Case, ChannelKind};
use crate::case::scope::every_step;
use crate::case::{Diagnostic, Diagnostics, Span};

/// Every part of the case that can be read and not yet run.
pub(super) fn not_yet(case: &Case) -> Diagnostics {
    let mut errors = Diagnostics::new();
    let mut tell = |place: Span, what: &str| {
        let message = format!("{what} can't be run yet");
        let help = "it is part of the language, and this version of the harness doesn't do it";
        errors.push(Diagnostic::new(place, message).help(help));
    };
    for channel in &case.channels {
        if channel.kind.value == ChannelKind::Endpoint {
            tell(channel.kind.span, "an endpoint");
        }
    }
    for process in &case.processes {
        every_step(&process.steps, &mut |step| {
            let what = match &step.action {
                Action::Listen(_) => "`listen`",
                Action::Accept(_) => "`accept`",
                Action::Connect(_) => "`connect`",
                Action::Raw(_) => "`raw`",
                _ => return,
            };
            tell(step.span, what);
        });
    }
    errors
}
