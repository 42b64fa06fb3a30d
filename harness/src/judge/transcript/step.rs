//! The result of one step, in one line.

use super::fold;
use super::interrupted::Interrupted;
use super::view::{View, passes_on};
use crate::backend::{Kind, Outcome, Wait};
use crate::history::naming::{Name, Naming};
use crate::history::{Operation, OperationId, OperationKind};
use crate::plan::{Action, Permutation, Plan, Step};

/// Stands for items or outcomes that differ from run to run.
const OPEN: &str = "…";

/// Stands for items of which a sweep leaves open how many arrive.
const PREFIX: &str = "a prefix";

/// A step's verb and its channel or ends.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) verb: &'static str,
    pub(super) on: String,
}

impl Call {
    /// Returns the verb and the ends; `None` for a step without a channel, unless it is a join that may give up.
    pub(super) fn of(plan: &Plan, step: &Step) -> Option<Call> {
        let kind = OperationKind::of(&step.action)?;
        let (channel, on) = match (&step.action, step.ends()) {
            (Action::Open { channel }, _) => (*channel, plan.channels[*channel].name.clone()),
            (Action::Join { processes, wait }, _) if *wait != Wait::Deadline => {
                let joined = plan.processes[*processes.first()?].group.clone();
                let verb = kind.word(Kind::Process);
                return Some(Call { verb, on: joined });
            }
            (_, []) => return None,
            (_, ends @ [first, ..]) => {
                let names: Vec<String> = ends.iter().map(|end| plan.end_name(*end)).collect();
                (first.channel, names.join(", "))
            }
        };
        let verb = kind.word(plan.channels[channel].kind);
        Some(Call { verb, on })
    }
}

/// The operations of the same step in several processes, one list for each process.
pub(super) struct Members<'a> {
    pub(super) permutation: &'a Permutation,
    pub(super) view: &'a View,
    pub(super) interrupted: &'a Interrupted,
    pub(super) operations: Vec<Vec<(OperationId, &'a Operation)>>,
}

