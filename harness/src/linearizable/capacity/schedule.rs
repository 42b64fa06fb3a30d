//! Items one after the other, each put and got as soon as can be: if nothing is late so, all is well.

use crate::linearizable::completion::{Completion, Item};
use crate::linearizable::sorting;

/// Whether some obvious order of the items leads to a schedule in which nothing is late.
pub(super) fn is_found(completion: &Completion, capacity: u64) -> bool {
    let keys: [fn(&Item) -> u64; 4] = [
        |item| item.put_start,
        |item| item.get_end,
        |item| item.put_end,
        |item| item.get_start,
    ];
    keys.into_iter().any(|key| {
        let schedule = Schedule::by(&completion.items, key, capacity);
        schedule.is_some_and(|schedule| schedule.keeps_word(completion))
    })
}

/// When the items, in their order, are put and got.
struct Schedule {
    puts: Vec<u64>,
    gets: Vec<u64>,
    capacity: usize,
}

impl Schedule {
    /// Takes the items by this key, those that never leave behind all others. None if something
    /// would be late.
    fn by(items: &[Item], key: impl Fn(&Item) -> u64, capacity: u64) -> Option<Schedule> {
        let part = |leaves: bool| {
            let items = (0..)
                .zip(items)
                .filter(move |(_, item)| item.leaves() == leaves);
            sorting::by_stamp(items.map(|(n, item)| (key(item), n)))
        };
        let mut schedule = Schedule {
            puts: Vec::with_capacity(items.len()),
            gets: Vec::with_capacity(items.len()),
            capacity: usize::try_from(capacity).unwrap_or(usize::MAX),
        };
        for (_, n) in part(true).into_iter().chain(part(false)) {
            schedule.add(&items[n as usize])?;
        }
        Some(schedule)
    }

    fn add(&mut self, item: &Item) -> Option<()> {
        let place = self.puts.len();
        let room = place
            .checked_sub(self.capacity)
            .map_or(0, |left| self.gets[left]);
        let last = self.puts.last().copied().unwrap_or(0);
        let put = item.put_start.max(last).max(room);
        let last = self.gets.last().copied().unwrap_or(0);
        let get = item.get_start.max(last).max(put);
        self.puts.push(put);
        self.gets.push(get);
        (put <= item.put_end && get <= item.get_end).then_some(())
    }

    /// Whether "empty" and "full" are told at moments at which this schedule leaves the queue so.
    /// What happens at one stamp happens in one order: gets first.
    fn keeps_word(&self, completion: &Completion) -> bool {
        let (mut empties, mut fulls) = (completion.empties.iter(), completion.fulls.iter());
        empties.all(|told| self.is_empty_within(told.start, told.end))
            && fulls.all(|told| self.is_full_within(told.start, told.end))
    }

    /// It is empty behind a get, or from the beginning, until the next put.
    fn is_empty_within(&self, start: u64, end: u64) -> bool {
        let first = self.puts.first().is_none_or(|put| start <= *put);
        // Of the gets no later than the end, those behind which the next put is no earlier than the
        // start.
        let got = self.gets.partition_point(|get| *get <= end);
        let put = self.puts.partition_point(|put| *put < start);
        let put = put.max(1);
        let empty_behind = |n: usize| {
            let next = self.puts.get(n);
            next.is_none_or(|next| self.gets[n - 1] <= *next)
        };
        first || (put..=got).any(empty_behind)
    }

    /// It is full behind a put until the next get.
    fn is_full_within(&self, start: u64, end: u64) -> bool {
        let first = self.capacity.max(1);
        let put = self.puts.partition_point(|put| *put <= end);
        let got = self.gets.partition_point(|get| *get < start);
        let from = first.max(got + first);
        let full_behind = |n: usize| {
            let (put, get) = (self.puts[n - 1], self.gets[n - first]);
            put < get || (put == get && first == 1)
        };
        (from..=put).any(full_behind)
    }
}
