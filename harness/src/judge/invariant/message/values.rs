//! Values of every kind arrive as they were sent.
//!
//! This is the invariant `content`.

use crate::backend::Kind;
use crate::history::pairing::Entry;
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::plan::ValueKind;

const TEXT: &str = "value.text";
const BYTES: &str = "value.bytes";
const INT: &str = "value.int";
const FLOAT: &str = "value.float";
const NULL: &str = "value.null-vs-missing";
const NESTING: &str = "value.nesting";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "content",
    about: "values of every kind arrive as they were sent",
    clauses: &[TEXT, BYTES, INT, FLOAT, NULL, NESTING],
    judge,
};

/// Returns the clauses about values of this kind. A list or a map also shows whether a missing entry
/// stays missing.
fn clauses(kind: ValueKind) -> &'static [&'static str] {
    match kind {
        ValueKind::Text => &[TEXT],
        ValueKind::Bytes => &[BYTES],
        ValueKind::Int => &[INT],
        ValueKind::Float => &[FLOAT],
        ValueKind::None => &[NULL],
        ValueKind::Nested => &[NESTING, NULL],
        ValueKind::Bool => &[],
    }
}

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let lanes = evidence
        .lanes()
        .filter(|(traffic, _)| traffic.kind != Kind::Stream);
    for (traffic, fates) in lanes {
        let of = |content| traffic.codec.value_kind(content).map_or(&[][..], clauses);
        for group in traffic.groups() {
            for clause in of(group.content) {
                tally.upheld(clause, group.paired() as u64);
            }
        }
        let unbuffered = |(_, get): &&(Entry, Entry)| evidence.buffer(get).is_none();
        for (put, get) in fates.changed.iter().filter(unbuffered) {
            for clause in of(put.content) {
                tally.broken(clause, || {
                    let (sent, came) = (evidence.item_of(put.id()), evidence.item_of(get.id()));
                    witness([put.id(), get.id()], sent, came)
                });
            }
        }
    }
    tally.findings()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Item;
    use crate::test_support::histories::{Expect, queue};
    use rstest::rstest;
    use std::collections::BTreeMap;

    #[rstest]
    #[case(TEXT, Item::from("a\u{301}"), Item::from("á"))]
    #[case(BYTES, Item::Bytes(vec![13, 10]), Item::Bytes(vec![10]))]
    #[case(INT, Item::integer("9007199254740993").unwrap(), Item::Int(9_007_199_254_740_992))]
    #[case(INT, Item::integer(&"9".repeat(40)).unwrap(), Item::Int(-1))]
    #[case(FLOAT, Item::Float((-0.0).into()), Item::Float(0.0.into()))]
    #[case(NULL, Item::None, Item::Map(BTreeMap::new()))]
    #[case(NULL, Item::Map([("key".to_owned(), Item::None)].into()), Item::Map(BTreeMap::new()))]
    #[case(NESTING, Item::List(vec![Item::List(vec![])]), Item::List(vec![]))]
    fn a_value_is_kept(#[case] clause: &str, #[case] sent: Item, #[case] other: Item) {
        let sent = || queue().process("p").put(sent.clone()).ok(0, 1);
        let kept = sent().process("c").get(sent_item(&sent())).ok(2, 3);
        kept.check(&INVARIANT, clause, Expect::Upheld(1));
        let changed = sent().process("c").get(other).ok(2, 3);
        changed.check(&INVARIANT, clause, Expect::Broken(1));
        sent().check(&INVARIANT, clause, Expect::Untried);
    }

    fn sent_item(run: &crate::test_support::histories::HistoryBuilder) -> Item {
        match &run.permutation.plan.processes[0].steps[0].action {
            crate::plan::Action::Put {
                source: crate::plan::Source::Items(values),
                ..
            } => match &values[0] {
                crate::plan::Value::Literal(item) => item.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_int_and_its_text_are_two_values() {
        let run = queue()
            .process("p")
            .put(1)
            .ok(0, 1)
            .process("c")
            .get("1")
            .ok(2, 3);
        let witness = run.witness(&INVARIANT, INT);
        assert_eq!((&*witness.expected, &*witness.actual), ("1", "\"1\""));
    }
}
