//! Each reason, and a run that has it.

use super::lacking::entries;
use super::*;
use crate::backend::{Kind, Outcome, Side};
use crate::history::{Ending, Exit};
use crate::judge::invariant;
use crate::plan::{Item, Start};
use crate::test_support::histories::{HistoryBuilder, duplex, endpoint, pipe, queue, stream};
use rstest::rstest;

fn reason(run: HistoryBuilder, clause: &str) -> Option<String> {
    let findings = run.lists(clause).all_findings();
    why(&clause.into(), &findings).map(str::to_owned)
}

/// A run in which nothing happens, over a channel of the kind that the clause is about.
fn nothing(clause: &str) -> HistoryBuilder {
    let family = clause.split('.').next();
    match family {
        _ if clause == "leak.helper-processes" => {
            let mut run = pipe();
            run.permutation.plan.channels[0].kind = Kind::Process;
            run
        }
        Some("pipe" | "wire") => pipe(),
        Some("stream") => stream(),
        Some("name" | "sec") => endpoint(),
        _ => [
            Capability::Causal,
            Capability::Linearizable,
            Capability::StrictEmpty,
            Capability::SnapshotAtPut,
            Capability::TimedJoin,
        ]
        .into_iter()
        .fold(queue(), HistoryBuilder::declares),
    }
}

#[test]
fn a_run_in_which_nothing_happens_says_for_each_clause_what_it_lacks() {
    let wrong: Vec<_> = entries()
        .map(|(clause, lacks)| (clause, reason(nothing(clause), clause), lacks))
        .filter(|(_, reason, lacks)| reason.as_deref() != Some(**lacks))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_clause_of_an_invariant_has_one_entry() {
    let mut judged: Vec<&str> = (invariant::ALL.iter())
        .flat_map(|invariant| invariant.clauses)
        .copied()
        .collect();
    judged.sort_unstable();
    judged.dedup();
    let mut told: Vec<&str> = entries().map(|(clause, _)| *clause).collect();
    told.sort_unstable();
    assert_eq!(told, judged);
}

fn one_item(run: HistoryBuilder) -> HistoryBuilder {
    let run = run.process("p").put(1).ok(0, 1);
    run.process("c").get(1).ok(2, 3)
}

/// Two equal items were put and received, and no receive shows that none is left.
fn equal(run: HistoryBuilder) -> HistoryBuilder {
    let run = run.process("p").put(1).ok(0, 1).put(1).ok(2, 3);
    run.process("c").get(1).ok(4, 5).get(1).ok(6, 7)
}

fn bytes(text: &str) -> Item {
    Item::Bytes(text.as_bytes().to_vec())
}

fn stalled(run: HistoryBuilder) -> HistoryBuilder {
    run.ending(Ending::Stalled)
}

/// A client connects to a server, which accepts it.
fn accepted() -> HistoryBuilder {
    let run = endpoint().process("server").listen().ok(0, 1);
    let run = run.process("client").connect("c").ok(2, 3);
    run.process("server").accept("s").ok(4, 5)
}

fn listens(run: HistoryBuilder) -> HistoryBuilder {
    run.process("server").listen().ok(0, 1)
}

/// The end arrives in a run with a forked process.
fn with_a_fork() -> HistoryBuilder {
    let run = pipe().process("w").close(Side::Tx).ok(0, 1);
    let run = run.process("child").started_by("w", Start::Fork);
    run.process("r").ask().gives(Outcome::Timeout, 2, 3)
}

fn without_a_reply() -> HistoryBuilder {
    let run = duplex()
        .process("a")
        .at(Side::A)
        .half_close(Side::A)
        .ok(0, 1);
    run.process("b")
        .at(Side::B)
        .ask()
        .gives(Outcome::End, 2, 3)
        .put(1)
        .ok(4, 5)
}

fn with_a_killed_holder() -> HistoryBuilder {
    let run = one_item(queue()).process("p").exit().ok(4, 5);
    run.process("k").put(2).ok(0, 1).exits(Exit::Killed)
}

fn with_a_killed_consumer() -> HistoryBuilder {
    let run = queue().declares_nothing().process("p").put(1).ok(0, 1);
    run.process("c").get(1).ok(2, 3).exits(Exit::Killed)
}

fn of_two_producers() -> HistoryBuilder {
    let run = queue().declares(Capability::Linearizable);
    let run = run.process("p").put(1).ok(0, 9);
    let run = run.process("o").put(1).ok(0, 9);
    run.process("c").get(1).ok(1, 9).get(1).ok(10, 11)
}

#[rstest]
#[case(one_item(queue()), "queue.order.fifo-per-producer", ONE_ITEM)]
#[case(one_item(pipe()), "pipe.order.single-writer", ONE_MESSAGE)]
#[case(equal(queue()), "queue.mpmc.exactly-once", EQUAL_ITEMS)]
#[case(equal(pipe()), "pipe.frame.boundaries-preserved", EQUAL_ITEMS)]
#[case(of_two_producers(), "queue.order.linearizable", EQUAL_ITEMS)]
#[case(
    one_item(queue().declares(Capability::Linearizable)), "queue.order.linearizable", ONE_PRODUCER
)]
#[case(one_item(queue()), "queue.mpmc.progress", ONE_CONSUMER)]
#[case(
    stream().process("w").put(bytes("a")).ok(0, 9).process("o").put(bytes("b")).ok(1, 8),
    "stream.order.bytes", WRITTEN_AT_ONCE
)]
#[case(
    stream().process("w").put(bytes("ab")).ok(0, 1)
        .process("r").get(bytes("a")).ok(2, 9).process("s").get(bytes("b")).ok(3, 8),
    "stream.order.bytes", READ_AT_ONCE
)]
#[case(with_a_fork(), "pipe.eof.not-hidden-by-sibling", FORKED)]
#[case(without_a_reply(), "pipe.dir.half-close", NO_REPLY)]
#[case(accepted(), "sec.access.peer", NO_IDENTITY)]
#[case(listens(endpoint().with_name(None, Some(300))), "name.length", LONG_NAME_FITS)]
#[case(listens(endpoint().with_name(Some(0o600), None)), "name.permissions", NO_MODE)]
#[case(stalled(one_item(queue())), "leak.handles.steady", NO_CLEANUP)]
#[case(with_a_killed_holder(), "queue.flush.normal-exit", HOLDER_KILLED)]
#[case(
    one_item(queue()),
    "queue.order.causal",
    "the backend doesn't declare causal"
)]
#[case(
    one_item(queue()),
    "proc.isolation.snapshot-at-put",
    "the backend doesn't declare snapshot-at-put"
)]
#[case(
    one_item(queue().declares_nothing()), "queue.feeder.reader-gone",
    "the backend doesn't declare free-exit"
)]
#[case(
    with_a_killed_consumer(),
    "fault.kill.blocked-on-dead-consumer",
    "the backend doesn't declare gone-without-consumers"
)]
#[case(
    one_item(queue().declares_nothing()).process("d").get(2).gives(Outcome::Timeout, 4, 5),
    "queue.mpmc.progress", "the backend doesn't declare shared-items"
)]
#[case(
    one_item(queue()),
    "queue.get.no-spurious-empty",
    "the backend doesn't declare strict-empty"
)]
#[case(
    one_item(queue()),
    "queue.order.linearizable",
    "the backend doesn't declare linearizable"
)]
fn an_invariant_gives_a_special_reason(
    #[case] run: HistoryBuilder,
    #[case] clause: &str,
    #[case] expected: &str,
) {
    assert_eq!(reason(run, clause).as_deref(), Some(expected));
}
