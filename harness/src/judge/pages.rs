//! The pages of what went wrong in a run.

use crate::clause::ClauseId;
use crate::judge::divergence::{Divergence, Signature};
use crate::judge::explain::Explainer;
use crate::judge::golden::compare::Difference;
use crate::judge::invariant::Evidence;
use crate::judge::verdict::Duties;
use crate::judge::{Break, ClauseVerdict, FailurePage, Finding, State, Verdict, WaitFor};

/// Explains one run's findings.
pub(super) struct Pages<'a> {
    /// Made only where there is something to explain.
    explainer: Option<Explainer<'a>>,
    evidence: &'a Evidence<'a>,
    /// What is broken.
    findings: Vec<&'a Finding>,
    /// How.
    breaks: Vec<(ClauseId, Break)>,
    duties: &'a Duties<'a>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(
        evidence: &'a Evidence<'a>,
        findings: &'a [Finding],
        duties: &'a Duties<'a>,
    ) -> Pages<'a> {
        let is_broken = |finding: &&Finding| matches!(finding.state, State::Broken(_));
        let findings: Vec<&Finding> = findings.iter().filter(is_broken).collect();
        let explainer = (!findings.is_empty()).then(|| Explainer::new(evidence));
        let breaks = explainer.iter().flat_map(|explainer| {
            findings.iter().flat_map(|finding| {
                let how = explainer.how(finding).into_iter();
                how.map(|broke| (finding.clause.clone(), broke))
            })
        });
        Pages {
            breaks: breaks.collect(),
            explainer,
            evidence,
            findings,
            duties,
        }
    }

    /// How each clause broke that did.
    pub(super) fn breaks(&self) -> &[(ClauseId, Break)] {
        &self.breaks
    }

    /// Who waits for whom, where the harness had to end the run.
    pub(super) fn wait_for(&mut self) -> Option<WaitFor> {
        if self.evidence.completed() {
            return None;
        }
        let explainer = &mut self.explainer;
        let explainer = explainer.get_or_insert_with(|| Explainer::new(self.evidence));
        explainer.wait_for()
    }

    /// One page for each clause that fails, or that holds though a divergence says that it never
    /// does; and one for a golden that differs where no clause explains it.
    pub(super) fn of(
        &mut self,
        verdict: Verdict,
        clauses: &[ClauseVerdict],
        difference: Option<&Difference>,
    ) -> Vec<FailurePage> {
        let mut pages: Vec<FailurePage> = clauses
            .iter()
            .filter_map(|clause| match clause.verdict {
                Verdict::Fail => self.failure(&clause.clause),
                Verdict::UnexpectedPass => self.unexpected_pass(clause),
                _ => None,
            })
            .collect();
        let is_doubtful = pages.is_empty() && verdict == Verdict::Unknown;
        if let (true, Some(difference)) = (is_doubtful, difference) {
            let explainer = &mut self.explainer;
            let explainer = explainer.get_or_insert_with(|| Explainer::new(self.evidence));
            pages.push(explainer.golden(&difference.diff));
        }
        pages
    }

    /// By the first invariant that found the clause broken; where a divergence is recorded, by the
    /// first that found it broken in another way.
    fn failure(&mut self, clause: &ClauseId) -> Option<FailurePage> {
        let explainer = self.explainer.as_mut()?;
        let divergence = self.duties.divergence(clause);
        let is_news = |broke: &Break| divergence.is_none_or(|known| !known.fits(broke));
        let of_clause = self
            .findings
            .iter()
            .filter(|finding| finding.clause == *clause);
        let mut news = of_clause.filter_map(|finding| {
            let broke = explainer.how(finding).into_iter().find(is_news)?;
            Some((*finding, broke))
        });
        let (finding, broke) = news.next()?;
        let mut page = explainer.page(finding)?;
        if let Some(divergence) = divergence {
            page.notes.push(unlike(divergence, &broke));
        }
        Some(page)
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
            actual: format!("it was put to the test {times}, and held"),
            events: Vec::new(),
            stderr: Vec::new(),
            notes: vec![format!(
                "remove the divergence at {place}, or say by `case` and `when` where it still shows"
            )],
        })
    }
}

/// How a break differs from what was reviewed.
fn unlike(divergence: &Divergence, broke: &Break) -> String {
    let (place, ways) = (&divergence.place, ways(divergence));
    let broke = Signature::of(broke);
    format!("{place} records another break: {ways}; this one is {broke}")
}

fn ways(divergence: &Divergence) -> String {
    let ways: Vec<String> = divergence
        .signatures
        .iter()
        .map(Signature::to_string)
        .collect();
    ways.join(", or ")
}
