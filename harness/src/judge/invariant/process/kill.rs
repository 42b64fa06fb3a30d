//! A process that is killed while it puts or gets damages no message of others, and other processes can
//! still put and get.

use crate::backend::{Kind, Outcome, Wait};
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, NEVER, Traffic};
use crate::history::rest::LATENESS;
use crate::history::{Exit, Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::misdelivery;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{BLOCKED, NOTHING_CAME, witness};
use crate::plan::ProcessIndex;

const MESSAGE: &str = "fault.kill.mid-message";
const SURVIVORS: &str = "fault.kill.survivors-go-on";
const WRITE_LOCK: &str = "fault.kill.holding-write-lock";
const READ_LOCK: &str = "fault.kill.holding-read-lock";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "kill",
    about: "a process killed while it puts or gets damages no other message and blocks no process",
    clauses: &[MESSAGE, SURVIVORS, WRITE_LOCK, READ_LOCK],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, fates) in evidence.lanes() {
        // A stream has no messages, only bytes.
        if traffic.kind != Kind::Stream {
            judge_messages(evidence, &mut tally, traffic, fates);
            match killed_at_random(evidence) {
                // Which call it was in, if any, is chance.
                Some(victim) => judge_survivors(evidence, &mut tally, traffic, victim),
                None => {
                    judge_later_puts(evidence, &mut tally, traffic, fates);
                    judge_later_gets(evidence, &mut tally, traffic, fates);
                }
            }
        }
    }
    tally.findings()
}

fn was_killed(evidence: &Evidence<'_>, process: ProcessIndex) -> bool {
    evidence.exit(process) == Some(Exit::Killed)
}

fn gets(traffic: &Traffic) -> impl Iterator<Item = &Entry> {
    let lists = [
        &traffic.gets,
        &traffic.takers,
        &traffic.ends,
        &traffic.misses,
    ];
    lists.into_iter().flatten()
}

/// Judges that, after a sender was killed, receivers get messages as they were sent or none, and that
/// no timed call hangs.
fn judge_messages(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    fates: &Fates,
) {
    let processes = evidence.permutation.plan.processes.iter().enumerate();
    let senders = processes.filter(|(index, process)| {
        let mut ends = process.ends.iter();
        was_killed(evidence, *index)
            && ends.any(|given| given.puts && given.end.sends_on() == traffic.lane)
    });
    // Until then all of them certainly lived; later each may have been dead.
    let lived = senders.map(|(index, _)| evidence.holders().life(index).until);
    let Some(lived) = lived.min() else { return };
    let later = |get: &&Entry| get.returned >= lived && !was_killed(evidence, get.process());
    for (put, get) in fates.changed.iter().filter(|(_, get)| later(&get)) {
        tally.broken(MESSAGE, || misdelivery::changed(evidence, put, get));
    }
    for get in fates.invented.iter().filter(later) {
        tally.broken(MESSAGE, || misdelivery::invented(evidence, get));
    }
    // Whether the last message arrived before the kill or after it depends on the scheduler.
    let others = gets(traffic).filter(|get| !was_killed(evidence, get.process()));
    for get in others {
        let operation = evidence.operation(get.id());
        if !operation.is_pending() {
            tally.upheld(MESSAGE, 1);
        } else if later(&get) && is_overdue(evidence, get.process(), operation) {
            tally.broken(MESSAGE, || {
                let last = last_put(evidence, traffic);
                let shown = last.into_iter().chain([get.id()]);
                let expected = "an item, an error, the end, or nothing, in time";
                witness(shown, expected, BLOCKED)
            });
        }
    }
}

/// Whether this timed operation was still pending long after its timeout, when the harness ended the
/// run.
fn is_overdue(evidence: &Evidence<'_>, process: ProcessIndex, operation: &Operation) -> bool {
    let time = match evidence.wait(operation) {
        Some(Wait::For(time)) => u64::try_from(time.as_nanos()).unwrap_or(u64::MAX),
        Some(Wait::Never) => 0,
        Some(Wait::Deadline) | None => return false,
    };
    let limit = operation
        .start
        .saturating_add(time)
        .saturating_add(LATENESS);
    operation.is_pending()
        && evidence.was_ended(process)
        && evidence.ended() > limit
        && !evidence.may_stay_pending(operation)
}

/// Returns the process that a sweep has killed at a random moment.
fn killed_at_random(evidence: &Evidence<'_>) -> Option<ProcessIndex> {
    let victim = evidence.permutation.plan.killed_at_random();
    victim.filter(|victim| was_killed(evidence, *victim))
}

