//! What is wrong with a history, in words for people.

use super::violation::{Pattern, Violation};
use super::{History, Kind, NEVER, Operation};

/// What peers and items are called by those who recorded the history.
pub trait Names {
    /// The name of a peer.
    fn peer(&self, peer: u32) -> String;
    /// The name of an item.
    fn item(&self, item: u32) -> String;
}

/// Peers and items by their numbers.
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
    /// What is wrong, as a sentence without its full stop.
    pub fn sentence(&self, history: &History, names: &dyn Names) -> String {
        let operations = self.operations.iter();
        let operations: Vec<Named<'_>> = operations
            .map(|index| Named {
                operation: &history.operations[*index as usize],
                names,
            })
            .collect();
        self.say(&operations).unwrap_or_else(|| {
            let all: Vec<String> = operations.iter().map(Named::doing).collect();
            format!("{}: {}", self.pattern.word(), all.join(", "))
        })
    }

    /// The sentence; none if these aren't the operations that such a violation has.
    fn say(&self, operations: &[Named<'_>]) -> Option<String> {
        let first = operations.first();
        Some(match (self.pattern, operations) {
            (Pattern::Malformed, [one]) => format!("{} can't be: {}", one.doing(), one.nonsense()),
            (Pattern::TwicePut, [one, other]) => {
                let (item, one, other) = (one.item(), one.by(), other.by());
                format!("{item} was put twice, {one} and {other}")
            }
            (Pattern::Fresh, [get]) => format!("{}, which nobody put", get.did()),
            (Pattern::Fresh, [put, get]) => format!("{} before {}", get.did(), put.did()),
            (Pattern::Repeat, [.., one, other]) => {
                let (item, one, other) = (one.item(), one.by(), other.by());
                format!("{item} was got twice, {one} and {other}")
            }
            (Pattern::Resurrected, [put, get]) => {
                format!("{} failed, and yet {}", put.doing(), get.did())
            }
            (Pattern::Order, [before, behind, got, late]) => format!(
                "{} before {}, and yet {} before {}",
                before.did(),
                behind.did(),
                got.did(),
                late.asking()
            ),
            (Pattern::Order, [before, behind, got]) => format!(
                "{} before {}, and yet {}, and nobody ever got {}",
                before.did(),
                behind.did(),
                got.did(),
                before.item()
            ),
            (Pattern::Empty, [told, inside @ ..]) => {
                format!("{} while {}", told.told("\"empty\""), all_inside(inside))
            }
            (Pattern::Lost, [put, end]) => format!(
                "{}, and nobody ever got it, though {}",
                put.did(),
                end.told("the end")
            ),
            (Pattern::EarlyEnd, [end, put]) if end.operation.end < put.operation.start => {
                format!("{}, and yet {} afterwards", end.told("the end"), put.did())
            }
            (Pattern::EarlyEnd, [end, put]) => {
                format!("{} before {} had closed", end.told("the end"), put.peer())
            }
            (Pattern::AfterEnd, [end, get]) => {
                format!("{}, and yet {} afterwards", end.told("the end"), get.did())
            }
            (Pattern::Full, [told]) => format!(
                "{} while fewer items can have been inside than there is room for",
                told.told("\"full\"")
            ),
            (Pattern::Capacity, puts) if first.is_some() => {
                let puts: Vec<String> = puts.iter().map(Named::did).collect();
                format!(
                    "more items were inside than there is room for: {}",
                    puts.join(", ")
                )
            }
            (Pattern::Together, [last]) => format!(
                "no order of all operations is one of a queue with this capacity: none gets \
                 beyond {}",
                last.doing()
            ),
            (Pattern::GivenUp, []) => "the search for an order of all operations was given up, \
                                       and there may be one or none"
                .to_owned(),
            _ => return None,
        })
    }
}

/// What was inside all the time: puts, each with the get of its item if there is one.
fn all_inside(operations: &[Named<'_>]) -> String {
    let mut inside: Vec<String> = Vec::new();
    for (n, put) in operations.iter().enumerate() {
        if put.operation.kind != Kind::Put {
            continue;
        }
        let get = operations
            .get(n + 1)
            .filter(|get| get.operation.kind == Kind::Get);
        let until = get.map_or("nobody ever got it".to_owned(), |get| {
            format!("{} only later", get.asking_for_it())
        });
        inside.push(format!(
            "{} was inside ({}, and {until})",
            put.item(),
            put.did()
        ));
    }
    inside.join(", then ")
}

/// An operation with what its peer and its item are called.
struct Named<'a> {
    operation: &'a Operation,
    names: &'a dyn Names,
}

impl Named<'_> {
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

    /// `p1 was told "empty" (10 to 14)`
    fn told(&self, what: &str) -> String {
        format!("{} was told {what} {}", self.peer(), self.when())
    }

    /// Why it can't have been.
    fn nonsense(&self) -> &'static str {
        if self.operation.end < self.operation.start {
            "it returned before it started"
        } else if self.operation.has_item() && self.operation.item == Operation::NO_ITEM {
            "it has no item"
        } else {
            "it can't have come to that"
        }
    }
}
