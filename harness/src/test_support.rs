//! Builders and models that unit tests of several rooms share.
//!
//! In: a few calls that describe a permutation, a history, an event log or a random item. Out: the
//! values that the tested code takes. Only unit tests see this module, and it starts no process.
//!
//! * [`histories`]: a history as a chain of facts, with a permutation that fits; for invariants.
//! * [`scene`]: a permutation step by step, with a history; for explanations and transcripts.
//! * [`model`]: random histories of a correct channel.
//! * [`logs`]: event logs.
//! * [`strategy`]: random items.

pub(crate) mod histories;
pub(crate) mod logs;
pub(crate) mod model;
pub(crate) mod reports;
pub(crate) mod scene;
pub(crate) mod strategy;