/// Judges that puts and gets of other processes return after the death of this one.
fn judge_survivors(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    victim: ProcessIndex,
) {
    let lived = evidence.holders().life(victim).until;
    let calls = traffic.puts.iter().chain(gets(traffic));
    for call in calls.filter(|call| call.process() != victim && call.returned >= lived) {
        if evidence.hangs(call.id()) {
            tally.broken(SURVIVORS, || {
                let last = last_put(evidence, traffic);
                let shown = last.into_iter().chain([call.id()]);
                let name = evidence.process(victim);
                witness(
                    shown,
                    format!("it goes on after {name} was killed"),
                    BLOCKED,
                )
            });
        } else if !evidence.operation(call.id()).is_pending() {
            tally.upheld(SURVIVORS, 1);
        }
    }
}

/// Returns the last put of a killed process.
fn last_put(evidence: &Evidence<'_>, traffic: &Traffic) -> Option<OperationId> {
    let puts = traffic.puts.iter().chain(&traffic.refused);
    let of_killed = puts.filter(|put| was_killed(evidence, put.process()));
    of_killed.max_by_key(|put| put.start).map(Entry::id)
}

/// Returns an operation of this kind during which a process was killed, and the time from which that
/// process was certainly dead.
fn killed_during(
    evidence: &Evidence<'_>,
    kind: OperationKind,
    entries: &[Entry],
) -> Option<(OperationId, u64)> {
    let died = entries.iter().filter(|entry| {
        let operation = evidence.operation(entry.id());
        operation.kind == kind && operation.is_pending() && was_killed(evidence, entry.process())
    });
    let gone = |entry: &Entry| evidence.holders().life(entry.process()).gone;
    let died = died.map(|entry| (entry.id(), gone(entry)));
    died.filter(|(_, gone)| *gone != NEVER)
        .min_by_key(|(_, gone)| *gone)
}

/// Judges that, after a process was killed during a put, puts of other processes return and their
/// items arrive.
fn judge_later_puts(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    fates: &Fates,
) {
    let Some((died, gone)) = killed_during(evidence, OperationKind::Put, &traffic.puts) else {
        return;
    };
    let waits = gets(traffic).find(|get| evidence.hangs(get.id()));
    for put in traffic.puts.iter().filter(|put| put.start > gone) {
        let is_missing = fates.missing.iter().any(|missing| missing.id() == put.id());
        let stuck = match (put.certain, waits) {
            (true, Some(get)) if is_missing => Some(get.id()),
            (true, _) => {
                tally.upheld(WRITE_LOCK, u64::from(!is_missing));
                None
            }
            (false, _) => evidence.hangs(put.id()).then(|| put.id()),
        };
        if let Some(stuck) = stuck {
            tally.broken(WRITE_LOCK, || {
                let item = evidence.item_of(put.id());
                let expected = format!("{item} arrives although a process was killed");
                let mut shown = vec![died, put.id(), stuck];
                shown.dedup();
                witness(shown, expected, "it never arrived")
            });
        }
    }
}

/// Judges that, after a process was killed during a get, other processes receive all items but the one
/// that it may have taken.
fn judge_later_gets(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    fates: &Fates,
) {
    let Some((died, gone)) = killed_during(evidence, OperationKind::Get, &traffic.takers) else {
        return;
    };
    let dead = |get: &&Entry| was_killed(evidence, get.process());
    let taken = traffic.takers.iter().filter(dead).count();
    for get in gets(traffic).filter(|get| get.start > gone) {
        let operation = evidence.operation(get.id());
        // A get that never returned could still receive what was put later.
        let until = operation.returned.map_or(NEVER, |_| get.start);
        let mut inside = fates.missing.iter().filter(|put| put.returned < until);
        let item = inside.nth(taken);
        match (operation.outcome, item) {
            (Some(Outcome::Ok), _) => tally.upheld(READ_LOCK, 1),
            (Some(Outcome::Empty | Outcome::Timeout), Some(item)) => {
                tally.broken(READ_LOCK, || missing_item(evidence, died, item, get));
            }
            (None, Some(item)) if evidence.hangs(get.id()) => {
                tally.broken(READ_LOCK, || missing_item(evidence, died, item, get));
            }
            _ => {}
        }
    }
}

fn missing_item(
    evidence: &Evidence<'_>,
    died: OperationId,
    item: &Entry,
    get: &Entry,
) -> crate::judge::Witness {
    let expected = format!(
        "{} although a process was killed",
        evidence.item_of(item.id())
    );
    let outcome = evidence.operation(get.id()).outcome;
    let actual = outcome.map_or(NOTHING_CAME, Outcome::word);
    witness([item.id(), died, get.id()], expected, actual)
}

#[cfg(test)]
mod tests;
