//! That every `$x` refers to something that exists where it stands.

use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{Action, Case, Get, Limit, Manner, Piece, Put, Source, Step, Term, Until};
use crate::case::scope::Scope;

pub(super) fn check(case: &Case, scope: &Scope<'_>, errors: &mut Diagnostics) {
    let mut checker = Checker { scope, errors };
    let outside = Around::default();
    for channel in &case.channels {
        checker.optional(channel.capacity.as_ref(), outside);
        checker.optional(channel.length.as_ref(), outside);
    }
    for process in &case.processes {
        checker.optional(process.count.as_ref(), outside);
        let inside = Around {
            process: true,
            ..outside
        };
        checker.optional(process.start.as_ref(), inside);
        checker.optional(process.exit.as_ref(), inside);
        checker.steps(&process.steps, inside);
    }
}

/// What a reference stands in.
#[derive(Clone, Copy, Default)]
struct Around {
    process: bool,
    each: bool,
    repeat: bool,
}

struct Checker<'c, 'e> {
    scope: &'c Scope<'c>,
    errors: &'e mut Diagnostics,
}

impl Checker<'_, '_> {
    fn reference(&mut self, name: &str, place: Span, around: Around) {
        let outside = match name {
            "item" if !around.each => "`$item` is the item received, inside `each`",
            "n" if !around.repeat => "`$n` is the number of the round, inside `repeat`",
            "i" if !around.process => "`$i` is the number of a replica, inside its process",
            "item" | "n" | "i" => return,
            name if self.scope.is_axis(name) || self.scope.is_variable(name) => return,
            name => {
                self.errors.push(self.scope.no_reference(name, place));
                return;
            }
        };
        self.errors.push(Diagnostic::new(place, outside));
    }

    fn term<T>(&mut self, term: &Spanned<Term<T>>, around: Around) {
        if let Term::Reference(name) = &term.value {
            self.reference(name, term.span, around);
        }
    }

    fn optional<T>(&mut self, term: Option<&Spanned<Term<T>>>, around: Around) {
        if let Some(term) = term {
            self.term(term, around);
        }
    }

    fn all<T>(&mut self, terms: &[Spanned<Term<T>>], around: Around) {
        terms.iter().for_each(|term| self.term(term, around));
    }

    fn steps(&mut self, steps: &[Step], around: Around) {
        steps.iter().for_each(|step| self.step(step, around));
    }

    fn step(&mut self, step: &Step, around: Around) {
        match &step.action {
            Action::Put(put) => self.put(put, around),
            Action::Get(get) => self.get(get, around),
            Action::Poll(poll) => self.manner(&poll.manner, around),
            Action::Listen(listen) => self.manner(&listen.manner, around),
            Action::Accept(meeting) | Action::Connect(meeting) => {
                self.manner(&meeting.manner, around);
            }
            Action::Repeat(repeat) => {
                self.term(&repeat.count, around);
                let inside = Around {
                    repeat: true,
                    ..around
                };
                self.steps(&repeat.steps, inside);
            }
            Action::Crash(how) => self.term(how, around),
            Action::Threads(threads) => {
                threads.iter().for_each(|steps| self.steps(steps, around));
            }
            Action::Set(vars) => {
                for binding in vars {
                    if !self.scope.is_variable(&binding.name) {
                        let message = format!("no variable is called `{}`", binding.name.value);
                        let help =
                            "what a process can set stands in `[vars]`, with its first value";
                        self.errors
                            .push(Diagnostic::new(binding.name.span, message).help(help));
                    }
                    self.term(&binding.value, around);
                }
            }
            Action::Print(text) => {
                for piece in &text.value {
                    if let Piece::Reference(name) = piece {
                        self.reference(name, text.span, around);
                    }
                }
            }
            _ => {}
        }
    }

    fn put(&mut self, put: &Put, around: Around) {
        match &put.source {
            Source::Item(item) => self.term(item, around),
            Source::Items(items) => self.all(items, around),
            Source::Count { count, from } => {
                self.term(count, around);
                self.optional(from.as_ref(), around);
            }
        }
        self.optional(put.size.as_ref(), around);
        self.manner(&put.manner, around);
    }

    fn get(&mut self, get: &Get, around: Around) {
        match &get.limit {
            Limit::One => {}
            Limit::Count(count) => self.term(count, around),
            Limit::Until(awaited) => {
                for one in awaited {
                    if let Until::Item(Term::Reference(name)) = &one.value {
                        self.reference(name, one.span, around);
                    }
                }
            }
            Limit::Item(item) => self.term(item, around),
            Limit::Items(items) => self.all(items, around),
        }
        self.optional(get.size.as_ref(), around);
        self.manner(&get.manner, around);
        let inside = Around {
            each: true,
            ..around
        };
        self.steps(&get.each, inside);
    }

    fn manner(&mut self, manner: &Manner, around: Around) {
        self.optional(manner.wait.as_ref(), around);
        self.all(&manner.expect, around);
    }
}
