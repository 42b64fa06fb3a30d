//! That no end is used before it is there or after it was closed, unless the case says what comes
//! of it.

use std::collections::BTreeMap;

use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{Action, Case, EndName, Manner, Step};
use crate::case::scope::{Scope, every_step};
use crate::channel::Side;

pub(super) fn check(case: &Case, scope: &Scope<'_>, errors: &mut Diagnostics) {
    for process in &case.processes {
        let mut unopened = BTreeMap::new();
        every_step(&process.steps, &mut |step| {
            if let Action::Open(name) = &step.action {
                unopened.insert(name.value.as_str(), name.span);
            }
        });
        let mut state = State {
            unopened,
            closed: BTreeMap::new(),
            half_closed: BTreeMap::new(),
        };
        follow(&process.steps, scope, &mut state, errors);
    }
}

/// What became of a process's ends so far.
#[derive(Clone)]
struct State<'c> {
    unopened: BTreeMap<&'c str, Span>,
    closed: BTreeMap<&'c EndName, Span>,
    half_closed: BTreeMap<&'c EndName, Span>,
}

fn follow<'c>(
    steps: &'c [Step],
    scope: &Scope<'_>,
    state: &mut State<'c>,
    errors: &mut Diagnostics,
) {
    for step in steps {
        match &step.action {
            Action::Open(name) => {
                state.unopened.remove(name.as_str());
            }
            Action::Put(put) => {
                state.used(&put.on, Some(&put.manner), errors);
                if let (Some(span), true) = (
                    state.half_closed.get(&put.on.value),
                    put.manner.expect.is_empty(),
                ) {
                    let message = format!("the sending half of `{}` is closed", put.on.value);
                    errors.push(misuse(put.on.span, message, *span));
                }
            }
            Action::Get(get) => {
                state.used(&get.on, Some(&get.manner), errors);
                again(&get.each, scope, state, errors);
            }
            Action::Poll(poll) => {
                let ends = poll.on.iter();
                ends.for_each(|end| state.used(end, Some(&poll.manner), errors));
            }
            Action::Close(end) => {
                state.used(end, None, errors);
                state.closed.insert(&end.value, end.span);
            }
            Action::HalfClose(end) => {
                state.used(end, None, errors);
                state.half_closed.insert(&end.value, end.span);
            }
            Action::Accept(meeting) | Action::Connect(meeting) => {
                // A new connection under an old name is open again.
                let name = EndName {
                    channel: meeting.into.value.clone(),
                    side: Side::Queue,
                };
                state.closed.remove(&name);
                state.half_closed.remove(&name);
            }
            Action::Repeat(repeat) => again(&repeat.steps, scope, state, errors),
            Action::Threads(threads) => {
                // What one closes meanwhile is for the check of threads to tell.
                let before = state.clone();
                for steps in threads {
                    let mut own = before.clone();
                    follow(steps, scope, &mut own, errors);
                    state.closed.extend(own.closed);
                    state.half_closed.extend(own.half_closed);
                }
            }
            _ => {}
        }
    }
}

/// Steps that run more than once meet what they left behind themselves.
fn again<'c>(
    steps: &'c [Step],
    scope: &Scope<'_>,
    state: &mut State<'c>,
    errors: &mut Diagnostics,
) {
    follow(steps, scope, state, errors);
    follow(steps, scope, state, errors);
}

impl State<'_> {
    fn used(&self, end: &Spanned<EndName>, manner: Option<&Manner>, errors: &mut Diagnostics) {
        if manner.is_some_and(|manner| !manner.expect.is_empty()) {
            return;
        }
        if let Some(span) = self.closed.get(&end.value) {
            let message = format!("`{}` is closed", end.value);
            errors.push(match manner {
                Some(_) => misuse(end.span, message, *span),
                None => Diagnostic::new(end.span, message).context(*span, "closed here"),
            });
        }
        if let Some(span) = self.unopened.get(end.channel.as_str()) {
            let message = format!("`{}` isn't open yet", end.channel);
            let diagnostic = Diagnostic::new(end.span, message);
            errors.push(diagnostic.context(*span, "this process opens it here"));
        }
    }
}

fn misuse(place: Span, message: String, closed: Span) -> Diagnostic {
    Diagnostic::new(place, message)
        .context(closed, "closed here")
        .help("if that is what the case is about, say what to `expect`")
}
