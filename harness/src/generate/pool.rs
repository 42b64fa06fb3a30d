//! Replicas that share the work of one queue, beside the other processes.

use super::recipe::Pool;
use super::steps::{How, at, count, end, get, literal, put, step, until, until_end};
use crate::backend::{Kind, Side};
use crate::case::model::{Action, Channel, ChannelKind, Event, Process, Repeat, Source, Target};
use crate::plan::Item;

const QUEUE: &str = "pool";

/// Returns the queue of the pool.
pub(super) fn channel(pool: &Pool) -> Channel {
    Channel {
        name: at(QUEUE.to_owned()),
        kind: at(ChannelKind::Queue),
        capacity: pool
            .each
            .is_multiple_of(3)
            .then(|| literal(u64::from(pool.each))),
        duplex: None,
        mode: None,
        length: None,
        backlog: None,
        key: None,
    }
}

/// Returns the processes of the pool: producers, consumers, and if needed one that puts an end marker for
/// each consumer.
pub(super) fn processes(pool: &Pool) -> Vec<Process> {
    let on = end(QUEUE, Side::Queue);
    let each = Source::Count {
        count: literal(u64::from(pool.each)),
        from: None,
    };
    let mut producing = vec![put(Kind::Queue, &on, each, None, How::default())];
    let limit = match (pool.by_close, pool.consumers) {
        (true, _) => {
            producing.push(Action::Close(at(on.clone())));
            until_end()
        }
        (false, 1) => count(usize::from(pool.each) * usize::from(pool.producers)),
        (false, _) => until(Item::None),
    };
    let consuming = vec![get(Kind::Queue, &on, limit, None, How::default())];
    let mut processes = vec![
        process("maker", u64::from(pool.producers), producing),
        process("taker", u64::from(pool.consumers), consuming),
    ];
    if !pool.by_close && pool.consumers > 1 {
        let exited = Target {
            process: "maker".to_owned(),
            replica: None,
        };
        let marker = Source::Item(literal(Item::None));
        let round = vec![step(put(Kind::Queue, &on, marker, None, How::default()))];
        let closing = vec![
            Action::Await(Event::Exited(at(exited))),
            Action::Repeat(Repeat {
                count: literal(u64::from(pool.consumers)),
                steps: round,
            }),
        ];
        processes.push(process("closer", 1, closing));
    }
    processes
}

fn process(name: &str, count: u64, steps: Vec<Action>) -> Process {
    Process {
        name: at(name.to_owned()),
        count: (count > 1).then(|| literal(count)),
        start: None,
        holds: Vec::new(),
        exit: None,
        steps: super::world::stepped(steps),
    }
}
