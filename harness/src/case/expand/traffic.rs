//! Checks that as many items are sent on each lane as processes certainly receive.

use std::collections::BTreeMap;

use super::victims::Victims;
use crate::backend::{Kind, Outcome};
use crate::case::{Diagnostic, Diagnostics};
use crate::plan::{Action, Expected, Lane, Limit, Plan, Source, Step, StepId, Value};

/// What is certain about one lane.
#[derive(Default)]
struct LaneTraffic {
    /// The most items that are sent; none if any number may be.
    sent: Sent,
    /// The fewest items that are received.
    received: u64,
    /// The step that receives the most of them.
    largest: Option<(u64, StepId)>,
}

/// The number of items that are sent at most.
#[derive(Default)]
struct Sent {
    items: u64,
    is_unknown: bool,
    first: Option<StepId>,
}

/// Adds a mistake for every lane on which fewer items are sent than processes must receive.
pub(super) fn enough(
    plan: &Plan,
    expected: &[Expected],
    victims: &Victims,
    errors: &mut Diagnostics,
) {
    let mut lanes: BTreeMap<Lane, LaneTraffic> = BTreeMap::new();
    for (process, planned) in plan.processes.iter().enumerate() {
        count_sent(plan, &planned.steps, Some(1), &mut lanes);
        if !victims.include(process) {
            count_received(plan, expected, &planned.steps, 1, &mut lanes);
        }
    }
    for (lane, traffic) in lanes {
        let LaneTraffic { sent, received, .. } = &traffic;
        // A stream has no items, and a handshake over a connection may send some.
        let is_counted = matches!(plan.channels[lane.channel].kind, Kind::Queue | Kind::Pipe);
        if !is_counted || sent.is_unknown || sent.items >= *received {
            continue;
        }
        if let Some((_, step)) = traffic.largest {
            let span = |step: StepId| expected[step as usize].span.clone().into();
            let message = format!(
                "the number of items received from `{}` is {received}, but only {} are sent",
                plan.channels[lane.channel].name, sent.items
            );
            let help = "if the case is about that, state the outcome with `expect`";
            let mistake = Diagnostic::new(span(step), message).help(help);
            errors.push(match sent.first {
                Some(first) => mistake.context(span(first), "sent here"),
                None => mistake,
            });
        }
    }
}

/// Counts the items that these steps send at most; `times` is how often they run, if that is known.
fn count_sent(
    plan: &Plan,
    steps: &[Step],
    times: Option<u64>,
    lanes: &mut BTreeMap<Lane, LaneTraffic>,
) {
    for step in steps {
        match &step.action {
            Action::Put { end, source, .. } => {
                let sent = &mut lanes.entry(plan.joint(end.sends_on())).or_default().sent;
                let items = match source {
                    Source::Items(items) => {
                        let arrive = items.iter().filter(|item| {
                            !matches!(item, Value::Literal(literal) if literal.fails_to_encode_or_decode())
                        });
                        arrive.count() as u64
                    }
                    Source::Count { count, .. } => *count,
                };
                sent.first.get_or_insert(step.id);
                match times {
                    Some(times) => {
                        sent.items = sent.items.saturating_add(items.saturating_mul(times));
                    }
                    None => sent.is_unknown = true,
                }
            }
            Action::Raw(raw) => {
                let lane = plan.joint(raw.end.sends_on());
                lanes.entry(lane).or_default().sent.is_unknown = true;
            }
            Action::Get { each, limit, .. } => {
                let rounds = match limit {
                    Limit::Count(count) => Some(*count),
                    Limit::Until(_) => None,
                };
                let times = times.zip(rounds);
                let times = times.map(|(times, rounds)| times.saturating_mul(rounds));
                count_sent(plan, each, times, lanes);
            }
            Action::Repeat { count, steps } => {
                let times = times.map(|times| times.saturating_mul(*count));
                count_sent(plan, steps, times, lanes);
            }
            Action::Threads { threads } => {
                let threads = threads.iter();
                threads.for_each(|steps| count_sent(plan, steps, times, lanes));
            }
            _ => {}
        }
    }
}

/// Counts the items that these steps certainly receive. Returns whether the process certainly goes on
/// after them.
fn count_received(
    plan: &Plan,
    expected: &[Expected],
    steps: &[Step],
    times: u64,
    lanes: &mut BTreeMap<Lane, LaneTraffic>,
) -> bool {
    for step in steps {
        let outcomes = &expected[step.id as usize].outcomes;
        let goes_on = match &step.action {
            Action::Get { end, limit, .. } => {
                if outcomes == &[Outcome::Ok] {
                    let items = match limit {
                        Limit::Count(count) => *count,
                        Limit::Until(_) => 1,
                    };
                    let items = items.saturating_mul(times);
                    let lane = lanes.entry(plan.joint(end.receives_from())).or_default();
                    lane.received = lane.received.saturating_add(items);
                    if items > 0 && lane.largest.is_none_or(|(most, _)| most < items) {
                        lane.largest = Some((items, step.id));
                    }
                }
                true
            }
            Action::Exit { .. } | Action::Crash { .. } => false,
            Action::Repeat { count, steps } => {
                let times = times.saturating_mul(*count);
                *count == 0 || count_received(plan, expected, steps, times, lanes)
            }
            Action::Threads { threads } => {
                // All of them run, even if one doesn't go on.
                let rest = threads
                    .iter()
                    .filter(|steps| !count_received(plan, expected, steps, times, lanes));
                rest.count() == 0
            }
            _ => true,
        };
        if !goes_on || outcomes.contains(&Outcome::Pending) {
            return false;
        }
    }
    true
}
