//! Violations as sentences.

use super::history::{History, Kind, NEVER, Operation, Outcome};
use super::violation::{Pattern, Violation};

/// Names for the peers and items of a history, for use in sentences.
pub trait Names {
    /// Returns the name of a peer.
    fn peer(&self, peer: u32) -> String;
    /// Returns the name of an item.
    fn item(&self, item: u32) -> String;
}

/// Names peers and items by their numbers: `p1` and `3`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbers;

impl Names for Numbers {
    fn peer(&self, peer: u32) -> String {
        format!("p{peer}")
    }

    fn item(&self, item: u32) -> String {
        item.to_string()
    }
}

impl Violation {
    /// Describes the violation in one sentence, without a full stop.
    ///
    /// # Panics
    /// If the violation isn't one of this history, and refers to operations that it doesn't have.
    pub fn sentence(&self, history: &History, names: &dyn Names) -> String {
        let operations = self.operations.iter();
        let operations: Vec<NamedOperation<'_>> = operations
            .map(|index| NamedOperation {
                operation: &history.operations[*index as usize],
                names,
            })
            .collect();
        self.specific(&operations).unwrap_or_else(|| {
            let all: Vec<String> = operations.iter().map(NamedOperation::doing).collect();
            format!("{}: {}", self.pattern.word(), all.join(", "))
        })
    }

    /// Returns the sentence for this pattern, or `None` if the operations aren't those that the pattern
    /// has.
    fn specific(&self, operations: &[NamedOperation<'_>]) -> Option<String> {
        let first = operations.first();
        Some(match (self.pattern, operations) {
            (Pattern::Malformed, [one]) => {
                format!("{} is impossible: {}", one.doing(), one.nonsense())
            }
            (Pattern::TwicePut, [one, other]) => {
                let (item, one, other) = (one.item(), one.by(), other.by());
                format!("{item} was put twice, {one} and {other}")
            }
            (Pattern::Fresh, [get]) => format!("{}, which was never put", get.did()),
            (Pattern::Fresh, [put, get]) => format!("{} before {}", get.did(), put.did()),
            (Pattern::Repeat, [.., one, other]) => {
                let (item, one, other) = (one.item(), one.by(), other.by());
                format!("{item} was got twice, {one} and {other}")
            }
            (Pattern::Resurrected, [put, get]) => {
                format!("{} failed, and yet {}", put.doing(), get.did())
            }
            (Pattern::Order, [first, second, got, late]) => format!(
                "{} before {}, and yet {} before {}",
                first.did(),
                second.did(),
                got.did(),
                late.asking()
            ),
            (Pattern::Order, [first, second, got]) => format!(
                "{} before {}, and yet {}, and {} was never got",
                first.did(),
                second.did(),
                got.did(),
                first.item()
            ),
            (Pattern::Empty, [report, inside @ ..]) => {
                format!(
                    "{} while the queue held {}",
                    report.found_empty(),
                    held(inside)
                )
            }
            (Pattern::Lost, [put, end]) => format!(
                "{}, and it was never got, although {}",
                put.did(),
                end.saw_end()
            ),
            (Pattern::EarlyEnd, [end, put]) if end.operation.end < put.operation.start => {
                format!("{}, and yet {} afterwards", end.saw_end(), put.did())
            }
            (Pattern::EarlyEnd, [end, put]) => {
                format!("{} before {} had closed", end.saw_end(), put.peer())
            }
            (Pattern::AfterEnd, [end, get]) => {
                format!("{}, and yet {} afterwards", end.saw_end(), get.did())
            }
            (Pattern::Full, [report]) => format!(
                "{} found the queue full {} while it can't have held as many items as its capacity",
                report.peer(),
                report.when()
            ),
            (Pattern::Capacity, puts) if first.is_some() => {
                let puts: Vec<String> = puts.iter().map(NamedOperation::did).collect();
                format!(
                    "the queue held more items than its capacity: {}",
                    puts.join(", ")
                )
            }
            (Pattern::Together, [last]) => format!(
                "no order of all operations fits a queue with this capacity: every attempt fails \
                 by {}",
                last.doing()
            ),
            (Pattern::GivenUp, []) => "the search for an order of all operations was given up: \
                                       it is unknown whether there is one"
                .to_owned(),
            _ => return None,
        })
    }
}

/// Describes the items that the queue held all the time: puts, each followed by the get of its item
/// if there is one.
fn held(operations: &[NamedOperation<'_>]) -> String {
    let mut inside: Vec<String> = Vec::new();
    for (n, put) in operations.iter().enumerate() {
        if put.operation.kind != Kind::Put {
            continue;
        }
        let get = operations
            .get(n + 1)
            .filter(|get| get.operation.kind == Kind::Get);
        let until = get.map_or("it was never got".to_owned(), |get| {
            format!("{} only later", get.asking_for_it())
        });
        inside.push(format!("{} ({}, and {until})", put.item(), put.did()));
    }
    inside.join(", then ")
}

/// An operation with the names of its peer and its item.
struct NamedOperation<'a> {
    operation: &'a Operation,
    names: &'a dyn Names,
}

impl NamedOperation<'_> {
    fn peer(&self) -> String {
        self.names.peer(self.operation.peer)
    }

    fn item(&self) -> String {
        match self.operation.item {
            Operation::NO_ITEM => "something".to_owned(),
            item => self.names.item(item),
        }
    }

    /// `(10 to 14)`
    fn when(&self) -> String {
        match self.operation.end {
            NEVER => format!("({} to …)", self.operation.start),
            end => format!("({} to {end})", self.operation.start),
        }
    }

    /// `p1 put 3 (10 to 14)`
    fn did(&self) -> String {
        let word = match self.operation.kind {
            Kind::Put => "put",
            Kind::Get => "got",
            Kind::Close => return format!("{} closed {}", self.peer(), self.when()),
        };
        format!("{} {word} {} {}", self.peer(), self.item(), self.when())
    }

    /// `p1's put of 3 (10 to 14)`
    fn doing(&self) -> String {
        let word = match self.operation.kind {
            Kind::Put => "put",
            Kind::Get => "get",
            Kind::Close => "close",
        };
        let of = match self.operation.item {
            Operation::NO_ITEM => String::new(),
            _ => format!(" of {}", self.item()),
        };
        format!("{}'s {word}{of} {}", self.peer(), self.when())
    }

    /// `by p1 (10 to 14)`
    fn by(&self) -> String {
        format!("by {} {}", self.peer(), self.when())
    }

    /// `p1 asked for 3 (10 to 14)`
    fn asking(&self) -> String {
        match self.operation.item {
            Operation::NO_ITEM => format!("{} could take it", self.doing()),
            _ => format!("{} asked for {} {}", self.peer(), self.item(), self.when()),
        }
    }

    fn asking_for_it(&self) -> String {
        format!("{} asked for it {}", self.peer(), self.when())
    }

    /// `p1 found the queue empty (10 to 14)`
    fn found_empty(&self) -> String {
        let what = match self.operation.outcome {
            Outcome::Timeout => "timed out",
            _ => "found the queue empty",
        };
        format!("{} {what} {}", self.peer(), self.when())
    }

    /// `p1 saw the end (10 to 14)`
    fn saw_end(&self) -> String {
        format!("{} saw the end {}", self.peer(), self.when())
    }

    /// Says why the operation is impossible.
    fn nonsense(&self) -> &'static str {
        if self.operation.end < self.operation.start {
            "it returned before it started"
        } else if self.operation.has_item() && self.operation.item == Operation::NO_ITEM {
            "it has no item"
        } else {
            "it can't have this outcome"
        }
    }
}
