//! Runs work for many items at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::runner::interrupt;

/// Runs `work` for each item with each seed from 1 up, on this many threads. Returns the results by item
/// and then by seed, or `None` if interrupted.
pub(super) fn seeded<T: Sync, R: Send>(
    items: &[T],
    seeds: u64,
    at_once: usize,
    work: impl Fn(&T, u64) -> Option<R> + Sync,
) -> Option<Vec<Vec<R>>> {
    let with_all = |seed| (0..items.len()).map(move |place| (place, seed));
    let jobs: Vec<(usize, u64)> = (1..=seeds).flat_map(with_all).collect();
    let done = each(&jobs, at_once, |(place, seed)| work(&items[*place], *seed))?;
    let mut by_item: Vec<Vec<R>> = items.iter().map(|_| Vec::new()).collect();
    for ((place, _), result) in jobs.into_iter().zip(done) {
        by_item[place].push(result);
    }
    Some(by_item)
}

/// Runs `work` for each item, on this many threads. Returns the results in the order of the items, or
/// `None` if interrupted.
pub(crate) fn each<T: Sync, R: Send>(
    items: &[T],
    at_once: usize,
    work: impl Fn(&T) -> Option<R> + Sync,
) -> Option<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
    thread::scope(|scope| {
        for _ in 0..at_once.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(item) = items.get(number)
                    && !interrupt::requested()
                {
                    let result = work(item);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done[number] = result;
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.into_iter().collect()
}