impl Members<'_> {
    /// Returns all operations.
    pub(super) fn ids(&self) -> Vec<OperationId> {
        let all = self.operations.iter().flatten();
        all.map(|(id, _)| *id).collect()
    }

    /// Returns the items and outcomes of the steps; `None` if no process reached them.
    pub(super) fn rest(&self, steps: &[&Step], naming: &mut Naming) -> Option<String> {
        let step = steps[0];
        if steps.iter().any(|step| self.view.is_cut_short(step.id)) {
            return Some(self.cut_short(steps));
        }
        let uncertain = steps.iter().any(|step| self.view.is_uncertain(step.id));
        if self.operations.iter().all(Vec::is_empty) && !uncertain {
            return None;
        }
        let mut outcomes = Vec::new();
        for (step, operations) in steps.iter().zip(&self.operations) {
            outcomes.extend(self.outcomes(step, operations));
        }
        let uncertain = uncertain || self.is_cut(step);
        let kind = self.channel_kind(step);
        let items = if !moves_items(step) {
            String::new()
        } else if uncertain || self.view.is_scattered(step.id) {
            OPEN.to_owned()
        } else if kind == Kind::Stream {
            self.bytes()
        } else if self.races(step) {
            let names = self.operations.iter().flatten();
            fold::multiset(names.filter_map(|(_, op)| self.item(op, naming)))
        } else {
            return Some(self.in_order(step, naming));
        };
        if uncertain {
            // How many rounds have which outcome is uncertain too.
            outcomes.sort();
            outcomes.dedup();
        }
        let outcomes = if uncertain && self.is_killed(step) {
            String::new()
        } else {
            in_any_order(outcomes)
        };
        Some(match (items.as_str(), outcomes.as_str()) {
            // No bytes, and the outcome gives the reason.
            ("0 bytes", outcomes) if !outcomes.is_empty() => outcomes.to_owned(),
            (items, outcomes) => join(items, outcomes),
        })
    }

    /// What is certain although a sweep killed the process at the other end: the outcomes that the
    /// case gives for a step that is certainly reached.
    fn cut_short(&self, steps: &[&Step]) -> String {
        let items = match &steps[0].action {
            Action::Get { .. } => PREFIX,
            _ => OPEN,
        };
        let mut outcomes = Vec::new();
        for (step, operations) in steps.iter().zip(&self.operations) {
            let expected = self.permutation.expected(step.id);
            if let (true, true, Some((_, last))) = (
                expected.explicit,
                self.view.is_reached(step.id),
                operations.last(),
            ) {
                outcomes.extend(self.outcome(step, last, true));
            }
        }
        join(items, &in_any_order(outcomes))
    }

    /// Items and outcomes of one process in their order.
    fn in_order(&self, step: &Step, naming: &mut Naming) -> String {
        let operations = self.operations.first().map_or(&[][..], Vec::as_slice);
        if let Some(best) = self.best_answer(step, operations) {
            return format!("-> {best}");
        }
        let mut parts: Vec<(String, usize)> = Vec::new();
        let mut names = Vec::new();
        for (place, (_, operation)) in operations.iter().enumerate() {
            names.extend(self.item(operation, naming));
            let last = place + 1 == operations.len();
            let outcome = self.outcome(step, operation, last);
            if outcome.is_none() && !last {
                continue;
            }
            let outcome = outcome.map_or(String::new(), |outcome| format!("-> {outcome}"));
            let part = join(&fold::sequence(&names), &outcome);
            names.clear();
            match parts.last_mut() {
                Some((text, count)) if *text == part => *count += 1,
                _ => parts.push((part, 1)),
            }
        }
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(text, _)| !text.is_empty())
            .map(|(text, count)| fold::times(text, count))
            .collect();
        parts.join(", ")
    }

    /// The item that was put or got; `None` if it may or may not arrive.
    fn item(&self, operation: &Operation, naming: &mut Naming) -> Option<Name> {
        let (channel, content) = (operation.end?.channel, operation.content?);
        let is_open =
            operation.kind == OperationKind::Get && self.interrupted.may_arrive(channel, content);
        (!is_open).then(|| naming.name(channel, content))
    }

    /// The outcome of a poll of several ends as a whole. Which of them are ready depends on the
    /// schedule; it is shown only if the case gives it.
    fn best_answer(&self, step: &Step, answers: &[(OperationId, &Operation)]) -> Option<Outcome> {
        if step.ends().len() < 2 || self.permutation.expected(step.id).explicit {
            return None;
        }
        let mut outcomes = answers.iter().map(|(_, op)| op.outcome);
        let last = answers.last()?.1.outcome.unwrap_or(Outcome::Pending);
        let is_ready = outcomes.any(|outcome| outcome == Some(Outcome::Ok));
        Some(if is_ready { Outcome::Ready } else { last })
    }

    fn outcomes(&self, step: &Step, operations: &[(OperationId, &Operation)]) -> Vec<String> {
        operations
            .iter()
            .enumerate()
            .filter_map(|(place, (_, op))| self.outcome(step, op, place + 1 == operations.len()))
            .collect()
    }

    /// The word for an operation's outcome; `None` if it is ok.
    fn outcome(&self, step: &Step, operation: &Operation, last: bool) -> Option<String> {
        let outcome = operation.outcome.unwrap_or(Outcome::Pending);
        let expected = self.permutation.expected(step.id);
        let one_of = expected.explicit && expected.outcomes.len() > 1;
        // Each answer of a poll of several ends has an expected outcome of its own, and an outcome
        // other than ok is the last one of its round.
        let last = last || step.ends().len() > 1 || outcome != Outcome::Ok;
        if last && one_of && expected.outcomes.contains(&outcome) {
            return Some(alternatives(operation.kind, &expected.outcomes));
        }
        match (operation.kind, outcome) {
            (OperationKind::Poll, outcome) => Some(word(operation.kind, outcome).to_owned()),
            (OperationKind::Size, Outcome::Ok) => operation.size().map(|size| size.to_string()),
            (_, Outcome::Ok) => None,
            (_, outcome) => Some(outcome.to_string()),
        }
    }

    /// How many bytes were moved. No promise says how they are divided.
    fn bytes(&self) -> String {
        let total: u64 = self
            .operations
            .iter()
            .flatten()
            .filter(|(_, op)| op.outcome == Some(Outcome::Ok))
            .filter_map(|(_, op)| Some(op.content?.length()))
            .sum();
        format!("{total} bytes")
    }

    fn channel_kind(&self, step: &Step) -> Kind {
        let channel = match &step.action {
            Action::Put { end, .. } | Action::Get { end, .. } => Some(end.channel),
            _ => None,
        };
        channel.map_or(Kind::Process, |channel| {
            self.permutation.plan.channels[channel].kind
        })
    }

    /// Whether it is open what arrives here, because the case doesn't name the items of this get.
    fn is_cut(&self, step: &Step) -> bool {
        match &step.action {
            Action::Get { end, .. } => {
                let lane = self.permutation.plan.joint(end.receives_from());
                self.view.is_cut(lane) && !self.names_items(step) && !self.names_none(step)
            }
            _ => false,
        }
    }

    /// Whether the case says which items arrive here, and in which order.
    fn names_items(&self, step: &Step) -> bool {
        self.permutation.expected(step.id).items.is_some()
    }

    /// Whether the case says that nothing arrives here.
    fn names_none(&self, step: &Step) -> bool {
        let expected = self.permutation.expected(step.id);
        expected.explicit && !expected.outcomes.contains(&Outcome::Ok)
    }

    fn is_killed(&self, step: &Step) -> bool {
        use crate::plan::ExpectedExit;
        self.view.is_uncertain(step.id)
            && self.operations.iter().flatten().all(|(id, _)| {
                self.permutation.exits[id.process] == ExpectedExit::Killed
                    || self.permutation.plan.killed_at_random() == Some(id.process)
            })
    }

    /// Whether no promise covers the order of the items.
    fn races(&self, step: &Step) -> bool {
        if self.operations.len() > 1 {
            return true;
        }
        match &step.action {
            Action::Get { end, .. } => {
                let lane = self.permutation.plan.joint(end.receives_from());
                self.view.races(lane) && !self.names_items(step)
            }
            Action::Put { source, .. } => {
                let process = self.operations[0].first().map(|(id, _)| id.process);
                passes_on(source) && process.is_some_and(|p| self.view.is_shuffled(p))
            }
            _ => false,
        }
    }
}

