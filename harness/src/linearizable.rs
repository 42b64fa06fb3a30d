//! Judges histories of a queue: could a correct queue have produced what its users saw?
//!
//! A [`History`] lists the operations on one queue: which peer put or got which item, when the call
//! began, when it returned, and with which outcome. [`judge`] compares it with what the queue
//! [claims](Claims) about order, capacity and emptiness. A history of a queue that claims
//! [`Order::Fifo`] passes if it is *linearizable*: if each operation can be given one moment between
//! its start and its return, such that a FIFO queue with these operations at these moments returns
//! the same results.
//!
//! ```
//! use ipc_conformance::linearizable::{
//!     Claims, Empty, History, Kind, Numbers, Operation, Order, Outcome, Pattern, Verdict, judge,
//! };
//!
//! let operation = |peer, kind, item, start, end| Operation {
//!     peer,
//!     kind,
//!     item,
//!     start,
//!     end,
//!     outcome: Outcome::Ok,
//! };
//! let history = History {
//!     operations: vec![
//!         operation(0, Kind::Put, 0, 10, 14),
//!         operation(1, Kind::Put, 1, 15, 17),
//!         operation(2, Kind::Get, 1, 20, 21),
//!         operation(2, Kind::Get, 0, 22, 25),
//!     ],
//!     items: 2,
//! };
//! let claims = Claims {
//!     order: Order::Fifo,
//!     capacity: None,
//!     empty: Some(Empty::Strict),
//! };
//!
//! let judgement = judge(&history, &claims);
//! assert_eq!(judgement.verdict, Verdict::Fail);
//! let violation = &judgement.violations[0];
//! assert_eq!(violation.pattern, Pattern::Order);
//! assert_eq!(
//!     violation.sentence(&history, &Numbers),
//!     "p0 put 0 (10 to 14) before p1 put 1 (15 to 17), and yet p2 got 1 (20 to 21) \
//!      before p2 asked for 0 (22 to 25)"
//! );
//!
//! // A queue that doesn't claim one order over all producers may do that.
//! let claims = Claims {
//!     order: Order::PerProducer,
//!     ..claims
//! };
//! assert_eq!(judge(&history, &claims).verdict, Verdict::Pass);
//! ```
//!
//! # What a history must contain
//!
//! * Items are numbers below [`History::items`]. Each item is put at most once; give equal messages
//!   different numbers.
//! * All stamps come from one monotonic clock that all peers share: [`Operation::start`] is read
//!   before the call and [`Operation::end`] after it.
//! * Operations with equal stamps count as concurrent. A coarse clock can hide a violation, but never
//!   causes a false alarm.
//! * An operation that never returned, because its process hung or was killed, ends at [`NEVER`] and
//!   is [`Outcome::Pending`].
//!
//! A history that breaks these rules gets the verdict [`Verdict::Unknown`].
//!
//! # Inside this crate
//!
//! In: bare histories, from a run (the room `judge`) or from files that other programs recorded
//! (`recorded`). Out: judgements, and sentences that explain them. The judge knows no clock, no file,
//! no process and no backend. [`Kind`], [`Outcome`], [`Operation`], [`History`] and [`Verdict`] share
//! their names with types of other modules: those describe a run with all its channels, these a single
//! queue. Other modules therefore write them with the module's name.

mod capacity;
mod claims;
mod closings;
mod completion;
mod decide;
mod empty;
mod end;
pub(crate) mod generate;
mod history;
mod judgement;
mod lifetime;
pub(crate) mod online;
mod order;
#[cfg(feature = "cli")]
pub(crate) mod recorded;
mod search;
mod sentence;
mod sorting;
pub(crate) mod spoil;
mod violation;

pub use claims::{Claims, Empty, Order};
pub use decide::{MOST_STEPS, judge};
pub use history::{History, Kind, NEVER, Operation, Outcome};
pub use judgement::{Judgement, Verdict};
pub use sentence::{Names, Numbers};
pub use violation::{MOST_VIOLATIONS, Pattern, Violation};

#[cfg(test)]
mod tests;
