//! Runs the tests that the arguments choose, several at once.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::arguments::Arguments;
use super::output::{Counts, Output};
use super::test::{Outcome, Test};

/// Lists or runs the tests that the arguments choose. Returns how they ended. `note` is asked after the
/// last test for a line to print.
///
/// # Errors
/// If the output can't be written.
pub(super) fn run(
    arguments: &Arguments,
    mut tests: Vec<Test>,
    out: (impl Write, bool),
    note: impl FnOnce() -> Option<String>,
) -> io::Result<Counts> {
    let began = Instant::now();
    let mut counts = Counts::default();
    let all = tests.len();
    tests.retain(|test| test.is_chosen(arguments));
    counts.filtered_out = all - tests.len();
    let mut output = Output::new(out, arguments, &tests);
    if arguments.lists {
        output.list(&tests)?;
        return Ok(counts);
    }
    output.begin(tests.len())?;
    let threads = arguments.threads.map_or(1, NonZeroUsize::get);
    each(tests, threads, arguments, |name, outcome| {
        match outcome {
            Outcome::Passed => counts.passed += 1,
            Outcome::Ignored(_) => counts.ignored += 1,
            Outcome::Failed(_) => counts.failed += 1,
        }
        output.outcome(name, outcome)
    })?;
    output.end(counts, began.elapsed())?;
    if let Some(note) = note() {
        output.note(&note)?;
    }
    Ok(counts)
}

/// Runs the tests on this many threads, and reports each on the thread of the caller.
fn each(
    tests: Vec<Test>,
    threads: usize,
    arguments: &Arguments,
    mut report: impl FnMut(String, Outcome) -> io::Result<()>,
) -> io::Result<()> {
    let rest = Mutex::new(tests.into_iter());
    let next = || rest.lock().unwrap_or_else(PoisonError::into_inner).next();
    let (done, results) = channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (done, next) = (done.clone(), &next);
            thread::Builder::new().spawn_scoped(scope, move || {
                while let Some(test) = next() {
                    let name = test.name.clone();
                    // Nothing is received any more if the output can't be written.
                    if done.send((name, test.outcome(arguments))).is_err() {
                        break;
                    }
                }
            })?;
        }
        drop(done);
        results
            .into_iter()
            .try_for_each(|(name, outcome)| report(name, outcome))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn tests() -> Vec<Test> {
        vec![
            Test::new("passes", || Outcome::Passed),
            Test::new("fails", || Outcome::Failed("why".to_owned())),
            Test::new("is ignored", || Outcome::Passed).ignored(),
        ]
    }

    fn ran(words: &str) -> (Counts, String) {
        let arguments = Arguments::parse(words.split_whitespace().map(str::to_owned)).unwrap();
        let mut out = Vec::new();
        let note = || Some("noted".to_owned());
        let counts = run(&arguments, tests(), (&mut out, false), note).unwrap();
        (counts, String::from_utf8(out).unwrap())
    }

    #[rstest]
    #[case::one_thread("", [1, 1, 1, 0])]
    #[case::several_threads("--test-threads=4", [1, 1, 1, 0])]
    #[case::one_test("passes", [1, 0, 0, 2])]
    #[case::with_ignored("--include-ignored", [2, 1, 0, 0])]
    #[case::a_list("--list fails", [0, 0, 0, 2])]
    fn outcomes_are_counted(#[case] words: &str, #[case] expected: [usize; 4]) {
        let (counts, _) = ran(words);
        let Counts {
            passed,
            failed,
            ignored,
            filtered_out,
        } = counts;
        assert_eq!([passed, failed, ignored, filtered_out], expected);
    }

    #[test]
    fn a_list_has_no_note() {
        assert_eq!(ran("--list passes").1, "passes: test\n");
        assert!(ran("passes").1.ends_with("noted\n\n"));
    }
}
