//! One instance of a case: the plan that peers get, and what only the harness knows about it.

use std::ops::Range;
use std::sync::Arc;

use crate::backend::{Capabilities, Kind, Outcome, Requirement};
use crate::clause::ClauseId;
use crate::plan::{Item, Plan, StepId, Value};

pub mod trace;

/// A case with its axes' values filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Permutation {
    /// The case's name, as in `seed/queue`.
    pub case: Arc<str>,
    /// The axes' values, in the order of the file; none of them for a case without axes.
    pub values: Vec<(String, Item)>,
    /// What the processes do.
    pub plan: Plan,
    /// What each step is expected to come to; a step's place is its id.
    pub expected: Vec<Expected>,
    /// How each process is expected to exit; a process's place is its index.
    pub exits: Vec<ExpectedExit>,
    /// The clauses that the case lists.
    pub clauses: Vec<ClauseId>,
    /// What a backend must be able to do, derived from the steps and listed by hand.
    pub requires: Vec<Requirement>,
}

impl Permutation {
    /// The name in brackets behind a case's, as in `size=1,start=fork`; empty without axes.
    pub fn name(&self) -> String {
        let values: Vec<_> = self
            .values
            .iter()
            .map(|(axis, v)| format!("{axis}={v}"))
            .collect();
        values.join(",")
    }

    /// The kind of channel that it is about.
    pub fn kind(&self) -> Kind {
        let channel = self.plan.channels.first();
        channel.map_or(Kind::Process, |channel| channel.kind)
    }

    /// What it needs and a backend with these capabilities doesn't have; none if that has
    /// everything.
    pub fn lacks(&self, capabilities: &Capabilities) -> Option<String> {
        let kind = self.kind();
        let missing: Vec<String> = self
            .requires
            .iter()
            .filter_map(|requirement| requirement.missing(kind, capabilities))
            .collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }

    /// What the step with this id is expected to come to; of what no step asks for, that it is
    /// done.
    pub fn expected(&self, step: StepId) -> &Expected {
        static UNASKED: Expected = Expected {
            span: 0..0,
            label: None,
            outcomes: Vec::new(),
            items: None,
            explicit: false,
        };
        self.expected.get(step as usize).unwrap_or(&UNASKED)
    }
}

/// What a case expects of one step, and where it says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Where the step stands in the case file, in bytes.
    pub span: Range<usize>,
    /// The label that the case gives it.
    pub label: Option<String>,
    /// The outcomes that are right for its last operation; those before it must be ok.
    pub outcomes: Vec<Outcome>,
    /// The items that a get is expected to return, in this order, where the case says them.
    pub items: Option<Vec<Value>>,
    /// Whether the case says the outcome itself (`expect = …`), and it isn't derived.
    pub explicit: bool,
}

/// How a process is expected to exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedExit {
    /// With this code.
    Code(i32),
    /// By a kill.
    Killed,
    /// However it likes.
    Any,
}
