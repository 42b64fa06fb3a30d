//! Conformance tests for inter-process queues and pipes, on real processes.
//!
//! A **backend** makes a library's queue or pipe available to the harness. This is a complete one,
//! a queue over a pair of Unix datagram sockets:
//!
#![cfg_attr(unix, doc = "```no_run")]
#![cfg_attr(not(unix), doc = "```ignore")]
#![doc = include_str!("../tests/smallest_backend/program.rs")]
//! ```
//!
//! As a test target with `harness = false`, this program runs every case that the backend can do,
//! each on processes of its own. The page of [`backend`] says what each method must do.
//!
//! **Cases** are text files. A case says which processes there are, which messages they exchange,
//! and which promises (**clauses**) it tests. The harness starts real operating-system processes,
//! records what each of them did and saw, and judges that history.
//!
//! ```text
//! case files ─► case ─► plan ─► runner ─► peers over a backend ─► history
//!                                                                   ├─► findings ─► verdicts ─► reports
//!                                                                   └─► transcript ─► golden ──┘
//! ```

#![cfg_attr(
    not(feature = "cli"),
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "the command line uses parts of most rooms; with it, the compiler finds what nothing uses"
    )
)]

// The rooms, in the order of the flow: see harness/DESIGN.md.
mod printable;

pub mod backend;

pub use backend::prelude;

mod clause;

mod plan;

mod case;

#[cfg(feature = "cli")]
mod generate;

mod history;

pub mod linearizable;

mod os;

mod backends;

mod judge;

mod mutant;

pub mod registry;

mod event;

mod adapter;

mod peer;

mod runner;

mod corpus;

#[cfg(feature = "cli")]
mod proof;

#[cfg(feature = "cli")]
mod self_test;

mod report;

pub mod testing;

#[cfg(feature = "cli")]
pub mod cli;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod internals;

#[cfg(test)]
mod test_support;
