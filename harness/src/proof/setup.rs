//! What to prove, and with which cases and backends.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table::KillTable;
use crate::backend::Backend;
use crate::backends;
use crate::corpus::CaseFile;
use crate::judge::golden::Golden;
use crate::mutant::Trigger;
use crate::registry::Registry;
use crate::runner::{Options, Session};

/// What to prove.
#[derive(Clone, Debug)]
pub struct ProofOptions {
    /// Parts of mutants' names, as in `pipe~lost`; all mutants if empty.
    pub patterns: Vec<String>,
    /// How often faults show; each fault's own default if `None`.
    pub often: Option<Trigger>,
    /// The number of times that each mutant is to be killed, with the seeds from 1 up.
    pub seeds: u64,
    /// The number of runs of each control.
    pub runs: u64,
    /// The number of runs at the same time.
    pub jobs: usize,
}

/// The cases and backends of a proof.
pub struct TestBed<'a> {
    /// The cases.
    pub cases: &'a [CaseFile],
    /// The goldens, by case name. A control must produce the transcripts of a sound backend.
    pub goldens: &'a BTreeMap<String, Arc<Golden>>,
    /// The sound backends that mutants and controls are made from.
    pub sound: &'a [Arc<dyn Backend>],
    /// How to run. The proof sets the seed, the jobs and the stall limit itself.
    pub options: &'a Options,
    /// The session of all runs.
    pub session: &'a Session,
    /// The reviewed table of kills.
    pub reviewed: &'a KillTable,
}

/// Returns the references: the backends that mutants are made from by default.
pub fn references(registry: &Registry) -> Vec<Arc<dyn Backend>> {
    let references = registry
        .iter()
        .filter(|one| backends::is_reference(&***one));
    references.cloned().collect()
}
