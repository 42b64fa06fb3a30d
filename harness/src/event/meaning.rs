//! What each verdict means: the state that a reader sees, and the exit code.

use super::ExitCode;
use crate::judge::Verdict;

/// What a reader sees of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// The library keeps the promise.
    Kept,
    /// The promise holds, but only with the help of the adapter.
    KeptWithHelp,
    /// The library documents that it behaves otherwise.
    DocumentedOtherwise,
    /// The library breaks the promise, as a reviewed divergence says.
    BrokenAsReviewed,
    /// The library breaks the promise, and no divergence records it.
    Broken,
    /// The run doesn't show whether the library keeps the promise.
    Unknown,
    /// The library doesn't make the promise, or can't be asked here.
    NotApplicable,
}

/// What a verdict means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// What a reader sees.
    pub(crate) state: State,
    /// The exit code of a run in which every trial has this verdict.
    pub(crate) code: ExitCode,
}

impl State {
    /// All states, the worst first.
    pub(crate) const ALL: [State; 7] = [
        State::Broken,
        State::BrokenAsReviewed,
        State::Unknown,
        State::DocumentedOtherwise,
        State::KeptWithHelp,
        State::Kept,
        State::NotApplicable,
    ];

    /// Returns its word in addresses and data.
    pub(crate) fn key(self) -> &'static str {
        match self {
            State::Kept => "kept",
            State::KeptWithHelp => "help",
            State::DocumentedOtherwise => "documented",
            State::BrokenAsReviewed => "reviewed",
            State::Broken => "broken",
            State::Unknown => "unknown",
            State::NotApplicable => "n/a",
        }
    }

    /// Returns its sign in a matrix.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            State::Kept => "✓",
            State::KeptWithHelp => "◐",
            State::DocumentedOtherwise => "§",
            State::BrokenAsReviewed => "≠",
            State::Broken => "✗",
            State::Unknown => "?",
            State::NotApplicable => "·",
        }
    }

    /// Returns its words in reports.
    pub(crate) fn words(self) -> &'static str {
        match self {
            State::Kept => "kept",
            State::KeptWithHelp => "kept with the adapter's help",
            State::DocumentedOtherwise => "documented otherwise",
            State::BrokenAsReviewed => "broken, as reviewed",
            State::Broken => "broken",
            State::Unknown => "unknown",
            State::NotApplicable => "n/a",
        }
    }
}

/// Returns what a verdict means. With `composed`, the trial needed a capability that the adapter
/// adds to the library.
///
/// The verdict says whose doing it is: the library's, the adapter's, the case's or the harness's.
pub(crate) fn meaning(verdict: Verdict, composed: bool) -> Meaning {
    let (state, code) = match verdict {
        Verdict::Pass if composed => (State::KeptWithHelp, ExitCode::AsExpected),
        Verdict::Pass => (State::Kept, ExitCode::AsExpected),
        Verdict::Documented => (State::DocumentedOtherwise, ExitCode::AsExpected),
        Verdict::Diverges => (State::BrokenAsReviewed, ExitCode::AsExpected),
        // The library keeps the promise; its divergence is out of date.
        Verdict::UnexpectedPass => (State::Kept, ExitCode::Broken),
        Verdict::Fail => (State::Broken, ExitCode::Broken),
        Verdict::Unknown => (State::Unknown, ExitCode::Inconclusive),
        Verdict::AdapterError => (State::Unknown, ExitCode::Adapter),
        Verdict::CaseError => (State::Unknown, ExitCode::Usage),
        Verdict::HarnessError => (State::Unknown, ExitCode::Harness),
        Verdict::Unpromised => (State::NotApplicable, ExitCode::AsExpected),
        Verdict::NotApplicable | Verdict::Unavailable => {
            (State::NotApplicable, ExitCode::NothingToRun)
        }
    };
    Meaning { state, code }
}

/// Returns what a verdict says, in a sentence.
pub(crate) fn about(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "Every promise that the case lists was tested and held.",
        Verdict::Documented => {
            "A promise didn't hold, and a document that the library publishes says so, as a reviewed divergence quotes."
        }
        Verdict::Diverges => "A promise was broken exactly as a reviewed divergence says.",
        Verdict::Fail => {
            "A promise was broken. The failure page shows the operations that prove it."
        }
        Verdict::UnexpectedPass => "A promise held that a divergence calls always broken.",
        Verdict::Unpromised => "Something didn't hold that the library doesn't promise.",
        Verdict::NotApplicable => "The backend declares that it can't do what the case needs.",
        Verdict::Unavailable => "The backend isn't available on this machine.",
        Verdict::Unknown => {
            "There is too little evidence, the golden is missing or differs although no judge found a break, or the machine was too slow or had too little."
        }
        Verdict::AdapterError => {
            "An adapter violated its protocol or failed, or a backend failed before the first operation. The report says how."
        }
        Verdict::CaseError => {
            "The case contradicts itself, which shows only in its run. The report shows the line."
        }
        Verdict::HarnessError => "The harness itself failed.",
    }
}

