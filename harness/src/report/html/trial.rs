//! The data of one trial, which its view reads when it is opened.

use serde::Serialize;

use super::lines::lines;
use crate::event::{EventLog, Texts};
use crate::history::OperationId;
use crate::judge::{
    ClauseVerdict, FailurePage, FindingState, Instance, RecordedRun, ReturnedError, TrialReport,
    WaitFor,
};
use crate::report::Again;

/// What a page shows of one trial.
#[derive(Serialize)]
pub(super) struct TrialData<'a> {
    why: Option<&'a str>,
    clauses: &'a [ClauseVerdict],
    /// The operations that prove each broken clause.
    proofs: Vec<Proof<'a>>,
    failures: Vec<Failure<'a>>,
    errors: &'a [ReturnedError],
    wait_for: Option<&'a WaitFor>,
    run: Option<&'a RecordedRun>,
    /// The lines of each step of the run in the case file.
    lines: Vec<Option<(usize, usize)>>,
    instance: Option<&'a Instance>,
    operations: u64,
    elapsed: u64,
    /// The command that runs the trial again.
    command: String,
}

/// Why a clause counts as broken.
#[derive(Serialize)]
struct Proof<'a> {
    clause: &'a str,
    expected: &'a str,
    actual: &'a str,
    operations: &'a [OperationId],
}

/// A page of a fault, with the lines of the step that shows it.
#[derive(Serialize)]
struct Failure<'a> {
    #[serde(flatten)]
    page: &'a FailurePage,
    lines: Option<(usize, usize)>,
}

impl<'a> TrialData<'a> {
    /// Returns the data of a trial of this log.
    pub(super) fn of(
        log: &'a EventLog,
        report: &'a TrialReport,
        texts: &'a Texts,
    ) -> TrialData<'a> {
        let case = texts
            .cases
            .binary_search_by(|case| case.name.cmp(&report.name.case));
        let case = case.ok().and_then(|place| texts.cases.get(place));
        let of_span = |span: Option<(usize, usize)>| lines(&case?.text, span?);
        let proofs = report
            .findings
            .iter()
            .filter_map(|finding| match &finding.state {
                FindingState::Broken(witness) => Some(Proof {
                    clause: finding.clause.as_str(),
                    expected: &witness.expected,
                    actual: &witness.actual,
                    operations: &witness.operations,
                }),
                _ => None,
            });
        let failures = report.failures.iter().map(|page| Failure {
            page,
            lines: of_span(page.span),
        });
        let again = log
            .header
            .rerun
            .clone()
            .map(Again::from)
            .unwrap_or_default();
        let file = case.map(|case| case.path.as_ref());
        let steps = report.run.iter().flat_map(|run| &run.steps);
        TrialData {
            why: report.why.as_deref(),
            clauses: &report.clauses,
            proofs: proofs.collect(),
            failures: failures.collect(),
            errors: &report.errors,
            wait_for: report.wait_for.as_ref(),
            run: report.run.as_ref(),
            lines: steps.map(|step| of_span(step.span)).collect(),
            instance: report.instance.as_ref(),
            operations: report.operations,
            elapsed: report.elapsed,
            command: again.command(&report.name, file, log.header.seed),
        }
    }
}
