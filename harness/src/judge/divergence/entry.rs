//! An entry of a file of divergences, and the divergences that follow from it.

use std::sync::Arc;

use super::{Divergence, Review, Shows, Signature, When, WildcardPattern};
use crate::backend::Key;
use crate::case::{Span, Spanned};
use crate::clause::ClauseId;
use crate::judge::FileLine;

/// One entry of a file: one cause, and where it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The backends; `*` stands for any text.
    pub(crate) backends: Vec<Spanned<WildcardPattern>>,
    /// The cases or permutations.
    pub(crate) cases: Vec<Spanned<WildcardPattern>>,
    /// The clauses.
    pub(crate) clauses: Vec<Spanned<ClauseId>>,
    /// The circumstances.
    pub(crate) when: When,
    /// The ways in which the clauses break.
    pub(crate) signatures: Vec<LimitedSignature>,
    /// Whether it shows in every run.
    pub(crate) shows: Shows,
    /// The cause.
    pub(crate) review: Arc<Review>,
    /// Where the entry begins.
    pub(crate) place: FileLine,
}

/// A signature, and the part of the entry that it is about: all of it without limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LimitedSignature {
    pub(crate) signature: Signature,
    /// The backends, by their keys.
    pub(crate) backends: Vec<WildcardPattern>,
    /// The cases, by their patterns in the entry. One that is written like a case of the entry stands
    /// for that case only.
    pub(crate) cases: Vec<WildcardPattern>,
    /// The clauses.
    pub(crate) clauses: Vec<WildcardPattern>,
    /// Where it is in the file.
    pub(crate) span: Span,
}

impl Entry {
    /// Returns the divergences of this backend, which the entry names: one for each case and clause
    /// that some signature is about.
    pub(crate) fn of(&self, backend: &Key) -> Vec<Divergence> {
        let pairs = self.cases.iter().flat_map(|case| {
            let clauses = self.clauses.iter();
            clauses.map(move |clause| (case, clause))
        });
        let divergences = pairs.map(|(case, clause)| Divergence {
            backend: backend.clone(),
            clause: clause.clone(),
            case: case.clone(),
            when: self.when.clone(),
            signatures: self.signatures(backend, case, clause),
            shows: self.shows,
            review: Arc::clone(&self.review),
            place: self.place.clone(),
        });
        let mut divergences: Vec<Divergence> = divergences.collect();
        divergences.retain(|divergence| !divergence.signatures.is_empty());
        divergences
    }

    fn signatures(
        &self,
        backend: &Key,
        case: &WildcardPattern,
        clause: &ClauseId,
    ) -> Vec<Signature> {
        let signatures = self.signatures.iter();
        let of_it = signatures.filter(|limited| limited.is_about(self, backend, case, clause));
        of_it.map(|limited| limited.signature.clone()).collect()
    }
}

impl LimitedSignature {
    /// Whether it says how the clause breaks in this case of the entry, on this backend.
    pub(super) fn is_about(
        &self,
        entry: &Entry,
        backend: &Key,
        case: &WildcardPattern,
        clause: &ClauseId,
    ) -> bool {
        let is_of_entry = |limit: &WildcardPattern| entry.cases.iter().any(|one| **one == *limit);
        let is_case = |limit: &WildcardPattern| match is_of_entry(limit) {
            true => limit == case,
            false => limit.matches(case.as_str()),
        };
        let any = |limits: &[WildcardPattern], is_it: &dyn Fn(&WildcardPattern) -> bool| {
            limits.is_empty() || limits.iter().any(is_it)
        };
        any(&self.backends, &|limit| limit.matches(&backend.to_string()))
            && any(&self.cases, &is_case)
            && any(&self.clauses, &|limit| limit.matches(clause.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Kind;
    use crate::judge::divergence::file::tests::entry;
    use rstest::rstest;

    const LISTS: &str = "cases = [\"pipe/a\", \"pipe/b\", \"*\"]\nclauses = [\"one\", \"two\"]\n";

    /// Returns what an entry with these signatures records, in words.
    fn records(signature: &str) -> Vec<String> {
        let entry = entry(&format!("{LISTS}signature = {signature}"));
        let divergences = entry.of(&Key::new(Kind::Pipe, "some/library"));
        let words = divergences.iter().map(|one| {
            let ways: Vec<String> = one.signatures.iter().map(Signature::to_string).collect();
            format!(
                "{} {}: {}",
                one.case.value,
                one.clause.value,
                ways.join(", ")
            )
        });
        words.collect()
    }

    const END: &str = "step = \"recv p.rx\", outcome = \"end\"";

    #[test]
    fn a_signature_without_limits_is_about_every_case_and_clause() {
        assert_eq!(
            records(&format!("{{ {END} }}")),
            [
                "pipe/a one: recv p.rx -> end",
                "pipe/a two: recv p.rx -> end",
                "pipe/b one: recv p.rx -> end",
                "pipe/b two: recv p.rx -> end",
                "* one: recv p.rx -> end",
                "* two: recv p.rx -> end",
            ]
        );
    }

    #[rstest]
    #[case::a_clause("clauses = \"one\"", &["pipe/a one", "pipe/b one", "* one"])]
    #[case::a_case("cases = [\"pipe/b\"]", &["pipe/b one", "pipe/b two"])]
    #[case::a_pattern("cases = \"*/a\", clauses = \"t*\"", &["pipe/a two"])]
    #[case::a_case_and_not_those_that_it_matches("cases = \"*\"", &["* one", "* two"])]
    #[case::another_backend("backends = \"queue:*\"", &[])]
    #[case::its_backend("backends = \"pipe:*\", clauses = \"one\", cases = \"pipe/a\"", &["pipe/a one"])]
    fn a_limited_signature_is_about_a_part(#[case] limit: &str, #[case] expected: &[&str]) {
        let records = records(&format!("{{ {limit}, {END} }}"));
        let expected: Vec<String> = expected
            .iter()
            .map(|one| format!("{one}: recv p.rx -> end"))
            .collect();
        assert_eq!(records, expected);
    }
}
