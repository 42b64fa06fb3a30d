//! Puts and gets items one after the other, each as early as possible. If no operation is late, there
//! is an order that fits.

use crate::linearizable::completion::Completion;
use crate::linearizable::lifetime::Lifetime;
use crate::linearizable::sorting;

/// Whether some obvious order of the items gives a schedule in which no operation is late.
pub(super) fn is_found(completion: &Completion, capacity: u64) -> bool {
    let keys: [fn(&Lifetime) -> u64; 4] = [
        |item| item.put_start,
        |item| item.get_end,
        |item| item.put_end,
        |item| item.get_start,
    ];
    keys.into_iter().any(|key| {
        let schedule = Schedule::by(&completion.items, key, capacity);
        schedule.is_some_and(|schedule| schedule.fits_reports(completion))
    })
}

/// The moments at which the items, in their order, are put and got.
struct Schedule {
    puts: Vec<u64>,
    gets: Vec<u64>,
    capacity: usize,
}

impl Schedule {
    /// Schedules the items by this key, those that never leave after all others. Returns `None` if an
    /// operation would be late.
    fn by(items: &[Lifetime], key: impl Fn(&Lifetime) -> u64, capacity: u64) -> Option<Schedule> {
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

    fn add(&mut self, item: &Lifetime) -> Option<()> {
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

    /// Whether the queue is empty or full in this schedule at some moment of each call that reported it.
    /// At equal stamps, gets come first.
    fn fits_reports(&self, completion: &Completion) -> bool {
        let (mut empties, mut fulls) = (completion.empties.iter(), completion.fulls.iter());
        empties.all(|report| self.is_empty_within(report.start, report.end))
            && fulls.all(|report| self.is_full_within(report.start, report.end))
    }

    /// The queue is empty from the beginning, or after a get, until the next put.
    fn is_empty_within(&self, start: u64, end: u64) -> bool {
        let first = self.puts.first().is_none_or(|put| start <= *put);
        // Of the gets no later than `end`, consider those after which the next put is no earlier than
        // `start`.
        let got = self.gets.partition_point(|get| *get <= end);
        let put = self.puts.partition_point(|put| *put < start);
        let put = put.max(1);
        let empty_after = |n: usize| {
            let next = self.puts.get(n);
            next.is_none_or(|next| self.gets[n - 1] <= *next)
        };
        first || (put..=got).any(empty_after)
    }

    /// The queue is full after a put that fills it, until the next get.
    fn is_full_within(&self, start: u64, end: u64) -> bool {
        let first = self.capacity.max(1);
        let put = self.puts.partition_point(|put| *put <= end);
        let got = self.gets.partition_point(|get| *get < start);
        let from = got.saturating_add(first);
        let full_after = |n: usize| {
            let (put, get) = (self.puts[n - 1], self.gets[n - first]);
            put < get || (put == get && first == 1)
        };
        (from..=put).any(full_after)
    }
}
