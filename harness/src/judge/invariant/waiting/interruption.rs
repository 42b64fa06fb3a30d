//! A signal that a process handles changes nothing for the call that it interrupts.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::{Kind, Outcome};
use crate::history::fate::Fates;
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::misdelivery;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::{Finding, Witness};
use crate::plan::{Action, ProcessIndex};

const PIPE: &str = "pipe.frame.eintr";
const STREAM: &str = "stream.call.eintr";
const QUEUE: &str = "queue.call.eintr";
const NAME: &str = "name.call.eintr";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "interruption",
    about: "a signal that a process handles neither ends the call that it interrupts, nor loses, changes or repeats what the call carries",
    clauses: &[PIPE, STREAM, QUEUE, NAME],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let mut harmed = BTreeSet::new();
    let interrupted = interrupted(evidence);
    for (_, fates) in evidence.lanes() {
        misdelivered(evidence, &mut tally, fates, &interrupted, &mut harmed);
    }
    for Interrupted {
        call,
        signal,
        is_certain,
    } in &interrupted
    {
        let operation = evidence.operation(*call);
        let clause = clause(evidence.kind(operation));
        let expected = &evidence.permutation.expected(operation.step).outcomes;
        match operation.outcome {
            Some(Outcome::Error)
                if !expected.contains(&Outcome::Error)
                    && (*is_certain || says_interrupted(operation)) =>
            {
                tally.broken(clause, || {
                    witness(
                        [*signal, *call],
                        "it goes on after the signal, which its process handles",
                        "it failed",
                    )
                });
            }
            Some(outcome)
                if *is_certain && expected.contains(&outcome) && !harmed.contains(call) =>
            {
                tally.upheld(clause, 1);
            }
            _ => {}
        }
    }
    tally.findings()
}

/// A call during which a signal may have arrived.
struct Interrupted {
    call: OperationId,
    signal: OperationId,
    /// Whether the call returned only after the signal had certainly been sent.
    is_certain: bool,
}

/// Returns the calls that were under way when another process began to send a signal to their process, each
/// with the first such signal.
fn interrupted(evidence: &Evidence<'_>) -> Vec<Interrupted> {
    let mut all = Vec::new();
    for (process, signals) in signals(evidence) {
        let operations = &evidence.history.processes[process].operations;
        for (index, call) in operations.iter().enumerate() {
            let later = signals.partition_point(|signal| signal.start <= call.start);
            let Some(signal) = signals.get(later) else {
                continue;
            };
            if waits(call.kind) && evidence.is_own_doing(call) && call.returned > Some(signal.start)
            {
                all.push(Interrupted {
                    call: OperationId { process, index },
                    signal: signal.id,
                    is_certain: call.returned > signal.returned,
                });
            }
        }
    }
    all
}

/// A step that sends a signal.
struct Sent {
    id: OperationId,
    start: u64,
    returned: Option<u64>,
}

/// Returns the signals that were sent to each process, by start.
fn signals(evidence: &Evidence<'_>) -> BTreeMap<ProcessIndex, Vec<Sent>> {
    let mut all: BTreeMap<ProcessIndex, Vec<Sent>> = BTreeMap::new();
    for (id, sent) in evidence.history.operations() {
        let (OperationKind::Signal, Some(Outcome::Ok)) = (sent.kind, sent.outcome) else {
            continue;
        };
        let step = evidence.step(sent.step).map(|step| &step.action);
        let Some(Action::Signal { processes, .. }) = step else {
            continue;
        };
        for process in processes {
            all.entry(*process).or_default().push(Sent {
                id,
                start: sent.start,
                returned: sent.returned,
            });
        }
    }
    let each = all.values_mut();
    each.for_each(|signals| signals.sort_by_key(|signal| signal.start));
    all
}

/// Whether the library reports the signal as the reason.
fn says_interrupted(operation: &Operation) -> bool {
    let kind = operation.raw.and_then(|raw| raw.kind);
    // As in `Interrupted`, `InterruptedError` or `SignalError`.
    let names = |kind: &str| kind.starts_with("Interrupted") || kind.starts_with("Signal");
    kind.is_some_and(|kind| names(kind.as_str()))
}

