//! Checks that every `$x` refers to something that exists in its position.

use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{
    Action, Case, Get, Limit, OperationOptions, Piece, Put, Source, Step, Term, Until,
};
use crate::case::symbols::SymbolTable;

pub(super) fn check(case: &Case, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    let mut checker = ReferenceChecker { symbols, errors };
    let outside = EnclosingBlocks::default();
    for channel in &case.channels {
        checker.optional(channel.capacity.as_ref(), outside);
        checker.optional(channel.length.as_ref(), outside);
    }
    for process in &case.processes {
        checker.optional(process.count.as_ref(), outside);
        let inside = EnclosingBlocks {
            process: true,
            ..outside
        };
        checker.optional(process.start.as_ref(), inside);
        checker.optional(process.exit.as_ref(), inside);
        checker.steps(&process.steps, inside);
    }
}

/// The blocks that enclose a reference.
#[derive(Clone, Copy, Default)]
struct EnclosingBlocks {
    process: bool,
    each: bool,
    repeat: bool,
}

struct ReferenceChecker<'c, 'e> {
    symbols: &'c SymbolTable<'c>,
    errors: &'e mut Diagnostics,
}

impl ReferenceChecker<'_, '_> {
    fn reference(&mut self, name: &str, position: Span, enclosing: EnclosingBlocks) {
        let outside = match name {
            "item" if !enclosing.each => "`$item`, the item received, exists only inside `each`",
            "n" if !enclosing.repeat => {
                "`$n`, the number of the round, exists only inside `repeat`"
            }
            "i" if !enclosing.process => {
                "`$i`, the number of a replica, exists only inside its process"
            }
            "item" | "n" | "i" => return,
            name if self.symbols.is_axis(name) || self.symbols.is_variable(name) => return,
            name => {
                self.errors.push(self.symbols.no_reference(name, position));
                return;
            }
        };
        self.errors.push(Diagnostic::new(position, outside));
    }

    fn term<T>(&mut self, term: &Spanned<Term<T>>, enclosing: EnclosingBlocks) {
        if let Term::Reference(name) = &term.value {
            self.reference(name, term.span, enclosing);
        }
    }

    fn optional<T>(&mut self, term: Option<&Spanned<Term<T>>>, enclosing: EnclosingBlocks) {
        if let Some(term) = term {
            self.term(term, enclosing);
        }
    }

    fn all<T>(&mut self, terms: &[Spanned<Term<T>>], enclosing: EnclosingBlocks) {
        terms.iter().for_each(|term| self.term(term, enclosing));
    }

    fn steps(&mut self, steps: &[Step], enclosing: EnclosingBlocks) {
        steps.iter().for_each(|step| self.step(step, enclosing));
    }

    fn step(&mut self, step: &Step, enclosing: EnclosingBlocks) {
        match &step.action {
            Action::Put(put) => self.put(put, enclosing),
            Action::Get(get) => self.get(get, enclosing),
            Action::Poll(poll) => self.options(&poll.options, enclosing),
            Action::TaskDone(call) | Action::JoinQueue(call) | Action::Hint(_, call) => {
                self.options(&call.options, enclosing);
            }
            Action::Listen(listen) => self.options(&listen.options, enclosing),
            Action::Accept(setup) | Action::Connect(setup) => {
                self.options(&setup.options, enclosing);
            }
            Action::Join(join) => self.options(&join.options, enclosing),
            Action::Repeat(repeat) => {
                self.term(&repeat.count, enclosing);
                let inside = EnclosingBlocks {
                    repeat: true,
                    ..enclosing
                };
                self.steps(&repeat.steps, inside);
            }
            Action::Crash(how) => self.term(how, enclosing),
            Action::Threads(threads) => {
                threads
                    .iter()
                    .for_each(|steps| self.steps(steps, enclosing));
            }
            Action::Set(vars) => {
                for binding in vars {
                    if !self.symbols.is_variable(&binding.name) {
                        let message = format!("no variable is called `{}`", binding.name.value);
                        let help = "declare it in `[vars]`, with its first value";
                        self.errors
                            .push(Diagnostic::new(binding.name.span, message).help(help));
                    }
                    self.term(&binding.value, enclosing);
                }
            }
            Action::Print(text) => {
                for piece in &text.value {
                    if let Piece::Reference(name) = piece {
                        self.reference(name, text.span, enclosing);
                    }
                }
            }
            _ => {}
        }
    }

    fn put(&mut self, put: &Put, enclosing: EnclosingBlocks) {
        match &put.source {
            Source::Item(item) => self.term(item, enclosing),
            Source::Items(items) => self.all(items, enclosing),
            Source::Count { count, from } => {
                self.term(count, enclosing);
                self.optional(from.as_ref(), enclosing);
            }
        }
        self.optional(put.size.as_ref(), enclosing);
        self.options(&put.options, enclosing);
    }

    fn get(&mut self, get: &Get, enclosing: EnclosingBlocks) {
        match &get.limit {
            Limit::One => {}
            Limit::Count(count) => self.term(count, enclosing),
            Limit::Until(awaited) => {
                for one in awaited {
                    if let Until::Item(Term::Reference(name)) = &one.value {
                        self.reference(name, one.span, enclosing);
                    }
                }
            }
            Limit::Item(item) => self.term(item, enclosing),
            Limit::Items(items) => self.all(items, enclosing),
        }
        self.optional(get.size.as_ref(), enclosing);
        self.optional(get.buffer.as_ref(), enclosing);
        self.optional(get.element.as_ref(), enclosing);
        self.options(&get.options, enclosing);
        let inside = EnclosingBlocks {
            each: true,
            ..enclosing
        };
        self.steps(&get.each, inside);
    }

    fn options(&mut self, options: &OperationOptions, enclosing: EnclosingBlocks) {
        self.optional(options.wait.as_ref(), enclosing);
        self.all(&options.expect, enclosing);
    }
}
