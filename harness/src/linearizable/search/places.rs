//! Sets and lists of small numbers from which a member can be taken, and put back where it was.

/// Numbers in no particular order.
#[derive(Default)]
pub(super) struct Places {
    members: Vec<u32>,
    /// Where each number stands, or stood when it was taken.
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

    /// Undoes an [`Places::add`], when all that came after it has been undone.
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

    /// Undoes a [`Places::take`], when all that came after it has been undone.
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

/// Numbers in order, in several lists.
pub(super) struct Lists {
    /// What is behind each number, and behind the beginning of each list, which stands after them.
    next: Vec<u32>,
    previous: Vec<u32>,
    numbers: usize,
}

impl Lists {
    /// Puts each of the numbers, in the order in which they come, at the end of its list.
    pub(super) fn of(
        numbers: usize,
        lists: usize,
        order: impl Iterator<Item = (u32, usize)>,
    ) -> Lists {
        let beginnings = numbers..numbers + lists;
        let alone: Vec<u32> = (0..beginnings.end as u32).collect();
        let mut made = Lists {
            next: alone.clone(),
            previous: alone,
            numbers,
        };
        for (number, list) in order {
            let beginning = (numbers + list) as u32;
            let last = made.previous[beginning as usize];
            made.link(last, number);
            made.link(number, beginning);
        }
        made
    }

    fn link(&mut self, previous: u32, next: u32) {
        self.next[previous as usize] = next;
        self.previous[next as usize] = previous;
    }

    /// The first number of a list, and the second.
    pub(super) fn first_two(&self, list: usize) -> impl Iterator<Item = u32> {
        let beginning = (self.numbers + list) as u32;
        let first = self.next[beginning as usize];
        let second = self.next[first as usize];
        let both = (first != beginning).then_some(second);
        [first]
            .into_iter()
            .chain(both)
            .filter(move |number| *number != beginning)
    }

    pub(super) fn take(&mut self, number: u32) {
        let (previous, next) = (self.previous[number as usize], self.next[number as usize]);
        self.link(previous, next);
    }

    /// Undoes a [`Lists::take`], when all that came after it has been undone.
    pub(super) fn undo_take(&mut self, number: u32) {
        let (previous, next) = (self.previous[number as usize], self.next[number as usize]);
        self.next[previous as usize] = number;
        self.previous[next as usize] = number;
    }
}
