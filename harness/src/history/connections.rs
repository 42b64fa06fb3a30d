//! Which `accept` served which `connect`, and the same run with a channel for each connection.
//!
//! A plan doesn't know in advance which `accept` serves which `connect`. The history shows it by the
//! traffic, because no two clients send the same content at an endpoint. Connections without traffic
//! are matched in the order in which they were made. They stay unmatched if the history doesn't show
//! that order, or if a client connected without the endpoint's key, for then no `accept` may serve it.

use std::collections::{BTreeMap, HashMap};

use super::{History, OperationId, OperationKind};
use crate::backend::{Kind, Outcome, Side};
use crate::plan::{
    Action, Content, End, GivenEnd, Plan, PlannedChannel, ProcessIndex, Step, StepId,
};

/// Returns the plan and the history with a channel for each connection; none without an endpoint.
///
/// Operations on a connection become operations on that channel's ends: side a is the accepting one,
/// side b the connecting one. The `accept` and the `connect` that made the connection belong to it
/// too; those that failed stay with the endpoint. Operations on a connection whose `connect` failed have
/// no end: see [`serves_a_failed_connect`].
pub(crate) fn resolved(plan: &Plan, history: &History) -> Option<(Plan, History)> {
    let mut endpoints = plan.channels.iter();
    if !endpoints.any(|channel| channel.kind == Kind::Endpoint) {
        return None;
    }
    let halves = halves(plan, history);
    let mut met = Met {
        plan: plan.clone(),
        history: history.clone(),
    };
    for process in &mut met.plan.processes {
        let names = &plan.channels;
        process
            .ends
            .retain(|given| names[given.end.channel].endpoint.is_none());
    }
    for (accepted, made) in pairs(&halves, history) {
        if let (Some(accepted), None) = (accepted, made)
            && serves_a_failed_connect(&halves[accepted], history)
        {
            met.leave_out(&halves[accepted]);
            continue;
        }
        met.add(accepted.map(|at| &halves[at]), made.map(|at| &halves[at]));
    }
    Some((met.plan, met.history))
}

/// Whether this half of a connection may belong to a `connect` that failed, or never returned. What
/// such a `connect` sends is a part of the library's own exchange, and no message of a process.
fn serves_a_failed_connect(half: &Half, history: &History) -> bool {
    use Outcome::{Denied, Error, Gone};
    let mut operations = history.operations();
    operations.any(|(_, operation)| {
        operation.kind == OperationKind::Connect
            && operation.end.map(|end| end.channel) == Some(half.endpoint)
            && matches!(operation.outcome, None | Some(Denied | Gone | Error))
            && operation.start <= half.returned
            && operation.returned.is_none_or(|at| at >= half.start)
    })
}

/// Whether this `accept` or `connect` knows the key that its endpoint asks for, if any.
pub(crate) fn knows_the_key(plan: &Plan, meeting: &Action) -> bool {
    match meeting {
        Action::Connect { end, key, .. } => *key == plan.channels[end.channel].key,
        _ => true,
    }
}

/// One process's end of one connection.
#[derive(Debug)]
struct Half {
    endpoint: usize,
    /// Its name in the plan.
    name: End,
    /// The operation that made it.
    made: OperationId,
    start: u64,
    returned: u64,
    /// The indices of the operations on it.
    uses: Vec<usize>,
    put: Vec<Content>,
    got: Vec<Content>,
    puts: bool,
    gets: bool,
    /// Whether it was made without the endpoint's key, or with another one.
    stranger: bool,
}

fn halves(plan: &Plan, history: &History) -> Vec<Half> {
    let steps: HashMap<StepId, &Step> = plan.steps().map(|(_, step)| (step.id, step)).collect();
    let mut halves: Vec<Half> = Vec::new();
    let mut bound: BTreeMap<(ProcessIndex, End), usize> = BTreeMap::new();
    for (id, operation) in history.operations() {
        let is_ok = operation.outcome == Some(Outcome::Ok);
        let action = steps.get(&operation.step).map(|step| &step.action);
        if let Some(
            action @ (Action::Accept { end, into, .. } | Action::Connect { end, into, .. }),
        ) = action
        {
            if let (true, Some(returned)) = (is_ok, operation.returned) {
                bound.insert((id.process, *into), halves.len());
                halves.push(Half {
                    endpoint: end.channel,
                    name: *into,
                    made: id,
                    start: operation.start,
                    returned,
                    uses: Vec::new(),
                    put: Vec::new(),
                    got: Vec::new(),
                    puts: false,
                    gets: false,
                    stranger: !knows_the_key(plan, action),
                });
            }
            continue;
        }
        let place = operation.end.and_then(|end| bound.get(&(id.process, end)));
        let Some(half) = place.map(|place| &mut halves[*place]) else {
            continue;
        };
        half.uses.push(id.index);
        match operation.kind {
            OperationKind::Put => {
                half.puts = true;
                half.put.extend(operation.content);
            }
            OperationKind::Get => {
                half.gets = true;
                half.got.extend(operation.content.filter(|_| is_ok));
            }
            OperationKind::Raw => half.puts = true,
            _ => {}
        }
    }
    halves
}

