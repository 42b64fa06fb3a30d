//! That no end is used before it is there or after it was closed, unless the case says what comes
//! of it.

use std::collections::BTreeMap;

use crate::backend::Side;
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{Action, Case, EndName, Manner, Meeting, Step};
use crate::case::scope::{Scope, every_step};

pub(super) fn check(case: &Case, scope: &Scope<'_>, errors: &mut Diagnostics) {
    for process in &case.processes {
        let mut unopened = BTreeMap::new();
        every_step(&process.steps, &mut |step| {
            let (Action::Open(name)
            | Action::Accept(Meeting { into: name, .. })
            | Action::Connect(Meeting { into: name, .. })) = &step.action
            else {
                return;
            };
            unopened.entry(name.value.as_str()).or_insert(name.span);
        });
        let mut state = State {
            unopened,
            closed: BTreeMap::new(),
            half_closed: BTreeMap::new(),
            bound: BTreeMap::new(),
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
    bound: BTreeMap<&'c str, Span>,
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
            Action::Raw(raw) => state.used(&raw.on, None, errors),
            // Who closes a listener may listen again.
            Action::Close(end) if scope.endpoint_of(end).is_some() => {}
            Action::Close(end) => {
                state.used(end, None, errors);
                state.bound.remove(end.channel.as_str());
                state.closed.insert(&end.value, end.span);
            }
            Action::HalfClose(end) => {
                state.used(end, None, errors);
                state.half_closed.insert(&end.value, end.span);
            }
            Action::Accept(meeting) | Action::Connect(meeting) => {
                state.unopened.remove(meeting.into.as_str());
                state.bind(meeting, errors);
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

impl<'c> State<'c> {
    /// A name stands for one connection at a time.
    fn bind(&mut self, meeting: &'c Meeting, errors: &mut Diagnostics) {
        if !meeting.manner.expect.is_empty() {
            // Maybe nothing comes of it.
            return;
        }
        let (name, place) = (meeting.into.as_str(), meeting.into.span);
        if let Some(first) = self.bound.insert(name, place) {
            let message = format!("`{name}` still stands for another connection");
            let diagnostic = Diagnostic::new(place, message).context(first, "bound here");
            errors
                .push(diagnostic.help(format!("`close = \"{name}\"` before, or use another name")));
        }
    }

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
