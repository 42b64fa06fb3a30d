//! Checks that no end is used before it is open or after it is closed, unless the case states the
//! outcome.

use std::collections::BTreeMap;

use crate::backend::Side;
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{
    Action, Case, ConnectionSetup, EndName, OperationOptions, Step, every_step,
};
use crate::case::symbols::SymbolTable;

pub(super) fn check(case: &Case, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    for process in &case.processes {
        let mut unopened = BTreeMap::new();
        every_step(&process.steps, &mut |step| {
            let (Action::Open(name)
            | Action::Accept(ConnectionSetup { into: name, .. })
            | Action::Connect(ConnectionSetup { into: name, .. })) = &step.action
            else {
                return;
            };
            unopened.entry(name.value.as_str()).or_insert(name.span);
        });
        let mut tracker = EndTracker {
            unopened,
            closed: BTreeMap::new(),
            half_closed: BTreeMap::new(),
            bound: BTreeMap::new(),
        };
        follow(&process.steps, symbols, &mut tracker, errors);
    }
}

/// The ends of a process that aren't open yet, are closed, or are bound, at one point of its steps.
#[derive(Clone)]
struct EndTracker<'c> {
    unopened: BTreeMap<&'c str, Span>,
    closed: BTreeMap<&'c EndName, Span>,
    half_closed: BTreeMap<&'c EndName, Span>,
    bound: BTreeMap<&'c str, Span>,
}

fn follow<'c>(
    steps: &'c [Step],
    symbols: &SymbolTable<'_>,
    tracker: &mut EndTracker<'c>,
    errors: &mut Diagnostics,
) {
    for step in steps {
        match &step.action {
            Action::Open(name) => {
                tracker.unopened.remove(name.as_str());
            }
            Action::Put(put) => {
                tracker.used(&put.on, Some(&put.options), errors);
                if let (Some(span), true) = (
                    tracker.half_closed.get(&put.on.value),
                    put.options.expect.is_empty(),
                ) {
                    let message = format!("the sending half of `{}` is closed", put.on.value);
                    errors.push(misuse(put.on.span, message, *span));
                }
            }
            Action::Get(get) => {
                tracker.used(&get.on, Some(&get.options), errors);
                again(&get.each, symbols, tracker, errors);
            }
            Action::Poll(poll) => {
                let ends = poll.on.iter();
                ends.for_each(|end| tracker.used(end, Some(&poll.options), errors));
            }
            Action::TaskDone(call) | Action::JoinQueue(call) | Action::Hint(_, call) => {
                tracker.used(&call.on, Some(&call.options), errors);
            }
            Action::Raw(raw) => tracker.used(&raw.on, None, errors),
            // After closing a listener, a process may listen again.
            Action::Close(end) if symbols.endpoint_of(end).is_some() => {}
            Action::Close(end) => {
                tracker.used(end, None, errors);
                tracker.bound.remove(end.channel.as_str());
                tracker.closed.insert(&end.value, end.span);
            }
            Action::HalfClose(end) => {
                tracker.used(end, None, errors);
                tracker.half_closed.insert(&end.value, end.span);
            }
            Action::Accept(setup) | Action::Connect(setup) => {
                tracker.unopened.remove(setup.into.as_str());
                tracker.bind(setup, errors);
                // A new connection reopens the name.
                let name = EndName {
                    channel: setup.into.value.clone(),
                    side: Side::Queue,
                };
                tracker.closed.remove(&name);
                tracker.half_closed.remove(&name);
            }
            Action::Repeat(repeat) => again(&repeat.steps, symbols, tracker, errors),
            Action::Threads(threads) => {
                // Each thread starts from the same ends. The check of threads reports an end that one
                // closes while another uses it.
                let before = tracker.clone();
                for steps in threads {
                    let mut own = before.clone();
                    follow(steps, symbols, &mut own, errors);
                    tracker.closed.extend(own.closed);
                    tracker.half_closed.extend(own.half_closed);
                }
            }
            _ => {}
        }
    }
}

/// Follows steps that may run again, twice: the second round finds what the first one closed or bound.
fn again<'c>(
    steps: &'c [Step],
    symbols: &SymbolTable<'_>,
    tracker: &mut EndTracker<'c>,
    errors: &mut Diagnostics,
) {
    follow(steps, symbols, tracker, errors);
    follow(steps, symbols, tracker, errors);
}

impl<'c> EndTracker<'c> {
    /// Checks that the name isn't bound to another connection at the same time.
    fn bind(&mut self, setup: &'c ConnectionSetup, errors: &mut Diagnostics) {
        if !setup.options.expect.is_empty() {
            // It may fail, and then binds nothing.
            return;
        }
        let (name, position) = (setup.into.as_str(), setup.into.span);
        if let Some(first) = self.bound.insert(name, position) {
            let message = format!("`{name}` is still bound to another connection");
            let diagnostic = Diagnostic::new(position, message).context(first, "bound here");
            errors.push(diagnostic.help(format!(
                "write `close = \"{name}\"` before this step, or use another name"
            )));
        }
    }

    fn used(
        &self,
        end: &Spanned<EndName>,
        options: Option<&OperationOptions>,
        errors: &mut Diagnostics,
    ) {
        if options.is_some_and(|options| !options.expect.is_empty()) {
            return;
        }
        if let Some(span) = self.closed.get(&end.value) {
            let message = format!("`{}` is closed", end.value);
            errors.push(match options {
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

fn misuse(position: Span, message: String, closed: Span) -> Diagnostic {
    Diagnostic::new(position, message)
        .context(closed, "closed here")
        .help("if the case is about that, state the outcome with `expect`")
}