fn waits(kind: OperationKind) -> bool {
    use OperationKind::{Accept, Connect, Get, Poll, Put};
    matches!(kind, Put | Get | Poll | Accept | Connect)
}

fn clause(kind: Kind) -> &'static str {
    match kind {
        Kind::Queue => QUEUE,
        Kind::Stream => STREAM,
        Kind::Endpoint => NAME,
        Kind::Pipe | Kind::Process => PIPE,
    }
}

/// Charges what became of an item to the signal that interrupted its put or its get.
fn misdelivered(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    fates: &Fates,
    interrupted: &[Interrupted],
    harmed: &mut BTreeSet<OperationId>,
) {
    let mut charge = |calls: [OperationId; 2], show: &dyn Fn() -> Witness| {
        let mut all = interrupted.iter();
        if let Some(one) = all.find(|one| calls.contains(&one.call)) {
            let clause = clause(evidence.kind(evidence.operation(one.call)));
            harmed.insert(one.call);
            tally.broken(clause, || {
                let mut shown = show();
                shown.operations.insert(0, one.signal);
                shown
            });
        }
    };
    for (put, extra) in &fates.doubled {
        charge([put.id(), extra.id()], &|| {
            misdelivery::doubled(evidence, put, extra)
        });
    }
    for (put, get) in &fates.changed {
        charge([put.id(), get.id()], &|| {
            misdelivery::changed(evidence, put, get)
        });
    }
    for lost in &fates.lost {
        charge([lost.put.id(), lost.because.shown_by()], &|| {
            misdelivery::lost(evidence, lost)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};
    use rstest::rstest;

    /// Another process has sent the reader a signal between 10 and 12.
    fn signal(run: HistoryBuilder) -> HistoryBuilder {
        run.process("r")
            .process("other")
            .signal("r")
            .ok(10, 12)
            .process("r")
    }

    #[rstest]
    #[case::a_get_that_goes_on(signal(queue()).get(1).ok(5, 25), QUEUE, Expect::Upheld(1))]
    #[case::a_receive_that_goes_on(signal(pipe()).get(1).ok(5, 25), PIPE, Expect::Upheld(1))]
    #[case::a_get_that_fails(
        signal(queue()).ask().gives(Outcome::Error, 5, 13).expecting(Outcome::Ok), QUEUE, Expect::Broken(1)
    )]
    #[case::a_get_that_fails_while_the_signal_is_sent(
        signal(queue()).ask().gives(Outcome::Error, 5, 11).expecting(Outcome::Ok), QUEUE, Expect::Untried
    )]
    #[case::a_get_that_failed_before_the_signal(
        signal(queue()).ask().gives(Outcome::Error, 5, 9).expecting(Outcome::Ok), QUEUE, Expect::Untried
    )]
    #[case::a_get_that_began_after_the_signal(
        signal(queue()).get(1).ok(15, 25), QUEUE, Expect::Untried
    )]
    #[case::a_signal_that_came_too_late(
        queue().process("r").process("other").signal("r").gives(Outcome::Error, 10, 12)
            .process("r").get(1).ok(5, 25),
        QUEUE,
        Expect::Untried
    )]
    #[case::a_receive_that_takes_one_message_with_it(
        signal(pipe()).get(2).ok(5, 25), PIPE, Expect::Broken(1)
    )]
    #[case::a_later_receive_that_takes_one_with_it(
        signal(pipe()).get(1).ok(5, 25).get(3).ok(30, 31), PIPE, Expect::Upheld(1)
    )]
    fn judges_the_call_that_a_signal_interrupts(
        #[case] run: HistoryBuilder,
        #[case] clause: &str,
        #[case] expect: Expect,
    ) {
        let run = run.process("w").put(1).ok(20, 21).put(2).ok(22, 23);
        run.put(3).ok(24, 25).check(&INVARIANT, clause, expect);
    }
}