/// The accepting and the connecting half of every connection of which at least one was seen.
fn pairs(halves: &[Half], history: &History) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pairs = by_content(halves);
    pairs.extend(by_order(halves, &unpaired(halves, &pairs), history));
    let alone = unpaired(halves, &pairs).into_iter();
    let alone = alone.map(|at| match halves[at].name.side {
        Side::A => (Some(at), None),
        _ => (None, Some(at)),
    });
    let met = pairs.iter().map(|(one, other)| (Some(*one), Some(*other)));
    met.chain(alone).collect()
}

fn unpaired(halves: &[Half], pairs: &[(usize, usize)]) -> Vec<usize> {
    let mut paired = vec![false; halves.len()];
    for (one, other) in pairs {
        paired[*one] = true;
        paired[*other] = true;
    }
    (0..halves.len()).filter(|at| !paired[*at]).collect()
}

/// The pairs with the most traffic between them; of equal ones, the earliest.
fn by_content(halves: &[Half]) -> Vec<(usize, usize)> {
    let mut senders: HashMap<(usize, Side, Content), Vec<usize>> = HashMap::new();
    for (at, half) in halves.iter().enumerate() {
        for content in &half.put {
            let key = (half.endpoint, half.name.side, *content);
            senders.entry(key).or_default().push(at);
        }
    }
    let mut shared: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for (at, half) in halves.iter().enumerate() {
        for content in &half.got {
            let key = (half.endpoint, half.name.side.opposite(), *content);
            for other in senders.get(&key).into_iter().flatten() {
                let (accepted, made) = match half.name.side {
                    Side::A => (at, *other),
                    _ => (*other, at),
                };
                *shared.entry((accepted, made)).or_default() += 1;
            }
        }
    }
    let mut shared: Vec<((usize, usize), u64)> = shared.into_iter().collect();
    shared.retain(|((accepted, made), _)| halves[*accepted].returned >= halves[*made].start);
    shared.sort_by_key(|((accepted, made), count)| {
        let order = (halves[*accepted].returned, halves[*made].start);
        (std::cmp::Reverse(*count), order)
    });
    let mut taken = vec![false; halves.len()];
    let mut pairs = Vec::new();
    for ((accepted, made), _) in shared {
        if !taken[accepted] && !taken[made] {
            taken[accepted] = true;
            taken[made] = true;
            pairs.push((accepted, made));
        }
    }
    pairs
}

/// The halves of each endpoint without traffic, in their order, if the history shows it for all.
fn by_order(halves: &[Half], left: &[usize], history: &History) -> Vec<(usize, usize)> {
    let mut silent: BTreeMap<usize, [Vec<usize>; 2]> = BTreeMap::new();
    let ours = left.iter().copied().filter(|at| !halves[*at].stranger);
    for at in ours {
        let half = &halves[at];
        let side = usize::from(half.name.side == Side::B);
        silent.entry(half.endpoint).or_default()[side].push(at);
    }
    let mut pairs = Vec::new();
    for [mut accepted, mut made] in silent.into_values() {
        accepted.sort_by_key(|at| halves[*at].start);
        made.sort_by_key(|at| halves[*at].start);
        let in_order = |some: &[usize]| {
            let mut neighbours = some.windows(2);
            neighbours.all(|pair| history.is_before(halves[pair[0]].made, halves[pair[1]].made))
        };
        if in_order(&accepted) && in_order(&made) {
            let both = accepted.into_iter().zip(made);
            pairs.extend(both.filter(|(a, b)| halves[*a].returned >= halves[*b].start));
        }
    }
    pairs
}

/// A plan and a history in which connections become channels.
struct Met {
    plan: Plan,
    history: History,
}

impl Met {
    fn add(&mut self, accepted: Option<&Half>, made: Option<&Half>) {
        let sides = [(accepted, Side::A), (made, Side::B)];
        let of = sides.iter().filter_map(|(half, _)| *half);
        let names: Vec<String> = of.clone().map(|half| self.name(half)).collect();
        let Some(first) = of.into_iter().next() else {
            return;
        };
        let channel = self.plan.channels.len();
        self.plan.channels.push(PlannedChannel {
            name: names.join("–"),
            ..self.plan.channels[first.name.channel].clone()
        });
        for (half, side) in sides {
            if let Some(half) = half {
                self.turn(half, End { channel, side });
            }
        }
    }

    fn leave_out(&mut self, half: &Half) {
        let operations = &mut self.history.processes[half.made.process].operations;
        for index in &half.uses {
            operations[*index].end = None;
        }
    }

    /// The name in the plan, with the replica's number where several processes have one.
    fn name(&self, half: &Half) -> String {
        let name = &self.plan.channels[half.name.channel].name;
        match self.plan.processes[half.made.process].replica {
            Some(replica) => format!("{name}#{replica}"),
            None => name.clone(),
        }
    }

    fn turn(&mut self, half: &Half, end: End) {
        let process = half.made.process;
        self.plan.processes[process].ends.push(GivenEnd {
            end,
            puts: half.puts,
            gets: half.gets,
        });
        let operations = &mut self.history.processes[process].operations;
        for index in half.uses.iter().chain([&half.made.index]) {
            operations[*index].end = Some(end);
        }
    }
}

#[cfg(test)]
mod tests;
