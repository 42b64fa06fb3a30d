//! Reads a log, which its process may still be writing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::record::{self, Excerpt, LogRecord, WORDS};
use crate::history::{Aside, LibraryText, Operation};

/// The decoded contents of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogContents {
    /// The operations, in the order in which they began.
    pub operations: Vec<Operation>,
    /// Excerpts of corrupt messages.
    pub asides: Vec<Aside>,
    /// What the library said when operations failed.
    pub said: Vec<LibraryText>,
}

/// The progress of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Glance {
    /// How many records are written.
    begun: usize,
    /// The operations that haven't returned: at most one for each thread, except in a poll of several
    /// ends.
    pending: Vec<Pending>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Pending {
    record: usize,
    operation: Operation,
}

impl Glance {
    /// Returns the operations that the process is in: one for each thread, or several in a poll of
    /// several ends.
    pub fn pending(&self) -> impl Iterator<Item = &Operation> {
        self.pending.iter().map(|pending| &pending.operation)
    }
}

pub(super) fn glance(words: &[AtomicU64], earlier: &Glance) -> Glance {
    let records = words.as_chunks::<WORDS>().0;
    let mut glance = Glance {
        begun: earlier.begun,
        pending: Vec::new(),
    };
    let pending = |record: usize, operation: Operation| {
        let is_pending = operation.is_pending();
        is_pending.then_some(Pending { record, operation })
    };
    // Of the earlier records, only pending ones can have changed.
    for earlier in &earlier.pending {
        if let Some(LogRecord::Operation(operation)) = snapshot(&records[earlier.record]) {
            glance.pending.extend(pending(earlier.record, operation));
        }
    }
    for (record, words) in records.iter().enumerate().skip(earlier.begun) {
        match snapshot(words) {
            Some(LogRecord::Operation(operation)) => {
                glance.pending.extend(pending(record, operation));
            }
            Some(LogRecord::Aside(_) | LogRecord::Said(_)) => {}
            None => break,
        }
        glance.begun = record + 1;
    }
    glance
}

pub(super) fn decode(words: &[AtomicU64]) -> LogContents {
    let mut recorded = LogContents::default();
    // The numbers of the records that aren't operations.
    let mut others = Vec::new();
    let mut said: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    for (record, words) in words.as_chunks::<WORDS>().0.iter().enumerate() {
        match snapshot(words) {
            Some(LogRecord::Operation(operation)) => recorded.operations.push(operation),
            Some(LogRecord::Aside(excerpt)) => {
                recorded.asides.push(Aside {
                    operation: operation_of(record, &excerpt, &others),
                    offset: excerpt.offset,
                    bytes: excerpt.bytes,
                });
                others.push(record);
            }
            Some(LogRecord::Said(excerpt)) => {
                let operation = operation_of(record, &excerpt, &others);
                said.entry(operation).or_default().extend(excerpt.bytes);
                others.push(record);
            }
            None => break,
        }
    }
    let said = said.into_iter().map(|(operation, text)| LibraryText {
        operation,
        text: String::from_utf8_lossy(&text).into_owned(),
    });
    recorded.said = said.collect();
    recorded
}

/// Returns the index of the operation that this record is about, by the numbers of all earlier records
/// that aren't operations.
fn operation_of(record: usize, excerpt: &Excerpt, others: &[usize]) -> usize {
    let of = record.saturating_sub(excerpt.back as usize);
    of - others.partition_point(|other| *other < of)
}

/// Reads a record that may be changing. Reads the state first, and so sees everything that was stored
/// before that state.
fn snapshot(record: &[AtomicU64; WORDS]) -> Option<LogRecord> {
    let state = record[0].load(Ordering::Acquire);
    let mut words = [state; WORDS];
    for (word, cell) in words.iter_mut().zip(record).skip(1) {
        *word = cell.load(Ordering::Relaxed);
    }
    record::decode(&words)
}

