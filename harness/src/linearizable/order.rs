//! An item that was put wholly before another isn't got wholly after it.

use super::completion::{Item, NOBODY};
use super::violation::{Pattern, Violation};
use super::{Claims, MOST_VIOLATIONS, NEVER, Order};

pub(super) fn check(items: &[Item], claims: &Claims, violations: &mut Vec<Violation>) {
    if claims.order != Order::Fifo {
        return;
    }
    let mut by_end: Vec<&Item> = items.iter().collect();
    by_end.sort_unstable_by_key(|item| item.put_end);
    let mut by_start: Vec<&Item> = items.iter().filter(|item| item.get_end != NEVER).collect();
    by_start.sort_unstable_by_key(|item| item.put_start);
    let mut before = by_end.iter().peekable();
    let mut last: Option<&Item> = None;
    let mut found = 0;
    for item in by_start {
        while let Some(earlier) = before.next_if(|earlier| earlier.put_end < item.put_start) {
            if last.is_none_or(|last| last.get_start < earlier.get_start) {
                last = Some(earlier);
            }
        }
        if let Some(last) = last.filter(|last| item.get_end < last.get_start)
            && found < MOST_VIOLATIONS
        {
            let witness = [last.put, item.put, item.get, last.get];
            let there = witness.into_iter().filter(|index| *index != NOBODY);
            violations.push(Violation::new(Pattern::Order, there));
            found += 1;
        }
    }
}
