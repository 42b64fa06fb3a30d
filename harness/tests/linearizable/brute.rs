//! The definition of a queue's history: the operations have an order, each at a moment between its
//! start and end, in which one queue does them one after the other. Tries all orders, so it is only
//! for small histories.

use ipc_conformance::linearizable::{
    Claims, Empty, History, Kind, NEVER, Operation, Order, Outcome,
};

/// Returns whether a queue with these claims can have this history.
pub(super) fn could_be(history: &History, claims: &Claims) -> bool {
    let effects: Vec<Effect> = history
        .operations
        .iter()
        .filter_map(|operation| effect(operation, history, claims))
        .collect();
    go_on(
        &effects,
        &mut vec![false; effects.len()],
        &Queue::default(),
        claims,
    )
}

/// The effect of an operation on a queue at one moment.
struct Effect {
    from: u64,
    until: u64,
    /// Whether it may also never take effect.
    optional: bool,
    what: What,
}

enum What {
    Put { item: u32, producer: u32 },
    Get { item: u32 },
    GetAny,
    FindEmpty,
    FindFull,
    FindEnd,
}

#[derive(Clone, Default)]
struct Queue {
    inside: Vec<(u32, u32)>,
    has_ended: bool,
}

fn effect(operation: &Operation, history: &History, claims: &Claims) -> Option<Effect> {
    let sure = |what| {
        Some(Effect {
            from: operation.start,
            until: operation.end,
            optional: false,
            what,
        })
    };
    let unsure = |what| {
        Some(Effect {
            from: operation.start,
            until: NEVER,
            optional: true,
            what,
        })
    };
    let put = What::Put {
        item: operation.item,
        producer: operation.peer,
    };
    match (operation.kind, operation.outcome) {
        (Kind::Put, Outcome::Ok) => sure(put),
        (Kind::Put, Outcome::Pending | Outcome::Error { definite: false }) => unsure(put),
        (Kind::Put, Outcome::Full) if claims.capacity.is_some() => sure(What::FindFull),
        (Kind::Get, Outcome::Ok) => sure(What::Get {
            item: operation.item,
        }),
        (Kind::Get, Outcome::Pending | Outcome::Error { definite: false }) => unsure(What::GetAny),
        (Kind::Get, Outcome::Empty) if claims.empty.is_some() => sure(What::FindEmpty),
        (Kind::Get, Outcome::Timeout) if claims.empty == Some(Empty::Timeout) => {
            sure(What::FindEmpty)
        }
        (Kind::Get, Outcome::End) => {
            let closed = all_closed(history);
            Some(Effect {
                from: operation.start.max(closed),
                until: operation.end,
                optional: false,
                what: What::FindEnd,
            })
        }
        _ => None,
    }
}

/// Returns the earliest time at which all producers can be closed. A producer closes by its own
/// operation, by dying in an operation, or by the close of a peer that does nothing else.
fn all_closed(history: &History) -> u64 {
    let of = |peer: u32| {
        let operations = history.operations.iter();
        operations.filter(move |operation| operation.peer == peer)
    };
    let does = |peer, kind| of(peer).any(|operation| operation.kind == kind);
    let closes = |peer| {
        let closes = of(peer).filter(|operation| operation.kind == Kind::Close);
        closes.map(|close| close.start).max()
    };
    let dies = |peer| {
        let pending = of(peer).filter(|operation| operation.end == NEVER);
        pending.map(|pending| pending.start).max()
    };
    let peers = 0..history
        .operations
        .iter()
        .map(|operation| operation.peer + 1)
        .max()
        .unwrap_or(0);
    let others = peers
        .clone()
        .filter(|peer| !does(*peer, Kind::Put) && !does(*peer, Kind::Get));
    let for_all = others.filter_map(closes).min();
    let writers = peers.filter(|peer| does(*peer, Kind::Put));
    writers
        .map(|peer| closes(peer).or(dies(peer)).or(for_all).unwrap_or(NEVER))
        .max()
        .unwrap_or(0)
}

/// Returns whether the remaining effects can occur in some order.
fn go_on(effects: &[Effect], done: &mut [bool], queue: &Queue, claims: &Claims) -> bool {
    let left = |done: &[bool]| {
        let effects = effects.iter().zip(done.to_vec());
        let left: Vec<u64> = effects
            .filter(|(effect, done)| !done && !effect.optional)
            .map(|(effect, _)| effect.until)
            .collect();
        left
    };
    let left = left(done);
    if left.is_empty() {
        return true;
    }
    // No effect precedes an operation that ended before its start.
    let soonest = left.into_iter().min().expect("an effect is left");
    for next in 0..effects.len() {
        if done[next] || soonest < effects[next].from || effects[next].until < effects[next].from {
            continue;
        }
        done[next] = true;
        let possible = after(&effects[next].what, queue, claims)
            .iter()
            .any(|queue| go_on(effects, done, queue, claims));
        done[next] = false;
        if possible {
            return true;
        }
    }
    false
}

/// Returns the queues that can result from this effect; none if it can't occur now.
fn after(what: &What, queue: &Queue, claims: &Claims) -> Vec<Queue> {
    let only_if = |condition: bool| {
        if condition {
            vec![queue.clone()]
        } else {
            vec![]
        }
    };
    let is_full = claims
        .capacity
        .is_some_and(|most| queue.inside.len() as u64 >= most);
    match what {
        What::Put { .. } if queue.has_ended || is_full => vec![],
        What::Put { item, producer } => {
            let mut queue = queue.clone();
            queue.inside.push((*item, *producer));
            vec![queue]
        }
        What::Get { item } => without(queue, claims, |inside| inside == *item),
        What::GetAny => without(queue, claims, |_| true),
        What::FindEmpty => only_if(queue.inside.is_empty()),
        What::FindFull => only_if(is_full),
        What::FindEnd if queue.inside.is_empty() => vec![Queue {
            has_ended: true,
            ..Queue::default()
        }],
        What::FindEnd => vec![],
    }
}

/// Returns the queues that result from removing one of the next items.
fn without(queue: &Queue, claims: &Claims, which: impl Fn(u32) -> bool) -> Vec<Queue> {
    let comes_next = |place: usize| {
        let (_, producer) = queue.inside[place];
        let before = &queue.inside[..place];
        match claims.order {
            Order::Fifo => before.is_empty(),
            Order::PerProducer => before.iter().all(|(_, other)| *other != producer),
            Order::Unordered => true,
        }
    };
    let places = (0..queue.inside.len()).filter(|place| comes_next(*place));
    let places = places.filter(|place| which(queue.inside[*place].0));
    places
        .map(|place| {
            let mut queue = queue.clone();
            queue.inside.remove(place);
            queue
        })
        .collect()
}