#[cfg(test)]
mod tests {
    use super::super::store::Store;
    use super::*;
    use crate::backend::{Outcome, RawError, Side};
    use crate::history::OperationKind;
    use crate::peer::log::{BeginRecord, ReturnRecord};
    use crate::plan::{Content, End, StepId};
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

    fn begin(kind: OperationKind, content: Option<&[u8]>) -> BeginRecord {
        BeginRecord {
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

    fn done(outcome: Outcome, content: Option<&[u8]>) -> ReturnRecord {
        ReturnRecord {
            outcome,
            content: content.map(Content::of),
            raw: (outcome == Outcome::Error).then_some(RawError {
                kind: Some("BrokenPipe".into()),
                code: Some(-5),
            }),
            definite: false,
        }
    }

    /// Checks every state that a reader can find: after each single store of three operations.
    #[test]
    fn a_log_reads_correctly_after_each_store() {
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

        let excerpt = Excerpt::of(&long, 4990, 2);
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
            assert!(recorded.asides.iter().all(|aside| aside.operation == 1));
        }
    }

    /// Builds a log of these operations, each with its thread, step and start, and whether it has
    /// returned.
    fn log(records: &[(u16, StepId, u64, bool)]) -> Vec<AtomicU64> {
        let memory: Vec<AtomicU64> = (0..8 * WORDS).map(|_| AtomicU64::new(0)).collect();
        for (record, (thread, step, start, is_done)) in records.iter().enumerate() {
            let mut words = &memory[record * WORDS..(record + 1) * WORDS];
            let begin = BeginRecord::of(*step, OperationKind::Idle).by(*thread);
            begin.store(*start, &mut words);
            if *is_done {
                done(Outcome::Ok, None).store(&begin, start + 1, &mut words);
            }
        }
        memory
    }

    /// Returns the steps of the pending operations, each with its start.
    fn begun(glance: &Glance) -> Vec<(StepId, u64)> {
        let pending = glance.pending();
        pending
            .map(|operation| (operation.step, operation.start))
            .collect()
    }

    #[test]
    fn a_glance_returns_the_pending_operation_of_each_thread() {
        let first = glance(
            &log(&[(1, 1, 10, false), (2, 2, 20, true), (2, 3, 30, false)]),
            &Glance::default(),
        );
        assert_eq!(begun(&first), [(1, 10), (3, 30)], "the second has returned");
    }

    #[test]
    fn a_glance_sees_an_earlier_operation_return() {
        let before = log(&[(1, 1, 10, false), (2, 2, 20, false)]);
        let after = log(&[(1, 1, 10, true), (2, 2, 20, false)]);
        let first = glance(&before, &Glance::default());
        assert_eq!(glance(&before, &first), first, "nothing has moved");
        let second = glance(&after, &first);
        assert_ne!(second, first);
        assert_eq!(begun(&second), [(2, 20)]);
    }

    #[test]
    fn an_aside_refers_to_the_right_operation() {
        let memory = log(&[(1, 1, 10, true), (2, 2, 20, true)]);
        let aside = |record: usize, back| {
            let mut words = &memory[record * WORDS..(record + 1) * WORDS];
            Excerpt::of(b"x", 0, back).store(&mut words);
        };
        aside(2, 2);
        aside(3, 2);
        let operations: Vec<_> = decode(&memory).asides.iter().map(|a| a.operation).collect();
        assert_eq!(operations, [0, 1]);
    }

    fn operation(begin: &BeginRecord, start: u64, done: Option<(&ReturnRecord, u64)>) -> Operation {
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
    fn an_invalid_state_ends_the_log(#[case] state: u64) {
        let memory: Vec<AtomicU64> = (0..WORDS).map(|_| AtomicU64::new(0)).collect();
        memory[0].store(state, Ordering::Relaxed);
        assert_eq!(decode(&memory).operations, []);
    }
}