impl ExitCode {
    /// Returns the code of a run with so many trials of each verdict.
    pub fn of(counts: &[(Verdict, usize)]) -> ExitCode {
        let seen = counts.iter().filter(|(_, n)| *n > 0);
        let codes = seen.map(|(verdict, _)| meaning(*verdict, false).code);
        // What didn't run matters only if nothing ran.
        codes
            .filter(|code| *code != ExitCode::NothingToRun)
            .reduce(ExitCode::worse)
            .unwrap_or(ExitCode::NothingToRun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const PAGE: &str = include_str!("../../book/src/verdicts.md");

    /// Returns the cells of a table in the book.
    fn table(head: &str) -> Vec<Vec<String>> {
        let table = PAGE.split_once(head).unwrap().1;
        let rows = table
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        let cells = |row: &str| {
            let cells = row.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        };
        rows.map(cells).collect()
    }

    /// Returns the rows of the table in the book: verdict, state and exit code.
    fn rows() -> Vec<(String, String, String)> {
        let rows = table("| Verdict | Whose doing |").into_iter();
        rows.map(|row| {
            let [verdict, _, state, code] = <[String; 4]>::try_from(row).unwrap();
            (verdict, state, code)
        })
        .collect()
    }

    /// Returns the text without the targets of its links.
    fn unlinked(text: &str) -> String {
        let mut parts = text.split("](");
        let first = parts.next().unwrap_or_default().to_owned();
        let rest = parts.map(|part| part.split_once(')').unwrap().1);
        rest.fold(first, |text, part| text + part).replace('[', "")
    }

    #[test]
    fn the_book_and_explain_say_the_same_about_each_verdict() {
        let mut said: Vec<Vec<String>> = table("| Verdict | Meaning |");
        said.iter_mut().for_each(|row| row[1] = unlinked(&row[1]));
        let of = |verdict: Verdict| vec![verdict.word().to_owned(), about(verdict).to_owned()];
        let mut expected: Vec<Vec<String>> = Verdict::ALL.map(of).into();
        said.sort();
        expected.sort();
        assert_eq!(said, expected);
    }

    #[test]
    fn the_table_of_the_book_says_what_each_verdict_means() {
        let row = |verdict: Verdict, composed: bool| {
            let Meaning { state, code } = meaning(verdict, composed);
            let word = match composed {
                true => format!("{}, composed", verdict.word()),
                false => verdict.word().to_owned(),
            };
            (word, state.words().to_owned(), code.number().to_string())
        };
        let mut expected = vec![row(Verdict::Pass, true)];
        expected.extend(Verdict::ALL.map(|verdict| row(verdict, false)));
        let mut rows = rows();
        expected.sort();
        rows.sort();
        assert_eq!(rows, expected);
    }

    #[rstest]
    #[case::all_pass(&[(Verdict::Pass, 3)], 0)]
    #[case::not_applicable_beside_a_pass(&[(Verdict::Pass, 1), (Verdict::NotApplicable, 2)], 0)]
    #[case::one_fails(&[(Verdict::Pass, 3), (Verdict::Fail, 1), (Verdict::Unknown, 1)], 1)]
    #[case::the_case_is_wrong(&[(Verdict::AdapterError, 1), (Verdict::CaseError, 1)], 2)]
    #[case::an_adapter_failed(&[(Verdict::Fail, 1), (Verdict::AdapterError, 1)], 5)]
    #[case::one_diverges(&[(Verdict::Diverges, 1)], 0)]
    #[case::one_is_documented(&[(Verdict::Documented, 1)], 0)]
    #[case::one_is_unpromised(&[(Verdict::Unpromised, 1)], 0)]
    #[case::one_passes_unexpectedly(&[(Verdict::Pass, 1), (Verdict::UnexpectedPass, 1)], 1)]
    #[case::one_is_unknown(&[(Verdict::Pass, 3), (Verdict::Unknown, 1)], 3)]
    #[case::the_harness_failed(&[(Verdict::Fail, 1), (Verdict::HarnessError, 1)], 70)]
    #[case::a_count_of_zero_is_ignored(&[(Verdict::Pass, 1), (Verdict::Fail, 0)], 0)]
    #[case::no_trials(&[], 4)]
    #[case::nothing_applies(&[(Verdict::NotApplicable, 2), (Verdict::Unavailable, 1)], 4)]
    fn the_code_follows_from_the_verdicts(#[case] counts: &[(Verdict, usize)], #[case] code: u8) {
        assert_eq!(ExitCode::of(counts).number(), code);
    }
}
