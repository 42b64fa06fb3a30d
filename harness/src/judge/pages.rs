//! The pages of one trial: what people see of its failures and of a hang.
//!
//! Pages are made after the decision, read it, and change nothing in it.

use crate::history::OperationId;
use crate::history::naming::Naming;
use crate::judge::breaks::BrokenFinding;
use crate::judge::cause::Cause;
use crate::judge::divergence::{Divergence, Signature};
use crate::judge::explain::Explainer;
use crate::judge::golden::compare::GoldenComparison;
use crate::judge::invariant::Evidence;
use crate::judge::verdict::{Decision, Duties, Grounds};
use crate::judge::{Break, ClauseVerdict, FailurePage, RecordedRun, Verdict, WaitFor, Witness};

mod faults;

use faults::ClausePage;

/// What people see of one trial.
pub(super) struct Pages {
    /// One page for each fault with the clauses that fail by it, and for each clause that holds although
    /// a divergence says that it is always broken. One for a mistake of the case. One for the golden if
    /// it differs and no clause explains that.
    pub(super) failures: Vec<FailurePage>,
    /// Which processes waited for which others, if the harness had to end the run.
    pub(super) wait_for: Option<WaitFor>,
    /// What every process did and saw.
    pub(super) run: RecordedRun,
}

impl Pages {
    /// Explains a decision, if anything in it needs an explanation, and puts the history into words.
    pub(super) fn of(
        evidence: &Evidence<'_>,
        grounds: &Grounds<'_>,
        duties: &Duties<'_>,
        decision: &Decision,
        naming: Naming,
    ) -> Pages {
        let mut writer = Writer {
            explainer: Explainer::new(evidence, naming),
            broken: grounds.broken,
            duties,
        };
        let of_verdict = |verdict| {
            let clauses = decision.clauses.iter();
            clauses.filter(move |clause: &&ClauseVerdict| clause.verdict == verdict)
        };
        let broken = of_verdict(Verdict::Fail).filter_map(|clause| writer.failure(clause));
        let mut failures = faults::pages(broken.collect());
        let held = of_verdict(Verdict::UnexpectedPass);
        failures.extend(held.filter_map(|clause| writer.unexpected_pass(clause)));
        if let Some(blame) = grounds.blame.filter(|blame| blame.cause == Cause::Case) {
            failures.insert(0, writer.explainer.blame(blame));
        }
        let is_unexplained = failures.is_empty() && decision.verdict == Verdict::Unknown;
        if let (true, GoldenComparison::Differs(difference)) = (is_unexplained, grounds.golden) {
            failures.push(writer.explainer.golden(&difference.diff));
        }
        let wait_for = match evidence.completed() {
            true => None,
            false => writer.explainer.wait_for(),
        };
        let explainer = &mut writer.explainer;
        let traffic = grounds
            .broken
            .iter()
            .flat_map(|broken| explainer.traffic(broken.witness));
        let mut proofs: Vec<OperationId> = traffic.collect();
        let waits = wait_for.iter().flat_map(|hang| &hang.waits);
        proofs.extend(waits.map(|wait| wait.operation));
        Pages {
            failures,
            wait_for,
            run: explainer.recording(&proofs),
        }
    }
}

struct Writer<'a> {
    explainer: Explainer<'a>,
    broken: &'a [BrokenFinding<'a>],
    duties: &'a Duties<'a>,
}

impl<'a> Writer<'a> {
    /// The page of the first finding that the clause is broken; with a divergence, of the first that
    /// it is broken in a way that the divergence doesn't record.
    fn failure(&mut self, clause: &ClauseVerdict) -> Option<ClausePage> {
        let divergence = self.duties.divergence(&clause.clause);
        let is_new = |one: &&Break| divergence.is_none_or(|divergence| !divergence.fits(one));
        let of_clause = |broken: &&BrokenFinding<'_>| broken.finding.clause == clause.clause;
        let mut new = self.broken.iter().filter(of_clause).filter_map(|broken| {
            let one = broken.breaks.iter().find(is_new)?;
            Some((broken, one))
        });
        let (broken, one) = new.next()?;
        let mut page = self.explainer.page(broken);
        if let Some(divergence) = divergence {
            page.notes.push(unlike(divergence, one));
        }
        let witnesses = self.broken.iter().filter(of_clause);
        let witnesses: Vec<&Witness> = witnesses.map(|broken| broken.witness).collect();
        let explainer = &self.explainer;
        let operations = witnesses.into_iter().flat_map(|one| explainer.traffic(one));
        Some(ClausePage {
            operations: operations.collect(),
            page,
        })
    }

    fn unexpected_pass(&self, clause: &ClauseVerdict) -> Option<FailurePage> {
        let divergence = self.duties.divergence(&clause.clause)?;
        let place = &divergence.place;
        let times = match clause.evidence {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        Some(FailurePage {
            clause: Some(clause.clause.clone()),
            invariant: "divergence".to_owned(),
            span: None,
            expected: format!("always broken: {}", ways(divergence)),
            actual: format!("it was tested {times} and held"),
            events: Vec::new(),
            stderr: Vec::new(),
            also: Vec::new(),
            notes: vec![format!(
                "remove the divergence at {place}, or limit it by `case` and `when` to where it still shows"
            )],
        })
    }
}

/// How a break differs from the reviewed ones.
fn unlike(divergence: &Divergence, one: &Break) -> String {
    let (place, ways) = (&divergence.place, ways(divergence));
    let signature = Signature::of(one);
    format!("{place} records another break: {ways}; this one is {signature}")
}

fn ways(divergence: &Divergence) -> String {
    let ways: Vec<String> = divergence
        .signatures
        .iter()
        .map(Signature::to_string)
        .collect();
    ways.join(", or ")
}
