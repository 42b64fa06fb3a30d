//! Conformance tests for inter-process queues and pipes, on real processes.
//!
//! Case files describe processes and the messages that they exchange; backends are libraries'
//! queues and pipes. The harness starts real operating-system processes, records what each of them
//! did and saw, and judges that history.
//!
//! ```text
//! case files ─► case ─► plan ─► runner ─► peers over a backend ─► history
//!                                                                   ├─► findings ─► verdicts ─► reports
//!                                                                   └─► transcript ─► golden ──┘
//! ```

pub mod backend;

pub mod clause;

pub mod plan;

pub mod case;

pub mod history;

pub mod linearizable;

pub mod os;

pub mod backends;

pub mod judge;

pub mod mutant;

pub mod registry;

pub mod event;

pub mod adapter;

pub mod peer;

pub mod runner;

pub mod corpus;

pub mod proof;

pub mod report;

pub mod testing;

pub mod cli;

#[cfg(test)]
mod test_support;
