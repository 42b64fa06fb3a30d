//! Conformance tests for inter-process queues and pipes, on real processes.
//!
//! Case files describe processes and the messages that they exchange; backends are libraries'
//! queues and pipes. The harness starts real operating-system processes, writes down what each of
//! them did and saw, and judges that history.
//!
//! ```text
//! case files ─► case ─► plan ─► runner ─► peers over a backend ─► history
//!                                                                   ├─► findings ─► verdicts ─► reports
//!                                                                   └─► transcript ─► golden ──┘
//! ```

pub mod adapter;
mod answers;
pub mod backend;
pub mod capability;
pub mod case;
pub mod channel;
pub mod clause;
pub mod cli;
pub mod clock;
pub mod comparison;
pub mod content;
pub mod corpus;
pub mod divergence;
pub mod draw;
pub mod event;
pub mod exit_code;
pub mod expand;
pub mod explain;
pub mod finding;
pub mod folder;
pub mod golden;
pub mod guard;
pub mod history;
pub mod inheritance;
pub mod invariant;
pub mod item;
pub mod judgement;
pub mod library;
pub mod linearizable;
pub mod link;
pub mod log;
pub mod merge;
pub mod mutant;
pub mod naming;
pub mod outcome;
pub mod peer;
pub mod permutation;
pub mod plan;
pub mod platform;
pub mod proof;
pub mod protocol;
pub mod recorded;
pub mod registry;
pub mod report;
pub mod runner;
pub mod scratch;
pub mod select;
pub mod subject;
pub mod supervisor;
pub mod system;
pub mod testing;
pub mod transcript;
pub mod trial;
pub mod verdict;
pub mod wire;
