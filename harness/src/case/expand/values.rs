//! Fills the values of axes into one permutation.

use crate::backend::{Outcome, Wait};
use crate::case::model::{ExpectedOutcome, Piece, Term};
use crate::case::symbols::SymbolTable;
use crate::case::{Diagnostic, Span, Spanned};
use crate::plan::{Crash, ExpectedExit, Item, Signal, Start, Value};

/// The values of the axes of one permutation; for a process also the number of its replica.
pub(super) struct AxisValues<'c> {
    symbols: &'c SymbolTable<'c>,
    axes: Vec<(String, Item)>,
    replica: Option<u64>,
}

/// The value of a reference, as far as it is known before the run.
enum ResolvedReference<'v> {
    /// The value of an axis.
    Item(&'v Item),
    /// The number of the replica.
    Replica(u64),
    /// Not known before the run.
    AtRunTime,
}

impl<'c> AxisValues<'c> {
    pub(super) fn new(symbols: &'c SymbolTable<'c>, axes: Vec<(String, Item)>) -> AxisValues<'c> {
        AxisValues {
            symbols,
            axes,
            replica: None,
        }
    }

    /// Returns the values for this replica of a process.
    pub(super) fn in_replica(&self, replica: u64) -> AxisValues<'c> {
        AxisValues {
            symbols: self.symbols,
            axes: self.axes.clone(),
            replica: Some(replica),
        }
    }

    /// Returns each axis with its value.
    pub(super) fn axes(&self) -> &[(String, Item)] {
        &self.axes
    }

    fn reference(&self, name: &str, position: Span) -> Result<ResolvedReference<'_>, Diagnostic> {
        if let Some((_, item)) = self.axes.iter().find(|(axis, _)| axis == name) {
            return Ok(ResolvedReference::Item(item));
        }
        match (name, self.replica) {
            ("i", Some(replica)) => Ok(ResolvedReference::Replica(replica)),
            ("item" | "n", _) => Ok(ResolvedReference::AtRunTime),
            _ if self.symbols.is_variable(name) => Ok(ResolvedReference::AtRunTime),
            _ => Err(self.symbols.no_reference(name, position)),
        }
    }

    /// Returns the literal, or the value of the reference in this permutation, converted by `read`.
    fn resolve<T: Clone>(
        &self,
        term: &Spanned<Term<T>>,
        expected: &str,
        read: impl FnOnce(&Item) -> Option<T>,
    ) -> Result<T, Diagnostic> {
        let name = match &term.value {
            Term::Literal(value) => return Ok(value.clone()),
            Term::Reference(name) => name,
        };
        let item = match self.reference(name, term.span)? {
            ResolvedReference::Item(item) => item.clone(),
            ResolvedReference::Replica(replica) => number_item(replica),
            ResolvedReference::AtRunTime => {
                let message = format!("the value of `${name}` is only known during the run");
                let help = format!("write {expected}, or a reference to an axis");
                return Err(Diagnostic::new(term.span, message).help(help));
            }
        };
        read(&item).ok_or_else(|| {
            let message =
                format!("`${name}` is `{item}` in one permutation, which isn't {expected}");
            Diagnostic::new(term.span, message)
        })
    }

    pub(super) fn number(&self, term: &Spanned<Term<u64>>) -> Result<u64, Diagnostic> {
        self.resolve(term, "a number", |item| match item {
            Item::Int(value) => u64::try_from(*value).ok(),
            _ => None,
        })
    }

    pub(super) fn whole(&self, term: &Spanned<Term<i64>>) -> Result<i64, Diagnostic> {
        self.resolve(term, "an integer", |item| match item {
            Item::Int(value) => Some(*value),
            _ => None,
        })
    }

    pub(super) fn start(&self, term: &Spanned<Term<Start>>) -> Result<Start, Diagnostic> {
        self.resolve(term, "a start method", |item| {
            let mut starts = Start::ALL.into_iter();
            starts.find(|start| is_word(item, start.word()))
        })
    }

    pub(super) fn exit(
        &self,
        term: &Spanned<Term<ExpectedExit>>,
    ) -> Result<ExpectedExit, Diagnostic> {
        self.resolve(term, "a way to exit", |item| match item {
            Item::Int(code @ 0..=255) => i32::try_from(*code).ok().map(ExpectedExit::Code),
            _ if is_word(item, "killed") => Some(ExpectedExit::Killed),
            _ if is_word(item, "any") => Some(ExpectedExit::Any),
            _ => None,
        })
    }

    pub(super) fn crash(&self, term: &Spanned<Term<Crash>>) -> Result<Crash, Diagnostic> {
        self.resolve(term, "a way to crash", |item| {
            let ways = [Crash::Kill, Crash::Abort, Crash::Exit];
            ways.into_iter().find(|crash| is_word(item, crash.word()))
        })
    }

    pub(super) fn signal(&self, term: &Spanned<Term<Signal>>) -> Result<Signal, Diagnostic> {
        self.resolve(term, "a signal", |item| {
            let mut signals = Signal::ALL.into_iter();
            signals.find(|signal| is_word(item, signal.word()))
        })
    }

    pub(super) fn wait(&self, term: Option<&Spanned<Term<Wait>>>) -> Result<Wait, Diagnostic> {
        let Some(term) = term else {
            return Ok(Wait::Deadline);
        };
        self.resolve(term, "a duration or \"never\"", |item| match item {
            Item::Text(text) if text == "never" => Some(Wait::Never),
            Item::Text(text) => crate::case::duration(text).map(Wait::For),
            _ => None,
        })
    }

    /// Returns the outcomes of `expect`, without duplicates, in file order.
    pub(super) fn outcomes(
        &self,
        words: &[Spanned<Term<ExpectedOutcome>>],
    ) -> Result<Vec<Outcome>, Diagnostic> {
        let mut outcomes = Vec::new();
        for word in words {
            let expect = self.resolve(word, "an outcome", |item| match item {
                _ if is_word(item, "any") => Some(ExpectedOutcome::Any),
                Item::Text(text) => Outcome::from_word(text).map(ExpectedOutcome::Outcome),
                _ => None,
            })?;
            match expect {
                ExpectedOutcome::Any => outcomes.extend(Outcome::ALL),
                ExpectedOutcome::Outcome(outcome) => outcomes.push(outcome),
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        outcomes.retain(|outcome| seen.insert(*outcome));
        Ok(outcomes)
    }

    /// Returns the item if it is known before the run, or else a reference for the peer to resolve.
    pub(super) fn value(&self, term: &Term<Item>, position: Span) -> Result<Value, Diagnostic> {
        Ok(match term {
            Term::Literal(item) => Value::Literal(item.clone()),
            Term::Reference(name) => match self.reference(name, position)? {
                ResolvedReference::Item(item) => Value::Literal(item.clone()),
                ResolvedReference::Replica(replica) => Value::Literal(number_item(replica)),
                ResolvedReference::AtRunTime => Value::Reference(name.clone()),
            },
        })
    }

    /// Returns the pieces of a text, with every reference filled in that is known before the run.
    pub(super) fn pieces(&self, text: &Spanned<Vec<Piece>>) -> Result<Vec<Piece>, Diagnostic> {
        let mut pieces: Vec<Piece> = Vec::new();
        for piece in &text.value {
            let known = match piece {
                Piece::Text(text) => text.clone(),
                Piece::Reference(name) => match self.reference(name, text.span)? {
                    ResolvedReference::Item(item) => item.to_string(),
                    ResolvedReference::Replica(replica) => replica.to_string(),
                    ResolvedReference::AtRunTime => {
                        pieces.push(Piece::Reference(name.clone()));
                        continue;
                    }
                },
            };
            match pieces.last_mut() {
                Some(Piece::Text(before)) => before.push_str(&known),
                _ => pieces.push(Piece::Text(known)),
            }
        }
        Ok(pieces)
    }
}

fn is_word(item: &Item, word: &str) -> bool {
    matches!(item, Item::Text(text) if text == word)
}

/// Returns a number as an item.
fn number_item(number: u64) -> Item {
    Item::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
