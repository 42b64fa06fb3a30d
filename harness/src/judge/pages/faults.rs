//! Makes one page of all clauses that one fault breaks.

use std::collections::BTreeSet;

use crate::history::OperationId;
use crate::judge::{AlsoBroken, FailurePage};

/// The page of one broken clause.
pub(super) struct ClausePage {
    pub(super) page: FailurePage,
    /// The operations that prove the break, and the puts and gets of their items.
    pub(super) operations: BTreeSet<OperationId>,
}

/// Returns a page for each fault. Clauses with a common operation are of one fault.
pub(super) fn pages(clauses: Vec<ClausePage>) -> Vec<FailurePage> {
    let mut faults: Vec<(BTreeSet<OperationId>, Vec<FailurePage>)> = Vec::new();
    for ClausePage {
        page,
        mut operations,
    } in clauses
    {
        let (same, others): (Vec<_>, Vec<_>) = faults
            .into_iter()
            .partition(|(known, _)| !known.is_disjoint(&operations));
        let mut pages = Vec::new();
        for (known, of_fault) in same {
            operations.extend(known);
            pages.extend(of_fault);
        }
        pages.push(page);
        faults = others;
        faults.push((operations, pages));
    }
    faults
        .into_iter()
        .filter_map(|(_, pages)| one(pages))
        .collect()
}

/// Returns the page that names the fault best, with the clauses of the others below it.
fn one(mut pages: Vec<FailurePage>) -> Option<FailurePage> {
    pages.sort_by_key(|page| generality(&page.invariant));
    let mut pages = pages.into_iter();
    let mut first = pages.next()?;
    for page in pages {
        // The remarks about messages are those of the first page, or of operations that it doesn't show.
        let new = page.notes.into_iter();
        let new: Vec<String> = new.filter(|note| !first.notes.contains(note)).collect();
        first.notes.extend(new);
        first.also.extend(page.clause.map(|clause| AlsoBroken {
            clause,
            invariant: page.invariant,
            expected: page.expected,
            actual: page.actual,
        }));
    }
    Some(first)
}

/// Returns how little an invariant says about the fault itself: first those that follow the messages,
/// then those about what a case does to processes, and last those that see only a result.
fn generality(invariant: &str) -> u8 {
    match invariant {
        "delivery" | "boundary" | "values" | "snapshot" | "stream" => 0,
        "end" | "inheritance" => 1,
        "kill" | "pause" | "giving-up" | "bound" | "linearizable" => 3,
        "expectation" => 4,
        "progress" => 5,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn page(invariant: &str, operations: &[usize]) -> ClausePage {
        let operations = operations.iter().map(|index| OperationId {
            process: 0,
            index: *index,
        });
        ClausePage {
            page: FailurePage {
                clause: Some(format!("clause.of.{invariant}").as_str().into()),
                invariant: invariant.to_owned(),
                span: None,
                expected: "this".to_owned(),
                actual: "that".to_owned(),
                events: Vec::new(),
                stderr: Vec::new(),
                notes: vec!["a note".to_owned()],
                also: Vec::new(),
            },
            operations: operations.collect(),
        }
    }

    /// Returns the invariants of each page.
    fn grouped(clauses: Vec<ClausePage>) -> Vec<Vec<String>> {
        let of_page = |page: &FailurePage| page.clauses().map(|(_, by)| by.to_owned()).collect();
        pages(clauses).iter().map(of_page).collect()
    }

    #[rstest]
    #[case::a_common_operation([("order", vec![1, 2]), ("delivery", vec![2, 3])], vec![vec!["delivery", "order"]])]
    #[case::no_common_operation([("order", vec![1]), ("delivery", vec![2])], vec![vec!["order"], vec!["delivery"]])]
    #[case::a_hang_is_named_last([("progress", vec![1]), ("flush", vec![1])], vec![vec!["flush", "progress"]])]
    #[case::equally_good_names_keep_their_order([("order", vec![1]), ("flush", vec![1])], vec![vec!["order", "flush"]])]
    fn clauses_with_a_common_operation_have_one_page(
        #[case] clauses: [(&str, Vec<usize>); 2],
        #[case] expected: Vec<Vec<&str>>,
    ) {
        let clauses = clauses.map(|(invariant, operations)| page(invariant, &operations));
        assert_eq!(grouped(clauses.into()), expected);
    }

    #[test]
    fn a_clause_can_join_two_others() {
        let clauses = vec![
            page("order", &[1]),
            page("flush", &[2]),
            page("end", &[1, 2]),
        ];
        assert_eq!(grouped(clauses), [["end", "order", "flush"]]);
    }

    #[test]
    fn a_note_of_several_clauses_is_shown_once() {
        let pages = pages(vec![page("order", &[1]), page("delivery", &[1])]);
        assert_eq!(pages[0].notes, ["a note"]);
    }
}
