//! A process's changes to its variables are visible to no other process, except that a forked child
//! starts with a copy of its parent's variables.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::Outcome;
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::replay::{StepExecution, replay};
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::plan::{Action, Content, Piece, ProcessIndex};

const MEMORY: &str = "proc.isolation.memory";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "isolation",
    about: "a process's changes to its variables are visible to no other process",
    clauses: &[MEMORY],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let setters = setters(evidence);
    if setters.is_empty() {
        return tally.findings();
    }
    replay(evidence, |execution| {
        let Some(names) = printed(execution) else {
            return;
        };
        let others = |name: &str| {
            let setters = setters.get(name);
            setters.is_some_and(|setters| setters.iter().any(|p| *p != execution.process))
        };
        if !names.iter().any(|name| others(name)) {
            return;
        }
        let print = execution.last();
        let operation = evidence.operation(print);
        let (Some(text), Some(Outcome::Ok)) = (text(evidence, execution), operation.outcome) else {
            return;
        };
        if operation.content == Some(Content::of(text.as_bytes())) {
            tally.upheld(MEMORY, 1);
        } else {
            tally.broken(MEMORY, || {
                let name = evidence.process(execution.process);
                let expected = format!("{name} prints {text:?}, from its own variables");
                witness(
                    [print],
                    expected,
                    format!("it printed {}", shown(operation)),
                )
            });
        }
    });
    tally.findings()
}

fn shown(print: &crate::history::Operation) -> String {
    match print.content {
        Some(content) if content.is_inline() => {
            format!("{:?}", String::from_utf8_lossy(&content.head()))
        }
        Some(content) => {
            let head = String::from_utf8_lossy(&content.head()).into_owned();
            format!("{head:?}… ({} bytes)", content.length())
        }
        None => "nothing".to_owned(),
    }
}

/// Returns, for each variable, the processes that change it.
fn setters<'a>(evidence: &'a Evidence<'_>) -> BTreeMap<&'a str, BTreeSet<ProcessIndex>> {
    let mut setters: BTreeMap<&str, BTreeSet<ProcessIndex>> = BTreeMap::new();
    for (process, step) in evidence.permutation.plan.steps() {
        let mut add = |name: &'a str| setters.entry(name).or_default().insert(process);
        match &step.action {
            Action::Set { vars } => vars.keys().for_each(|name| {
                add(name);
            }),
            Action::Get {
                into: Some(name), ..
            } => {
                add(name);
            }
            _ => {}
        }
    }
    setters
}

/// Returns the variables that a print step prints.
fn printed<'a>(execution: &StepExecution<'a>) -> Option<Vec<&'a str>> {
    let Action::Print { text } = &execution.step.action else {
        return None;
    };
    let name = |piece: &'a Piece| match piece {
        Piece::Text(_) => None,
        Piece::Reference(name) => Some(name.as_str()),
    };
    Some(text.iter().filter_map(name).collect())
}

/// Returns the text that a print step should print, if all its variables are known.
fn text(evidence: &Evidence<'_>, execution: &StepExecution<'_>) -> Option<String> {
    let Action::Print { text } = &execution.step.action else {
        return None;
    };
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => Some(text.clone()),
        Piece::Reference(name) => {
            let item = execution.variables.look_up(evidence, name)?;
            Some(item.to_string())
        }
    };
    text.iter().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Start;
    use crate::test_support::histories::{Expect, HistoryBuilder, queue};
    use rstest::rstest;

    fn child(start: Start, text: &str) -> HistoryBuilder {
        let run = queue().process("main").var("message", "").process("child");
        let run = run.var("message", "").started_by("main", start);
        let run = run.print("message", text).ok(4, 5).process("main");
        let run = run.set("message", "hello").start("child").ok(1, 2);
        run.set("message", "too late").join("child").ok(3, 6)
    }

    #[rstest]
    #[case::a_spawned_process_sees_nothing(Start::Spawn, "", Expect::Upheld(1))]
    #[case::a_spawned_process_sees_a_change(Start::Spawn, "hello", Expect::Broken(1))]
    #[case::a_process_of_a_fork_server_sees_nothing(Start::Forkserver, "", Expect::Upheld(1))]
    #[case::a_fork_sees_an_earlier_change(Start::Fork, "hello", Expect::Upheld(1))]
    #[case::a_fork_misses_an_earlier_change(Start::Fork, "", Expect::Broken(1))]
    #[case::a_fork_sees_a_later_change(Start::Fork, "too late", Expect::Broken(1))]
    fn judges(#[case] start: Start, #[case] text: &str, #[case] expect: Expect) {
        child(start, text).check(&INVARIANT, MEMORY, expect);
    }

    #[test]
    fn a_variable_that_no_other_process_sets_tries_nothing() {
        let run = queue().process("p").var("x", "").set("x", 1);
        let run = run.print("x", "1").ok(0, 1);
        run.check(&INVARIANT, MEMORY, Expect::Untried);
    }

    #[rstest]
    #[case::the_change("mine", Expect::Upheld(1))]
    #[case::no_change("", Expect::Broken(1))]
    fn a_process_sees_changes_by_its_threads(#[case] text: &str, #[case] expect: Expect) {
        let run = queue().process("other").var("x", "").set("x", "theirs");
        let run = run.process("p").var("x", "").thread(1).set("x", "mine");
        let run = run
            .thread(2)
            .idle()
            .ok(0, 1)
            .thread(0)
            .print("x", text)
            .ok(2, 3);
        run.check(&INVARIANT, MEMORY, expect);
    }

    #[test]
    fn a_parent_does_not_see_changes_by_its_child() {
        let run = queue().process("main").var("x", "").process("child");
        let run = run
            .started_by("main", Start::Fork)
            .set("x", 1)
            .process("main");
        let run = run.start("child").ok(0, 1).join("child").ok(2, 3);
        let good = run.clone().print("x", "").ok(4, 5);
        good.check(&INVARIANT, MEMORY, Expect::Upheld(1));
        run.print("x", "1")
            .ok(4, 5)
            .check(&INVARIANT, MEMORY, Expect::Broken(1));
    }
}
