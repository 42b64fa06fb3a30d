//! Builds steps of the case model.

use std::time::Duration;

use crate::backend::{Kind, Outcome, Side, Wait};
use crate::case::model::{
    Action, EndName, ExpectedOutcome, Get, Join, Limit, OperationOptions, Poll, Put, Source, Step,
    Target, Term, Until,
};
use crate::case::{Span, Spanned};
use crate::plan::Item;

/// Returns the value without a position.
pub(super) fn at<T>(value: T) -> Spanned<T> {
    Span::default().with(value)
}

pub(super) fn literal<T>(value: T) -> Spanned<Term<T>> {
    at(Term::Literal(value))
}

pub(super) fn step(action: Action) -> Step {
    Step {
        span: Span::default(),
        action,
    }
}

pub(super) fn end(channel: &str, side: Side) -> EndName {
    EndName {
        channel: channel.to_owned(),
        side,
    }
}

pub(super) fn target(name: &str) -> Spanned<Target> {
    at(Target {
        process: name.to_owned(),
        replica: None,
    })
}

/// Wait, expected outcomes and label of an operation.
#[derive(Clone, Debug, Default)]
pub(super) struct How {
    pub(super) wait: Option<Wait>,
    pub(super) expect: Vec<Outcome>,
    pub(super) label: Option<String>,
}

impl How {
    pub(super) fn expecting(outcomes: &[Outcome]) -> How {
        How {
            expect: outcomes.to_vec(),
            ..How::default()
        }
    }

    pub(super) fn waiting(self, wait: Wait) -> How {
        How {
            wait: Some(wait),
            ..self
        }
    }

    pub(super) fn labelled(self, label: &str) -> How {
        How {
            label: Some(label.to_owned()),
            ..self
        }
    }

    pub(super) fn options(self) -> OperationOptions {
        let expect = self.expect.into_iter();
        OperationOptions {
            wait: self.wait.map(literal),
            expect: expect
                .map(|outcome| literal(ExpectedOutcome::Outcome(outcome)))
                .collect(),
            label: self.label.map(at),
        }
    }
}

/// The time that a call waits which must give up.
pub(super) const SHORT: Wait = Wait::For(Duration::from_millis(40));

/// The time that a call waits which must not give up.
pub(super) const LONG: Wait = Wait::For(Duration::from_secs(10));

pub(super) fn put(word: Kind, on: &EndName, source: Source, size: Option<u64>, how: How) -> Action {
    Action::Put(Put {
        word: at(word),
        on: at(on.clone()),
        source,
        size: size.map(literal),
        options: how.options(),
    })
}

pub(super) fn get(word: Kind, on: &EndName, limit: Limit, size: Option<u64>, how: How) -> Action {
    Action::Get(Get {
        word: at(word),
        on: at(on.clone()),
        limit,
        size: size.map(literal),
        buffer: None,
        element: None,
        each: Vec::new(),
        into: None,
        options: how.options(),
    })
}

pub(super) fn join(of: &str, how: How) -> Action {
    Action::Join(Join {
        of: target(of),
        options: how.options(),
    })
}

pub(super) fn poll(on: &EndName, how: How) -> Action {
    Action::Poll(Poll {
        on: vec![at(on.clone())],
        options: how.options(),
    })
}

pub(super) fn until_end() -> Limit {
    Limit::Until(vec![at(Until::End)])
}

pub(super) fn until(item: Item) -> Limit {
    Limit::Until(vec![at(Until::Item(Term::Literal(item)))])
}

pub(super) fn count(count: usize) -> Limit {
    match count {
        1 => Limit::One,
        count => Limit::Count(literal(count as u64)),
    }
}
