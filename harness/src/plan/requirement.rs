//! What a permutation requires of a backend.

use crate::backend::{Capabilities, Capability, Kind, LargestDepth};

/// Something that a permutation requires of a backend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// A channel of this kind.
    Kind(Kind),
    /// This capability, native or not.
    Capability(Capability),
    /// A message of this many bytes.
    Message(u64),
    /// A capacity of this many items.
    CapacityOf(u64),
    /// Room in a queue for which the case chooses no capacity.
    Depth {
        /// The number of items that are in the queue at once.
        items: u64,
        /// The bytes of all these items together.
        bytes: u64,
    },
}

impl Requirement {
    /// Returns why a backend with these capabilities lacks it; `None` if the backend has it.
    pub fn missing(&self, kind: Kind, has: &Capabilities) -> Option<String> {
        match self {
            Requirement::Kind(wanted) if *wanted != kind => Some(format!("it is no {wanted}")),
            // A backend that declares no kind of value isn't limited to any.
            Requirement::Capability(wanted)
                if wanted.is_kind_of_value() && !has.limits_values() =>
            {
                None
            }
            Requirement::Capability(wanted) if !has.has(*wanted) => Some(format!("no {wanted}")),
            Requirement::Message(size) => has
                .largest_message
                .filter(|largest| largest < size)
                .map(|largest| format!("no message over {largest} bytes")),
            Requirement::CapacityOf(wanted) => has
                .largest_capacity
                .filter(|largest| largest < wanted)
                .map(|largest| format!("no capacity over {largest}")),
            Requirement::Depth { items, bytes } => {
                let LargestDepth {
                    items: most,
                    bytes: most_bytes,
                } = has.largest_depth;
                let items = most
                    .filter(|most| most < items)
                    .map(|most| format!("no more than {most} items at once"));
                items.or_else(|| {
                    most_bytes
                        .filter(|most| most < bytes)
                        .map(|most| format!("no more than {most} bytes at once"))
                })
            }
            _ => None,
        }
    }
}
