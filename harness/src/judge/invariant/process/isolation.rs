//! A variable is no channel: nobody sees what another process set, except in a copy made by a fork.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::Outcome;
use crate::judge::Finding;
use crate::judge::invariant::support::replay::{Execution, replay};
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::content::Content;
use crate::plan::{Action, Piece, ProcessIndex};

const MEMORY: &str = "proc.isolation.memory";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "isolation",
    about: "what a process does to its variables is seen by no other process",
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
                let expected = format!("{name} prints {text:?}, which is all that it can know");
                seen(
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

/// The processes that change a variable, by its name.
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

/// The names that a print refers to.
fn printed<'a>(execution: &Execution<'a>) -> Option<Vec<&'a str>> {
    let Action::Print { text } = &execution.step.action else {
        return None;
    };
    let name = |piece: &'a Piece| match piece {
        Piece::Text(_) => None,
        Piece::Reference(name) => Some(name.as_str()),
    };
    Some(text.iter().filter_map(name).collect())
}

/// What a print is to write, as far as that can be known.
pub(in crate::judge::invariant) fn text(
    evidence: &Evidence<'_>,
    execution: &Execution<'_>,
) -> Option<String> {
    let Action::Print { text } = &execution.step.action else {
        return None;
    };
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => Some(text.clone()),
        Piece::Reference(name) => {
            let item = execution.scene.look_up(evidence, name)?;
            Some(item.to_string())
        }
    };
    text.iter().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Start;
    use crate::test_support::histories::{Expect, Run, queue};
    use rstest::rstest;

    fn child(start: Start, text: &str) -> Run {
        let run = queue().process("main").var("message", "").process("child");
        let run = run.var("message", "").started_by("main", start);
        let run = run.print("message", text).ok(4, 5).process("main");
        let run = run.set("message", "hello").start("child").ok(1, 2);
        run.set("message", "too late").join("child").ok(3, 6)
    }

    #[rstest]
    #[case::a_fresh_image_knows_nothing(Start::Spawn, "", Expect::Upheld(1))]
    #[case::a_fresh_image_knows_something(Start::Spawn, "hello", Expect::Broken(1))]
    #[case::nor_does_a_copy_of_a_server(Start::Forkserver, "", Expect::Upheld(1))]
    #[case::a_copy_knows_what_was(Start::Fork, "hello", Expect::Upheld(1))]
    #[case::a_copy_forgets(Start::Fork, "", Expect::Broken(1))]
    #[case::a_copy_sees_what_came_later(Start::Fork, "too late", Expect::Broken(1))]
    fn judges(#[case] start: Start, #[case] text: &str, #[case] expect: Expect) {
        child(start, text).check(&INVARIANT, MEMORY, expect);
    }

    #[test]
    fn a_variable_that_nobody_else_sets_tries_nothing() {
        let run = queue().process("p").var("x", "").set("x", 1);
        let run = run.print("x", "1").ok(0, 1);
        run.check(&INVARIANT, MEMORY, Expect::Untried);
    }

    #[rstest]
    #[case::itself("mine", Expect::Upheld(1))]
    #[case::nobody("", Expect::Broken(1))]
    fn a_process_knows_what_its_threads_set(#[case] text: &str, #[case] expect: Expect) {
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
    fn what_a_child_sets_is_not_seen_by_its_starter() {
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
