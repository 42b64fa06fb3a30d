//! Which get returned which put's item, and what became of what never returned.

use super::violation::{Pattern, Violation};
use super::{History, Kind, NEVER, Operation, Outcome};

/// No operation.
pub(super) const NOBODY: u32 = u32::MAX;

/// When an item was put and got; what never happened is at [`NEVER`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) put_start: u64,
    pub(super) put_end: u64,
    pub(super) get_start: u64,
    pub(super) get_end: u64,
    /// The put, by index.
    pub(super) put: u32,
    /// The get, by index; [`NOBODY`] if it was never got.
    pub(super) get: u32,
}

/// All items that were, or may have been, inside.
#[derive(Debug, Default)]
pub(super) struct Completion {
    pub(super) items: Vec<Item>,
    pub(super) violations: Vec<Violation>,
}

impl Completion {
    pub(super) fn of(history: &History) -> Completion {
        let mut items = vec![ABSENT; history.items as usize];
        let mut violations = Vec::new();
        for (index, operation) in history.operations.iter().enumerate() {
            let index = index as u32;
            match (operation.kind, operation.outcome) {
                (Kind::Put, outcome) => {
                    let item = &mut items[operation.item as usize];
                    if item.put != NOBODY {
                        violations.push(Violation::new(Pattern::TwicePut, [item.put, index]));
                        continue;
                    }
                    item.put = index;
                    item.put_start = operation.start;
                    if outcome == Outcome::Ok {
                        item.put_end = operation.end;
                    }
                }
                (Kind::Get, Outcome::Ok) => {
                    let item = &mut items[operation.item as usize];
                    if item.get != NOBODY {
                        violations.push(Violation::new(Pattern::Repeat, [item.get, index]));
                        continue;
                    }
                    item.get = index;
                    item.get_start = operation.start;
                    item.get_end = operation.end;
                }
                _ => {}
            }
        }
        for item in &items {
            let put = history.operations.get(item.put as usize);
            if item.get == NOBODY {
                continue;
            }
            match put {
                None => violations.push(Violation::new(Pattern::Fresh, [item.get])),
                Some(_) if item.get_end < item.put_start => {
                    violations.push(Violation::new(Pattern::Fresh, [item.get, item.put]));
                }
                Some(put) if surely_failed(put) => {
                    violations.push(Violation::new(Pattern::Resurrected, [item.get, item.put]));
                }
                Some(_) => {}
            }
        }
        items.retain(|item| item.put != NOBODY && (item.get != NOBODY || item.put_end != NEVER));
        Completion { items, violations }
    }
}

const ABSENT: Item = Item {
    put_start: NEVER,
    put_end: NEVER,
    get_start: NEVER,
    get_end: NEVER,
    put: NOBODY,
    get: NOBODY,
};

/// Whether it can't have had any effect.
fn surely_failed(put: &Operation) -> bool {
    !matches!(
        put.outcome,
        Outcome::Ok | Outcome::Pending | Outcome::Error { definite: false }
    )
}
