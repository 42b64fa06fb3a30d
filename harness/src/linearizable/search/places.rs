//! Sets and lists of small numbers that can undo each change.

/// A set of numbers below a limit.
#[derive(Default)]
pub(super) struct Places {
    members: Vec<u32>,
    /// The position of each number, or its position when it was taken.
    place: Vec<u32>,
}

impl Places {
    pub(super) fn below(limit: usize) -> Places {
        Places {
            members: Vec::new(),
            place: vec![0; limit],
        }
    }

    pub(super) fn members(&self) -> &[u32] {
        &self.members
    }

    pub(super) fn add(&mut self, number: u32) {
        self.place[number as usize] = self.members.len() as u32;
        self.members.push(number);
    }

    /// Undoes the last [`Places::add`], if every later change is undone.
    pub(super) fn undo_add(&mut self) {
        self.members.pop();
    }

    pub(super) fn take(&mut self, number: u32) {
        let place = self.place[number as usize] as usize;
        self.members.swap_remove(place);
        if let Some(moved) = self.members.get(place) {
            self.place[*moved as usize] = place as u32;
        }
    }

    /// Undoes the last [`Places::take`], if every later change is undone.
    pub(super) fn undo_take(&mut self, number: u32) {
        let place = self.place[number as usize] as usize;
        if let Some(there) = self.members.get(place).copied() {
            self.place[there as usize] = self.members.len() as u32;
            self.members.push(there);
            self.members[place] = number;
        } else {
            self.members.push(number);
        }
    }
}

/// Several linked lists that share the numbers below a limit.
pub(super) struct Lists {
    /// The number after each number, and after the head of each list. Heads come after all numbers.
    next: Vec<u32>,
    previous: Vec<u32>,
    numbers: usize,
}

impl Lists {
    /// Appends each number to its list, in the given order.
    pub(super) fn of(
        numbers: usize,
        lists: usize,
        order: impl Iterator<Item = (u32, usize)>,
    ) -> Lists {
        let heads = numbers..numbers + lists;
        let alone: Vec<u32> = (0..heads.end as u32).collect();
        let mut made = Lists {
            next: alone.clone(),
            previous: alone,
            numbers,
        };
        for (number, list) in order {
            let head = (numbers + list) as u32;
            let last = made.previous[head as usize];
            made.link(last, number);
            made.link(number, head);
        }
        made
    }

    fn link(&mut self, previous: u32, next: u32) {
        self.next[previous as usize] = next;
        self.previous[next as usize] = previous;
    }

    /// Returns the first two numbers of a list.
    pub(super) fn first_two(&self, list: usize) -> impl Iterator<Item = u32> {
        let head = (self.numbers + list) as u32;
        let first = self.next[head as usize];
        let second = self.next[first as usize];
        let both = (first != head).then_some(second);
        [first]
            .into_iter()
            .chain(both)
            .filter(move |number| *number != head)
    }

    pub(super) fn take(&mut self, number: u32) {
        let (previous, next) = (self.previous[number as usize], self.next[number as usize]);
        self.link(previous, next);
    }

    /// Undoes the last [`Lists::take`], if every later change is undone.
    pub(super) fn undo_take(&mut self, number: u32) {
        let (previous, next) = (self.previous[number as usize], self.next[number as usize]);
        self.next[previous as usize] = number;
        self.previous[next as usize] = number;
    }
}
