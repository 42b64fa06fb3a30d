//! The findings of invariants about a made-up history.

use super::*;
use crate::history::connections;

/// The findings of invariants.
impl HistoryBuilder {
    pub(crate) fn findings(&self, invariant: &Invariant) -> Vec<Finding> {
        self.met(|evidence| (invariant.judge)(evidence))
    }

    pub(crate) fn all_findings(&self) -> Vec<Finding> {
        self.met(invariant::judge)
    }

    /// Applies `say` to the evidence, in which each connection is a channel of its own.
    fn met<T>(&self, say: impl FnOnce(&Evidence<'_>) -> T) -> T {
        let mut permutation = self.permutation.clone();
        let mut history = self.history.clone();
        if let Some((plan, met)) = connections::resolved(&permutation.plan, &history) {
            permutation.plan = plan;
            history = met;
        }
        say(&Evidence::new(&permutation, &history, &self.capabilities))
    }

    /// Returns the clauses that any invariant finds broken, each once.
    pub(crate) fn broken(&self) -> Vec<String> {
        let findings = self.all_findings();
        let broken = findings
            .iter()
            .filter(|finding| matches!(finding.state, FindingState::Broken(_)));
        let mut clauses: Vec<_> = broken.map(|finding| finding.clause.to_string()).collect();
        clauses.sort();
        clauses.dedup();
        clauses
    }

    /// Returns the history with one operation a line, for the message of a failed test.
    pub(crate) fn summary(&self) -> String {
        let line = |(id, op): (OperationId, &Operation)| {
            let process = self.permutation.plan.processes[id.process].name();
            let item = op
                .content
                .map_or(String::new(), |content| content.to_string());
            let (kind, outcome) = (op.kind, op.outcome);
            let (start, returned) = (op.start, op.returned);
            format!("{process} {kind:?} {item} {start}..{returned:?} {outcome:?}\n")
        };
        self.history.operations().map(line).collect()
    }

    /// Asserts the finding of the invariant about the clause, in a case that lists it.
    #[track_caller]
    pub(crate) fn check(&self, invariant: &Invariant, clause: &str, expect: Expect) {
        let findings = self.clone().lists(clause).findings(invariant);
        for finding in &findings {
            let known = invariant.clauses.contains(&finding.clause.as_str());
            assert!(known, "{} doesn't list {}", invariant.name, finding.clause);
        }
        let of_clause = |finding: &&Finding| finding.clause.as_str() == clause;
        let states: Vec<_> = findings
            .iter()
            .filter(of_clause)
            .map(|f| &f.state)
            .collect();
        let found = match states[..] {
            [FindingState::Untried { .. }] => Expect::Untried,
            [FindingState::TooSlow { .. }] => Expect::TooSlow,
            [FindingState::Upheld { evidence }] => Expect::Upheld(*evidence),
            _ => Expect::Broken(states.len()),
        };
        assert_eq!(found, expect, "{clause}: {findings:#?}");
    }

    /// Returns the first witness that the clause is broken.
    #[track_caller]
    pub(crate) fn witness(&self, invariant: &Invariant, clause: &str) -> Witness {
        let findings = self.findings(invariant);
        let witness = findings.iter().find_map(|finding| match &finding.state {
            FindingState::Broken(witness) if finding.clause.as_str() == clause => {
                Some(witness.clone())
            }
            _ => None,
        });
        witness.unwrap_or_else(|| panic!("{clause} isn't broken: {findings:#?}"))
    }
}