fn moves_items(step: &Step) -> bool {
    matches!(&step.action, Action::Put { .. } | Action::Get { .. })
}

fn in_any_order(mut outcomes: Vec<String>) -> String {
    outcomes.sort();
    let parts: Vec<String> = outcomes
        .chunk_by(|a, b| a == b)
        .map(|alike| fold::times(&alike[0], alike.len()))
        .collect();
    match parts.as_slice() {
        [] => String::new(),
        parts => format!("-> {}", parts.join(", ")),
    }
}

/// A successful poll is `ready`.
fn word(kind: OperationKind, outcome: Outcome) -> &'static str {
    match (kind, outcome) {
        (OperationKind::Poll, Outcome::Ok) => Outcome::Ready.word(),
        (_, outcome) => outcome.word(),
    }
}

fn alternatives(kind: OperationKind, outcomes: &[Outcome]) -> String {
    if outcomes.len() == Outcome::ALL.len() {
        return "any".to_owned();
    }
    let words: Vec<&str> = outcomes
        .iter()
        .map(|outcome| word(kind, *outcome))
        .collect();
    words.join(" or ")
}

fn join(items: &str, outcome: &str) -> String {
    match (items, outcome) {
        ("", one) | (one, "") => one.to_owned(),
        (items, outcome) => format!("{items} {outcome}"),
    }
}
