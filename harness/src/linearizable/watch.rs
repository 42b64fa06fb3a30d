//! A queue that is judged while its history goes on, with the operations that prove what is wrong:
//! for histories that nobody wants to keep.
//!
//! What is inside is remembered, and of what was inside only that it was. That takes operations that
//! come as they start, and gets of which it is known what they took.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};
use std::mem;

use super::completion::may_have_effect;
use super::violation::{Found, Pattern};
use super::{
    Claims, Empty, Judgement, Kind, MOST_VIOLATIONS, NEVER, Operation, Order, Outcome, Violation,
};

/// A queue that is watched.
#[derive(Debug)]
pub struct Watch {
    is_fifo: bool,
    empty: Option<Empty>,
    /// When the latest operation started.
    now: u64,
    /// What has started, and is to return.
    returns: BinaryHeap<Reverse<Return>>,
    /// Of each item, its place in `inside`, or [`ABSENT`], or [`GONE`].
    places: Vec<u32>,
    inside: Vec<Inside>,
    free: Vec<u32>,
    /// The items in the order in which their puts returned, from the first that no get has started
    /// to take.
    entered: VecDeque<u32>,
    /// How many stood before those.
    left: u64,
    /// How many are inside for certain: put, and no get of theirs has started.
    certain: u64,
    /// When there was none for the last time, before there was one.
    was_empty: u64,
    witnesses: Vec<Witness>,
    violations: Vec<Violation>,
    /// Items that others have passed by, and the violations that say so: they may be got yet.
    passed_by: Vec<(u32, usize)>,
}

/// An operation, and whatever number the caller knows it by.
pub type Witness = (u64, Operation);

/// What a history that was watched comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// What it comes to; its violations' operations are indexes into [`Watched::witnesses`].
    pub judgement: Judgement,
    /// The operations that prove it.
    pub witnesses: Vec<Witness>,
}

/// Why a history can't be judged while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Operations don't come in the order in which they start.
    #[error("it starts before one that came earlier")]
    Unsorted,
    /// Nobody knows what a get took.
    #[error("nobody knows what it took")]
    Open,
    /// The end of the stream was told.
    #[error("it was told the end")]
    End,
}

const ABSENT: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;

