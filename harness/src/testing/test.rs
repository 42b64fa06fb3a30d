//! A test of a test program, and which tests its arguments choose.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::arguments::{Arguments, Ignored};

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    /// Ignored, with the reason if it showed only when the test ran.
    Ignored(Option<String>),
    /// Failed, with what people read.
    Failed(String),
}

type Run = Box<dyn FnOnce() -> Outcome + Send>;

/// A test.
pub(super) struct Test {
    pub(super) name: String,
    pub(super) is_ignored: bool,
    run: Run,
}

impl Test {
    pub(super) fn new(
        name: impl Into<String>,
        run: impl FnOnce() -> Outcome + Send + 'static,
    ) -> Test {
        Test {
            name: name.into(),
            is_ignored: false,
            run: Box::new(run),
        }
    }

    /// Makes the test one that runs only if the arguments ask for ignored tests.
    pub(super) fn ignored(mut self) -> Test {
        self.is_ignored = true;
        self
    }

    /// Returns whether the arguments choose this test. A chosen test may still be ignored.
    pub(super) fn is_chosen(&self, arguments: &Arguments) -> bool {
        let matches = |filter: &String| match arguments.is_exact {
            true => self.name == *filter,
            false => self.name.contains(filter),
        };
        let is_named = arguments.filters.is_empty() || arguments.filters.iter().any(matches);
        let is_skipped = arguments.skipped.iter().any(matches);
        let is_left_out = arguments.ignored == Ignored::Only && !self.is_ignored;
        is_named && !is_skipped && !is_left_out
    }

    /// Runs this test, unless the arguments ignore it. A panic is a failure.
    pub(super) fn outcome(self, arguments: &Arguments) -> Outcome {
        if self.is_ignored && arguments.ignored == Ignored::Without {
            return Outcome::Ignored(None);
        }
        catch_unwind(AssertUnwindSafe(self.run))
            .unwrap_or_else(|payload| Outcome::Failed(panicked(&*payload)))
    }
}

fn panicked(payload: &(dyn Any + Send)) -> String {
    let said = payload.downcast_ref::<&str>().copied();
    let said = said.or_else(|| payload.downcast_ref::<String>().map(|said| &**said));
    match said {
        Some(said) => format!("test panicked: {said}"),
        None => "test panicked".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn asked(words: &str) -> Arguments {
        Arguments::parse(words.split_whitespace().map(str::to_owned)).unwrap()
    }

    #[rstest]
    #[case::all("", "plain other ignored")]
    #[case::part("ain", "plain")]
    #[case::several("ain ther", "plain other")]
    #[case::exact("--exact plain oth", "plain")]
    #[case::skipped("--skip lain", "other ignored")]
    #[case::skipped_exactly("--exact --skip plai --skip other", "plain ignored")]
    #[case::only_ignored("--ignored", "ignored")]
    #[case::with_ignored("--include-ignored", "plain other ignored")]
    fn arguments_choose(#[case] words: &str, #[case] expected: &str) {
        let tests = ["plain", "other"].map(|name| Test::new(name, || Outcome::Passed));
        let ignored = Test::new("ignored", || Outcome::Passed).ignored();
        let chosen = tests.into_iter().chain([ignored]);
        let chosen = chosen.filter(|test| test.is_chosen(&asked(words)));
        let names: Vec<String> = chosen.map(|test| test.name).collect();
        assert_eq!(names.join(" "), expected);
    }

    #[rstest]
    #[case::usually("", Outcome::Ignored(None))]
    #[case::only_ignored("--ignored", Outcome::Passed)]
    #[case::with_ignored("--include-ignored", Outcome::Passed)]
    fn an_ignored_test_runs_if_it_is_asked_for(#[case] words: &str, #[case] expected: Outcome) {
        let test = Test::new("ignored", || Outcome::Passed).ignored();
        assert_eq!(test.outcome(&asked(words)), expected);
    }

    #[test]
    fn a_panic_is_a_failure() {
        let test = Test::new("panics", || panic!("at {}", "once"));
        let failed = Outcome::Failed("test panicked: at once".to_owned());
        assert_eq!(test.outcome(&asked("")), failed);
    }
}
