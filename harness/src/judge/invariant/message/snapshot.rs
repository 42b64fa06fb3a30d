//! A message or item arrives with the value that its variable had when it was sent, even if the sender
//! changes the variable afterwards.

use std::collections::BTreeSet;

use crate::backend::{Capability, Kind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::untried;
use crate::plan::{Action, Process, Source, Step, StepId, Value};

const AT_SEND: &str = "proc.isolation.snapshot-at-send";
const AT_PUT: &str = "proc.isolation.snapshot-at-put";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "snapshot",
    about: "a message arrives with the value that its variable had when it was sent",
    clauses: &[AT_SEND, AT_PUT],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let plan = &evidence.permutation.plan;
    let changed_later: BTreeSet<StepId> = plan.processes.iter().flat_map(puts_to_change).collect();
    let is_one = |step: StepId| changed_later.contains(&step);
    for (traffic, fates) in evidence.lanes() {
        let clause = match traffic.kind {
            Kind::Pipe => AT_SEND,
            Kind::Queue if evidence.capabilities.has(Capability::SnapshotAtPut) => AT_PUT,
            Kind::Queue => {
                let lacks = untried::not_declared(Capability::SnapshotAtPut);
                tally.untried(AT_PUT, lacks);
                continue;
            }
            Kind::Stream | Kind::Endpoint | Kind::Process => continue,
        };
        for group in traffic.groups() {
            let mut kept = group.puts.iter().take(group.gets.len());
            let kept = kept.by_ref();
            let kept = kept.filter(|put| is_one(evidence.operation(put.id()).step));
            tally.upheld(clause, kept.count() as u64);
        }
        for (put, get) in &fates.changed {
            if is_one(evidence.operation(put.id()).step) {
                tally.broken(clause, || {
                    let item = evidence.item_of(put.id());
                    let came = evidence.item_of(get.id());
                    let sent = evidence.put_of(put.id());
                    let expected = format!("{item}, the value when it was {sent}");
                    witness([put.id(), get.id()], expected, came)
                });
            }
        }
    }
    tally.findings()
}

/// Returns the steps of this process that put a variable which the process changes afterwards.
fn puts_to_change(process: &Process) -> Vec<StepId> {
    let mut found = Vec::new();
    follow(&process.steps, &BTreeSet::new(), &mut found);
    found
}

/// Walks the steps from the last to the first. `later` has the variables that are set after them.
fn follow<'a>(
    steps: &'a [Step],
    later: &BTreeSet<&'a str>,
    found: &mut Vec<StepId>,
) -> BTreeSet<&'a str> {
    let mut later = later.clone();
    for step in steps.iter().rev() {
        match &step.action {
            Action::Put { source, .. } if sends_any(source, &later) => found.push(step.id),
            Action::Set { vars } => later.extend(vars.keys().map(String::as_str)),
            Action::Repeat { count, steps } => {
                // The next round may set a variable that this round sends.
                let inside = follow(steps, &later, &mut Vec::new());
                let around = if *count > 1 { inside } else { later.clone() };
                later = follow(steps, &around, found);
            }
            _ => {}
        }
    }
    later
}

fn sends_any(source: &Source, variables: &BTreeSet<&str>) -> bool {
    let Source::Items(values) = source else {
        return false;
    };
    values.iter().any(|value| match value {
        Value::Reference(name) => variables.contains(name.as_str()),
        Value::Literal(_) | Value::Sized { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};
    use rstest::rstest;

    /// A process sends a variable whose value is "then", and changes it afterwards.
    fn sent(run: HistoryBuilder) -> HistoryBuilder {
        let run = run.process("w").var("x", "then").put_variable("x", "then");
        run.ok(0, 1).set("x", "now").process("r")
    }

    #[rstest]
    #[case::old_value("then", Expect::Upheld(1))]
    #[case::new_value("now", Expect::Broken(1))]
    fn judges(#[case] received: &str, #[case] expect: Expect) {
        let run = sent(pipe()).get(received).ok(4, 5);
        run.check(&INVARIANT, AT_SEND, expect);
        let run = sent(queue()).get(received).ok(4, 5);
        run.check(&INVARIANT, AT_PUT, Expect::Untried);
        let run = run.declares(Capability::SnapshotAtPut);
        run.check(&INVARIANT, AT_PUT, expect);
    }

    #[test]
    fn a_variable_that_does_not_change_tries_nothing() {
        let run = pipe()
            .process("w")
            .var("x", 1)
            .set("x", 2)
            .put_variable("x", 2);
        let run = run.ok(0, 1).process("r").get(2).ok(2, 3);
        run.check(&INVARIANT, AT_SEND, Expect::Untried);
    }

    #[test]
    fn the_next_round_can_change_what_this_round_sends() {
        let set = Step {
            id: 0,
            watched: false,
            action: Action::Set {
                vars: [("x".to_owned(), Value::Reference("n".to_owned()))].into(),
            },
        };
        let run = pipe().process("w").put_variable("x", 1).ok(0, 1);
        let put = Step {
            id: 1,
            ..run.permutation.plan.processes[0].steps[0].clone()
        };
        let rounds = |count| {
            let steps = vec![Step {
                id: 2,
                watched: false,
                action: Action::Repeat {
                    count,
                    steps: vec![set.clone(), put.clone()],
                },
            }];
            let mut found = Vec::new();
            follow(&steps, &BTreeSet::new(), &mut found);
            found
        };
        assert_eq!(rounds(2), [1]);
        assert!(rounds(1).is_empty());
    }
}
