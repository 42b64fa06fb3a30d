//! From one trial's history to its report.

use crate::capability::Capabilities;
use crate::golden::Golden;
use crate::history::History;
use crate::permutation::Permutation;
use crate::trial::{TrialName, TrialReport, Verdict};

/// What one run of a permutation came to.
///
/// `golden` is the case's, where there is one. The reference backend is held to having one;
/// `elapsed` is in nanoseconds.
pub fn judge(
    name: TrialName,
    permutation: &Permutation,
    history: &History,
    capabilities: &Capabilities,
    golden: Option<&Golden>,
    is_reference: bool,
    elapsed: u64,
) -> TrialReport {
    let _ = (history, capabilities, golden, is_reference, elapsed);
    not_run(name, permutation, Verdict::HarnessError, String::new())
}

/// The report of a trial that came to no history: not applicable, unavailable, harness error.
pub fn not_run(
    name: TrialName,
    permutation: &Permutation,
    verdict: Verdict,
    why: String,
) -> TrialReport {
    let _ = permutation;
    TrialReport {
        name,
        verdict,
        why: Some(why),
        clauses: Vec::new(),
        findings: Vec::new(),
        failures: Vec::new(),
        transcript: String::new(),
        composed: Vec::new(),
        stdout: Vec::new(),
        operations: 0,
        elapsed: 0,
    }
}
