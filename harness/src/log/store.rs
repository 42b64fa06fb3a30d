//! Where records are stored, and how a whole log reads.

use std::sync::atomic::{AtomicU64, Ordering};

use super::record::{self, Entry, WORDS};
use crate::history::{Aside, Operation};
use crate::plan::StepId;

/// A place for the words of one record. Real logs store to shared memory; the test of prefixes
/// notes each store.
pub(super) trait Store {
    /// Stores one word.
    fn store(&mut self, word: usize, value: u64, ordering: Ordering);
}

impl Store for &[AtomicU64] {
    #[inline]
    fn store(&mut self, word: usize, value: u64, ordering: Ordering) {
        self[word].store(value, ordering);
    }
}

/// What a log says so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// The operations, in the order in which they were begun.
    pub operations: Vec<Operation>,
    /// What was kept of messages that weren't as they were made.
    pub asides: Vec<Aside>,
}

/// How far a log has come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Glance {
    /// How many records were begun.
    begun: usize,
    last: Option<Operation>,
}

impl Glance {
    /// The operation that the process is in.
    pub fn pending(&self) -> Option<&Operation> {
        self.last.as_ref().filter(|last| last.is_pending())
    }

    /// Whether the process is in an operation of this step that it started before this moment.
    pub fn is_in(&self, step: StepId, before: u64) -> bool {
        self.last
            .is_some_and(|last| last.is_pending() && last.step == step && last.start <= before)
    }
}

pub(super) fn glance(words: &[AtomicU64], earlier: Glance) -> Glance {
    let mut glance = earlier;
    // The last one seen may have returned since.
    let from = earlier.begun.saturating_sub(1);
    for (number, record) in words.as_chunks::<WORDS>().0.iter().enumerate().skip(from) {
        glance.begun = number + 1;
        match snapshot(record) {
            Some(Entry::Operation(operation)) => glance.last = Some(operation),
            Some(Entry::Aside(_)) => {}
            None => {
                glance.begun = number;
                break;
            }
        }
    }
    glance
}

pub(super) fn decode(words: &[AtomicU64]) -> Recorded {
    let mut recorded = Recorded::default();
    for record in words.as_chunks::<WORDS>().0 {
        match snapshot(record) {
            Some(Entry::Operation(operation)) => recorded.operations.push(operation),
            Some(Entry::Aside(excerpt)) => recorded.asides.push(Aside {
                operation: recorded.operations.len().saturating_sub(1),
                offset: excerpt.offset,
                bytes: excerpt.bytes,
            }),
            None => break,
        }
    }
    recorded
}

/// Reads a record that may be changing: its state is read first, so that all which was stored
/// before that state is seen.
fn snapshot(record: &[AtomicU64; WORDS]) -> Option<Entry> {
    let state = record[0].load(Ordering::Acquire);
    let mut words = [state; WORDS];
    for (word, cell) in words.iter_mut().zip(record).skip(1) {
        *word = cell.load(Ordering::Relaxed);
    }
    record::decode(&words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{End, Side};
    use crate::content::Content;
    use crate::history::{OperationKind, RawError};
    use crate::log::{Begin, Return};
    use crate::outcome::Outcome;
    use rstest::rstest;

    struct Noted<'a> {
        record: usize,
        stores: &'a mut Vec<(usize, u64)>,
    }

    impl Store for Noted<'_> {
        fn store(&mut self, word: usize, value: u64, _: Ordering) {
            self.stores.push((self.record * WORDS + word, value));
        }
    }

    fn begin(kind: OperationKind, content: Option<&[u8]>) -> Begin {
        Begin {
            step: 7,
            kind,
            end: Some(End {
                channel: 3,
                side: Side::Rx,
            }),
            content: content.map(Content::of),
            thread: 3,
        }
    }

    fn done(outcome: Outcome, content: Option<&[u8]>) -> Return {
        Return {
            outcome,
            content: content.map(Content::of),
            raw: (outcome == Outcome::Error).then_some(RawError {
                kind: Some("BrokenPipe".into()),
                code: Some(-5),
            }),
            definite: false,
        }
    }

    /// Every state that a reader may find, after each single store of three operations.
    #[test]
    fn no_prefix_of_the_stores_is_misread() {
        let long = vec![9; 5000];
        let script = [
            (
                begin(OperationKind::Put, Some(b"a")),
                10,
                done(Outcome::Ok, Some(b"a")),
                11,
            ),
            (
                begin(OperationKind::Get, None),
                20,
                done(Outcome::Ok, Some(&long)),
                21,
            ),
            (
                begin(OperationKind::Get, None),
                30,
                done(Outcome::Error, None),
                31,
            ),
        ];
        let mut stores = Vec::new();
        let mut states = vec![(0, Vec::new())];
        let mut whole: Vec<Operation> = Vec::new();
        for (record, (begin, start, done, returned)) in script.iter().enumerate() {
            begin.store(
                *start,
                &mut Noted {
                    record,
                    stores: &mut stores,
                },
            );
            let mut pending = whole.clone();
            pending.push(operation(begin, *start, None));
            states.push((stores.len(), pending));
            done.store(
                begin,
                *returned,
                &mut Noted {
                    record,
                    stores: &mut stores,
                },
            );
            whole.push(operation(begin, *start, Some((done, *returned))));
            states.push((stores.len(), whole.clone()));
        }

        let excerpt = record::Excerpt::of(&long, 4990);
        excerpt.store(&mut Noted {
            record: script.len(),
            stores: &mut stores,
        });
        let all = stores.len();

        let memory: Vec<AtomicU64> = (0..4 * WORDS).map(|_| AtomicU64::new(0)).collect();
        for prefix in 0..=stores.len() {
            if let Some((word, value)) = prefix.checked_sub(1).map(|last| stores[last]) {
                memory[word].store(value, Ordering::Relaxed);
            }
            let expected = &states
                .iter()
                .rfind(|(length, _)| *length <= prefix)
                .unwrap()
                .1;
            let recorded = decode(&memory);
            assert_eq!(recorded.operations, *expected, "after {prefix} stores");
            let asides = usize::from(prefix == all);
            assert_eq!(recorded.asides.len(), asides, "after {prefix} stores");
        }
    }

    fn operation(begin: &Begin, start: u64, done: Option<(&Return, u64)>) -> Operation {
        let returned = done.map(|(_, returned)| returned);
        let done = done.map(|(done, _)| done);
        Operation {
            step: begin.step,
            thread: begin.thread,
            kind: begin.kind,
            end: begin.end,
            start,
            returned,
            outcome: done.map(|done| done.outcome),
            content: done.map_or(begin.content, |done| done.content),
            raw: done.and_then(|done| done.raw),
            definite: false,
        }
    }

    #[rstest]
    #[case(u64::MAX)]
    #[case(3)]
    #[case(0xff << 8 | 1)]
    fn a_state_that_nobody_wrote_ends_the_log(#[case] state: u64) {
        let memory: Vec<AtomicU64> = (0..WORDS).map(|_| AtomicU64::new(0)).collect();
        memory[0].store(state, Ordering::Relaxed);
        assert_eq!(decode(&memory).operations, []);
    }
}