#[derive(Clone, Debug, Default)]
struct Inside {
    put: Option<Witness>,
    failed: Option<Witness>,
    get: Option<Witness>,
    /// How many puts had returned when its own started.
    before: u64,
    has_entered: bool,
    has_left: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Return(Witness);

impl Return {
    fn key(&self) -> (u64, u64) {
        let Return((number, operation)) = self;
        (operation.end, *number)
    }
}

impl Ord for Return {
    fn cmp(&self, other: &Return) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Return {
    fn partial_cmp(&self, other: &Return) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Watch {
    /// A queue of which nothing has been seen yet; none where what it claims can only be judged by
    /// looking ahead, or back.
    pub fn of(claims: &Claims) -> Option<Watch> {
        if claims.order == Order::PerProducer || claims.capacity.is_some() {
            return None;
        }
        Some(Watch {
            is_fifo: claims.order == Order::Fifo,
            empty: claims.empty,
            now: 0,
            returns: BinaryHeap::new(),
            places: Vec::new(),
            inside: Vec::new(),
            free: Vec::new(),
            entered: VecDeque::new(),
            left: 0,
            certain: 0,
            was_empty: 0,
            witnesses: Vec::new(),
            violations: Vec::new(),
            passed_by: Vec::new(),
        })
    }

    /// The next operation, by the number that the caller knows it by.
    ///
    /// # Errors
    /// Where the history isn't of the kind that can be judged like this. Nothing has changed then.
    pub fn see(&mut self, number: u64, operation: Operation) -> Result<(), Unfit> {
        match operation.outcome {
            _ if operation.start < self.now => return Err(Unfit::Unsorted),
            Outcome::Pending | Outcome::Error { definite: false }
                if operation.kind == Kind::Get =>
            {
                return Err(Unfit::Open);
            }
            Outcome::End => return Err(Unfit::End),
            _ => {}
        }
        // What ends as this starts is concurrent with it.
        self.go_on(operation.start);
        self.now = operation.start;
        let witness = (number, operation);
        match (operation.kind, operation.outcome) {
            (Kind::Put, outcome) if outcome == Outcome::Ok || may_have_effect(outcome) => {
                self.put_starts(witness)
            }
            (Kind::Put, _) => self.put_failed(witness),
            (Kind::Get, Outcome::Ok) => self.get_starts(witness),
            _ => {}
        }
        if operation.end != NEVER {
            self.returns.push(Reverse(Return(witness)));
        }
        Ok(())
    }

    /// What it comes to, now that nothing more happens.
    pub fn finish(mut self) -> Watched {
        self.go_on(NEVER);
        let mut found = Found::default();
        for violation in self.violations {
            found.add(violation.pattern, violation.operations);
        }
        Watched {
            judgement: Judgement::of(found),
            witnesses: self.witnesses,
        }
    }

    /// Lets everything return that does so before this time.
    fn go_on(&mut self, until: u64) {
        while let Some(Reverse(Return((_, next)))) = self.returns.peek()
            && next.end < until
            && let Some(Reverse(Return(witness))) = self.returns.pop()
        {
            let operation = witness.1;
            match (operation.kind, operation.outcome) {
                (Kind::Put, Outcome::Ok) => self.put_returns(&operation),
                (Kind::Get, Outcome::Ok) => self.get_returns(&operation),
                (Kind::Get, Outcome::Empty) if self.empty.is_some() => self.told_empty(witness),
                (Kind::Get, Outcome::Timeout) if self.empty == Some(Empty::Timeout) => {
                    self.told_empty(witness);
                }
                _ => {}
            }
        }
    }

    fn put_starts(&mut self, witness: Witness) {
        let item = witness.1.item;
        let before = self.left + self.entered.len() as u64;
        if self.place(item) == GONE {
            return self.add(Pattern::TwicePut, [witness]);
        }
        let inside = self.inside(item);
        if let Some(first) = inside.put {
            return self.add(Pattern::TwicePut, [first, witness]);
        }
        inside.put = Some(witness);
        inside.before = before;
    }

    fn put_failed(&mut self, witness: Witness) {
        if self.place(witness.1.item) != GONE {
            self.inside(witness.1.item).failed = Some(witness);
        }
    }

    fn get_starts(&mut self, witness: Witness) {
        let item = witness.1.item;
        if self.place(item) == GONE {
            return self.add(Pattern::Repeat, [witness]);
        }
        let inside = self.inside(item);
        if let Some(first) = inside.get {
            return self.add(Pattern::Repeat, [first, witness]);
        }
        inside.get = Some(witness);
        if inside.has_entered {
            self.certain -= 1;
            self.let_leave();
        }
        let index = self.witnesses.len() as u32;
        let violations = &mut self.violations;
        let passed = self.passed_by.extract_if(.., |(passed, _)| *passed == item);
        let told = passed.map(|(_, told)| violations[told].operations.push(index));
        if told.count() > 0 {
            self.witnesses.push(witness);
        }
    }

    fn put_returns(&mut self, put: &Operation) {
        if self.place(put.item) == GONE {
            return;
        }
        let inside = self.inside(put.item);
        if mem::replace(&mut inside.has_entered, true) {
            return;
        }
        let (is_taken, has_left) = (inside.get.is_some(), inside.has_left);
        self.entered.push_back(put.item);
        if is_taken {
            self.let_leave();
        } else {
            if self.certain == 0 {
                self.was_empty = put.end;
            }
            self.certain += 1;
        }
        if has_left {
            self.forget(put.item);
        }
    }

    fn get_returns(&mut self, get: &Operation) {
        if self.place(get.item) == GONE {
            return;
        }
        let inside = self.inside(get.item);
        if mem::replace(&mut inside.has_left, true) {
            return;
        }
        let before = inside.before;
        let put_is_over = match inside.put {
            Some((_, put)) => inside.has_entered || put.outcome != Outcome::Ok,
            None => false,
        };
        match (inside.get, inside.put, inside.failed) {
            (Some(got), Some(put), _) if self.is_fifo && self.left < before => {
                self.pass_by(put, got);
            }
            (Some(got), None, Some(failed)) => self.add(Pattern::Resurrected, [got, failed]),
            (Some(got), None, None) => self.add(Pattern::Fresh, [got]),
            _ => {}
        }
        if put_is_over {
            self.forget(get.item);
        }
    }

    /// The first that nobody has started to take was inside before this one was put.
    fn pass_by(&mut self, put: Witness, got: Witness) {
        let Some(first) = self.entered.front().copied() else {
            return;
        };
        if let Some(passed) = self.inside(first).put {
            let told = self.violations.len();
            self.add(Pattern::Order, [passed, put, got]);
            if told < self.violations.len() {
                self.passed_by.push((first, told));
            }
        }
    }

    fn told_empty(&mut self, witness: Witness) {
        if self.certain == 0 || witness.1.start <= self.was_empty {
            return;
        }
        let first = self.entered.front().copied();
        let put = first.and_then(|first| self.inside(first).put);
        self.add(Pattern::Empty, [witness].into_iter().chain(put));
    }

    /// Takes away the first of those that have entered, as far as gets have started to take them.
    fn let_leave(&mut self) {
        while let Some(first) = self.entered.front().copied() {
            let place = self.place(first);
            if place != GONE && self.inside[place as usize].get.is_none() {
                return;
            }
            self.entered.pop_front();
            self.left += 1;
        }
    }

    fn place(&self, item: u32) -> u32 {
        self.places.get(item as usize).copied().unwrap_or(ABSENT)
    }

    /// What is known of an item that isn't gone.
    fn inside(&mut self, item: u32) -> &mut Inside {
        let index = item as usize;
        if index >= self.places.len() {
            self.places.resize(index + 1, ABSENT);
        }
        if self.places[index] == ABSENT {
            let place = self.free.pop().unwrap_or_else(|| {
                self.inside.push(Inside::default());
                self.inside.len() as u32 - 1
            });
            self.places[index] = place;
        }
        &mut self.inside[self.places[index] as usize]
    }

    fn forget(&mut self, item: u32) {
        let place = mem::replace(&mut self.places[item as usize], GONE);
        self.inside[place as usize] = Inside::default();
        self.free.push(place);
    }

    fn add(&mut self, pattern: Pattern, witnesses: impl IntoIterator<Item = Witness>) {
        let alike = self
            .violations
            .iter()
            .filter(|told| told.pattern == pattern);
        if alike.count() >= MOST_VIOLATIONS {
            return;
        }
        let first = self.witnesses.len() as u32;
        self.witnesses.extend(witnesses);
        let operations = (first..self.witnesses.len() as u32).collect();
        self.violations.push(Violation {
            pattern,
            operations,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::generate::{Fault, Recipe, generate};
    use super::super::spoil::{Wrong, spoil};
    use super::super::{Claims, History, Order, Verdict, judge};
    use super::*;
    use proptest::prelude::*;

    fn fifo(empty: Option<Empty>) -> Claims {
        Claims {
            order: Order::Fifo,
            capacity: None,
            empty,
        }
    }

    fn watch(history: &History, claims: &Claims) -> Watched {
        let mut operations = history.operations.clone();
        operations.sort_by_key(|operation| operation.start);
        let mut queue = Watch::of(claims).unwrap();
        for (number, operation) in (0..).zip(operations) {
            queue.see(number, operation).unwrap();
        }
        queue.finish()
    }

    fn patterns(judgement: &Judgement) -> Vec<Pattern> {
        let violations = judgement.violations.iter();
        let mut patterns: Vec<Pattern> = violations.map(|violation| violation.pattern).collect();
        patterns.sort();
        patterns.dedup();
        patterns
    }

    /// Some operation between these stamps, close enough together to be equal often.
    fn call(kind: Kind, item: u32, outcome: Outcome) -> impl Strategy<Value = Operation> {
        (0_u64..12, 0_u64..6).prop_map(move |(start, length)| Operation {
            start,
            end: match outcome {
                Outcome::Pending => NEVER,
                _ => start + length,
            },
            item,
            peer: 0,
            kind,
            outcome,
        })
    }

    fn item(item: u32) -> impl Strategy<Value = Vec<Operation>> {
        let put = prop_oneof![
            12 => Just(Outcome::Ok),
            1 => Just(Outcome::Full),
            1 => Just(Outcome::Pending),
            1 => Just(Outcome::Error { definite: true }),
            1 => Just(Outcome::Error { definite: false }),
        ];
        let put = put.prop_flat_map(move |outcome| call(Kind::Put, item, outcome));
        let puts = prop_oneof![
            1 => Just(Vec::new()),
            15 => put.prop_map(|put| vec![put]),
        ];
        let gets = prop_oneof![4 => 0_usize..2, 1 => Just(2)];
        let gets = gets.prop_flat_map(move |gets| {
            prop::collection::vec(call(Kind::Get, item, Outcome::Ok), gets)
        });
        (puts, gets).prop_map(|(puts, gets)| [puts, gets].concat())
    }

    fn history() -> impl Strategy<Value = History> {
        let items = (1_u32..6).prop_flat_map(|items| (0..items).map(item).collect::<Vec<_>>());
        let none = Operation::NO_ITEM;
        let told = prop_oneof![
            call(Kind::Get, none, Outcome::Empty),
            call(Kind::Get, none, Outcome::Timeout),
        ];
        (items, prop::collection::vec(told, 0..3)).prop_map(|(items, told)| History {
            items: items.len() as u32,
            operations: [items.concat(), told].concat(),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn it_comes_to_what_the_whole_history_comes_to(
            history in history(),
            order in prop_oneof![3 => Just(Order::Fifo), 1 => Just(Order::Unordered)],
            empty in prop_oneof![Just(None), Just(Some(Empty::Strict)), Just(Some(Empty::Timeout))],
        ) {
            let claims = Claims { order, ..fifo(empty) };
            let watched = watch(&history, &claims).judgement;
            let whole = judge(&history, &claims);
            prop_assert_eq!(watched.verdict, whole.verdict);
            let (found, all) = (patterns(&watched), patterns(&whole));
            // Where gets and puts don't match, the whole history isn't looked at any further.
            if all.iter().all(|pattern| matches!(pattern, Pattern::Order | Pattern::Empty)) {
                prop_assert_eq!(found, all);
            }
        }
    }

    fn generated(faults: &[Fault], seed: u64) -> History {
        generate(&Recipe {
            operations: 2_000,
            peers: 8,
            overlap: 1.0,
            capacity: None,
            faults: faults.to_vec(),
            seed,
        })
    }

    #[test]
    fn large_histories_come_to_what_they_are() {
        for seed in 0..20 {
            let mut history = generated(&[Fault::Tries, Fault::Timeouts], seed);
            let watched = watch(&history, &fifo(Some(Empty::Strict)));
            assert_eq!(watched.judgement.verdict, Verdict::Pass, "{watched:?}");
            for wrong in [
                Wrong::Order,
                Wrong::Repeat,
                Wrong::Fresh,
                Wrong::Lost,
                Wrong::Empty,
            ] {
                let mut history = history.clone();
                assert!(spoil(&mut history, wrong, seed));
                let watched = watch(&history, &fifo(Some(Empty::Strict)));
                assert_eq!(watched.judgement.verdict, Verdict::Fail, "{wrong:?}");
            }
            assert!(spoil(&mut history, Wrong::Order, seed));
            let watched = watch(&history, &fifo(None));
            assert!(!watched.judgement.violations.is_empty());
            for order in &watched.judgement.violations {
                assert_eq!(
                    order.operations.len(),
                    4,
                    "what was passed by was got in the end"
                );
            }
        }
    }

    #[test]
    fn what_was_inside_is_forgotten() {
        let history = generated(&[], 0);
        let mut operations = history.operations.clone();
        operations.sort_by_key(|operation| operation.start);
        let mut queue = Watch::of(&fifo(None)).unwrap();
        for operation in operations {
            queue.see(0, operation).unwrap();
        }
        assert!(queue.inside.len() < 200, "{}", queue.inside.len());
    }

    #[test]
    fn what_is_open_or_out_of_order_is_refused_and_changes_nothing() {
        let ok = Operation {
            start: 5,
            end: 6,
            item: 0,
            peer: 0,
            kind: Kind::Put,
            outcome: Outcome::Ok,
        };
        let mut queue = Watch::of(&fifo(None)).unwrap();
        queue.see(0, ok).unwrap();
        for (operation, unfit) in [
            (
                Operation {
                    start: 4,
                    item: 1,
                    ..ok
                },
                Unfit::Unsorted,
            ),
            (
                Operation {
                    end: NEVER,
                    outcome: Outcome::Pending,
                    kind: Kind::Get,
                    ..ok
                },
                Unfit::Open,
            ),
            (
                Operation {
                    outcome: Outcome::Error { definite: false },
                    kind: Kind::Get,
                    ..ok
                },
                Unfit::Open,
            ),
            (
                Operation {
                    kind: Kind::Get,
                    outcome: Outcome::End,
                    ..ok
                },
                Unfit::End,
            ),
        ] {
            assert_eq!(queue.see(1, operation), Err(unfit));
        }
        assert_eq!(queue.finish().judgement.verdict, Verdict::Pass);
    }
}
