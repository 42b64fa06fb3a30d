//! One instance of a case: the plan that peers receive, and the expected results, which they don't.

use std::ops::Range;
use std::sync::Arc;

use crate::backend::{Capabilities, Kind, Outcome};
use crate::clause::ClauseId;
use crate::plan::{Item, Plan, Requirement, StepId, Value};

pub(crate) mod trace;

/// The area of the cases that the harness draws to try itself, as in `random/17`.
pub(crate) const DRAWN: &str = "random/";

/// A case with its axes' values filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Permutation {
    /// The case's name, as in `seed/queue`.
    pub case: Arc<str>,
    /// The axes and their values, in file order; empty for a case without axes.
    pub values: Vec<(String, Item)>,
    /// The plan of its processes and channels.
    pub plan: Plan,
    /// The expected result of each step, indexed by [`StepId`].
    pub expected: Vec<Expected>,
    /// How each process is expected to exit, indexed by [`ProcessIndex`](crate::plan::ProcessIndex).
    pub exits: Vec<ExpectedExit>,
    /// The clauses that the case lists.
    pub clauses: Vec<ClauseId>,
    /// What a backend must be able to do: derived from the steps, or listed by the case.
    pub requires: Vec<Requirement>,
}

impl Permutation {
    /// Returns the values of the axes, as in `size=1,start=fork`; empty without axes. Reports write it
    /// in brackets after the name of the case.
    pub fn name(&self) -> String {
        let values: Vec<_> = self
            .values
            .iter()
            .map(|(axis, v)| format!("{axis}={v}"))
            .collect();
        values.join(",")
    }

    /// Returns the kind of its channels; [`Kind::Process`] if it has none.
    pub fn kind(&self) -> Kind {
        let channel = self.plan.channels.first();
        channel.map_or(Kind::Process, |channel| channel.kind)
    }

    /// Returns which of its requirements a backend with these capabilities doesn't meet; none if the
    /// backend meets all.
    pub fn lacks(&self, capabilities: &Capabilities) -> Option<String> {
        let kind = self.kind();
        let missing: Vec<String> = self
            .requires
            .iter()
            .filter_map(|requirement| requirement.missing(kind, capabilities))
            .collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }

    /// Returns the expected result of the step with this id; no outcomes for
    /// [`NO_STEP`](crate::plan::NO_STEP).
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

/// The result that a case expects of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The position of the step in the case file, in bytes.
    pub span: Range<usize>,
    /// The label of the step.
    pub label: Option<String>,
    /// The outcomes that its last operation may have; earlier ones must be ok.
    pub outcomes: Vec<Outcome>,
    /// The items that a get must return, in this order, if the case lists them.
    pub items: Option<Vec<Value>>,
    /// Whether the case states the outcomes itself (`expect = …`); otherwise they are derived.
    pub explicit: bool,
}

impl Expected {
    /// Whether a receive from a channel of this kind may never return. A kill of a sweep excuses those from a
    /// queue, as it may have kept the producer from putting an end marker, but none at the end of a pipe or stream.
    pub(crate) fn may_wait_for_ever(&self, kind: Kind) -> bool {
        self.outcomes.contains(&Outcome::Pending) && (self.explicit || kind == Kind::Queue)
    }
}

/// How a process is expected to exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedExit {
    /// With this code.
    Code(i32),
    /// Killed.
    Killed,
    /// In any way.
    Any,
}
