//! The arguments of a test program, as `cargo test`, cargo-nextest and people give them.

use std::num::NonZeroUsize;

/// What the help prints.
pub(super) const HELP: &str = "\
Usage: [OPTIONS] [FILTER]...

Runs the tests whose names contain one of the filters, or all tests.

Options:
      --list                        List the tests, and run none
      --exact                       Run the tests whose names are filters
      --skip FILTER                 Skip the tests whose names contain this filter
      --ignored                     Run only ignored tests
      --include-ignored             Run ignored tests too
      --test-threads NUMBER         How many tests run at once
      --format pretty|terse|json    A line for each test, a character, or JSON
  -q, --quiet                       The same as --format terse
      --color auto|always|never     When to use colours
      --nocapture, --no-capture, --show-output, --test, --bench, -Z OPTION
                                    Accepted, without an effect
  -h, --help                        Print this
";

/// The arguments of a test program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    /// The names of tests, or parts of them; none for all tests.
    pub(super) filters: Vec<String>,
    /// The same for tests that aren't run.
    pub(super) skipped: Vec<String>,
    /// Whether a filter is a whole name.
    pub(super) is_exact: bool,
    /// Whether the tests are listed and not run.
    pub(super) lists: bool,
    /// Whether the help is printed, and no test is run.
    pub(super) helps: bool,
    /// Which tests run, of those that are ignored and those that aren't.
    pub(super) ignored: Ignored,
    /// How many tests run at once; none for the default.
    pub(super) threads: Option<NonZeroUsize>,
    pub(super) format: Format,
    pub(super) color: Color,
}

/// Which tests run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ignored {
    /// Those that aren't ignored.
    #[default]
    Without,
    /// All.
    With,
    /// Those that are ignored.
    Only,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// A line for each test.
    #[default]
    Pretty,
    /// A character for each test.
    Terse,
    /// A line of JSON for each event.
    Json,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Color {
    /// If the output is a terminal.
    #[default]
    Auto,
    Always,
    Never,
}

impl Arguments {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// What is wrong with a word, and what to do, for people.
    pub(super) fn parse(words: impl IntoIterator<Item = String>) -> Result<Arguments, String> {
        let mut arguments = Arguments::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                arguments.filters.push(word);
                continue;
            }
            let (option, mut value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value.to_owned())),
                None => (&*word, None),
            };
            let mut take = || {
                let value = value.take().or_else(|| words.next());
                value.ok_or_else(|| format!("{option} has no value; --help lists the options"))
            };
            match option {
                "--list" => arguments.lists = true,
                "--exact" => arguments.is_exact = true,
                "--ignored" => arguments.ignored = Ignored::Only,
                "--include-ignored" => arguments.ignored = Ignored::With,
                "--skip" => arguments.skipped.push(take()?),
                "--test-threads" => arguments.threads = Some(number(option, &take()?)?),
                "--format" => arguments.format = format(&take()?)?,
                "-q" | "--quiet" => arguments.format = Format::Terse,
                "--color" => arguments.color = color(&take()?)?,
                "-h" | "--help" => arguments.helps = true,
                "-Z" => drop(take()?),
                "--nocapture" | "--no-capture" | "--show-output" | "--test" | "--bench" => {}
                _ if option.starts_with("-Z") => {}
                _ => return Err(format!("no option is called {option}; --help lists them")),
            }
            if value.is_some() {
                return Err(format!("{option} has a value, but takes none"));
            }
        }
        Ok(arguments)
    }
}

fn number(option: &str, value: &str) -> Result<NonZeroUsize, String> {
    let wrong = |_| format!("{option} must be a number from 1, and is {value}");
    value.parse().map_err(wrong)
}

fn format(value: &str) -> Result<Format, String> {
    match value {
        "pretty" => Ok(Format::Pretty),
        "terse" => Ok(Format::Terse),
        "json" => Ok(Format::Json),
        _ => Err(format!(
            "--format must be pretty, terse or json, and is {value}"
        )),
    }
}

fn color(value: &str) -> Result<Color, String> {
    match value {
        "auto" => Ok(Color::Auto),
        "always" => Ok(Color::Always),
        "never" => Ok(Color::Never),
        _ => Err(format!(
            "--color must be auto, always or never, and is {value}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[rstest]
    #[case::nothing(&[], |_: &mut Arguments| {})]
    #[case::several_filters(&["a", "b"], |it: &mut Arguments| it.filters = vec!["a".into(), "b".into()])]
    #[case::as_nextest_lists(&["--list", "--format", "terse", "--ignored"], |it: &mut Arguments| {
        (it.lists, it.format, it.ignored) = (true, Format::Terse, Ignored::Only);
    })]
    #[case::as_nextest_runs(&["a", "--nocapture", "--exact"], |it: &mut Arguments| {
        (it.filters, it.is_exact) = (vec!["a".into()], true);
    })]
    #[case::as_an_editor_runs(&["--format=json", "-Z", "unstable-options", "--show-output"], |it: &mut Arguments| {
        it.format = Format::Json;
    })]
    #[case::joined_unstable(&["-Zunstable-options"], |_: &mut Arguments| {})]
    #[case::values(&["--skip=a", "--skip", "b", "--test-threads", "3", "--color=never"], |it: &mut Arguments| {
        it.skipped = vec!["a".into(), "b".into()];
        (it.threads, it.color) = (NonZeroUsize::new(3), Color::Never);
    })]
    #[case::quiet(&["-q"], |it: &mut Arguments| it.format = Format::Terse)]
    #[case::all(&["--include-ignored"], |it: &mut Arguments| it.ignored = Ignored::With)]
    #[case::help(&["-h"], |it: &mut Arguments| it.helps = true)]
    fn words_mean(#[case] words: &[&str], #[case] change: fn(&mut Arguments)) {
        let mut expected = Arguments::default();
        change(&mut expected);
        assert_eq!(parse(words), Ok(expected));
    }

    #[rstest]
    #[case::unknown(&["--frobnicate"], "no option is called --frobnicate; --help lists them")]
    #[case::no_value(&["--skip"], "--skip has no value; --help lists the options")]
    #[case::a_value(&["--list=yes"], "--list has a value, but takes none")]
    #[case::no_number(
        &["--test-threads=0"],
        "--test-threads must be a number from 1, and is 0"
    )]
    #[case::format(&["--format", "x"], "--format must be pretty, terse or json, and is x")]
    #[case::color(&["--color", "x"], "--color must be auto, always or never, and is x")]
    fn a_wrong_word_is_an_error(#[case] words: &[&str], #[case] why: &str) {
        assert_eq!(parse(words), Err(why.to_owned()));
    }
}
