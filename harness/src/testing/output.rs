//! Prints the results of tests, as the test programs of Rust's standard harness do.

use std::io::{self, IsTerminal, Write, stdout};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::json;

use super::arguments::{Arguments, Color, Format};
use super::test::{Outcome, Test};
use crate::printable::padded;

/// How many tests had which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) ignored: usize,
    pub(super) filtered_out: usize,
}

/// Prints results in the format that the arguments ask for.
pub(super) struct Output<W> {
    out: W,
    format: Format,
    has_color: bool,
    /// The length of the longest name, in characters.
    width: usize,
    failures: Vec<(String, String)>,
}

/// Returns the standard output, and whether it shows colours. An old console of Windows prints their
/// codes as text, so there they must be asked for.
pub(super) fn standard(color: Color) -> (impl Write, bool) {
    let is_terminal = || {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        cfg!(unix) && stdout().is_terminal() && !no_color
    };
    let has_color = match color {
        Color::Auto => is_terminal(),
        Color::Always => true,
        Color::Never => false,
    };
    (stdout(), has_color)
}

impl<W: Write> Output<W> {
    /// Returns an output for these tests.
    pub(super) fn new(
        (out, has_color): (W, bool),
        arguments: &Arguments,
        tests: &[Test],
    ) -> Output<W> {
        let widths = tests.iter().map(|test| test.name.chars().count());
        Output {
            out,
            format: arguments.format,
            has_color,
            width: widths.max().unwrap_or(0),
            failures: Vec::new(),
        }
    }

    /// Prints the names, in the form that test runners read.
    pub(super) fn list(&mut self, tests: &[Test]) -> io::Result<()> {
        let mut lines = tests.iter();
        lines.try_for_each(|test| writeln!(self.out, "{}: test", test.name))
    }

    /// Prints how many tests will run.
    pub(super) fn begin(&mut self, count: usize) -> io::Result<()> {
        match self.format {
            Format::Json => {
                self.event(json!({ "type": "suite", "event": "started", "test_count": count }))
            }
            Format::Pretty | Format::Terse => {
                let plural = if count == 1 { "" } else { "s" };
                writeln!(self.out, "\nrunning {count} test{plural}")
            }
        }
    }

    /// Prints how one test ended.
    pub(super) fn outcome(&mut self, name: String, outcome: Outcome) -> io::Result<()> {
        let (word, letter, color) = match &outcome {
            Outcome::Passed => ("ok", '.', AnsiColor::Green),
            Outcome::Ignored(_) => ("ignored", 'i', AnsiColor::Yellow),
            Outcome::Failed(_) => ("FAILED", 'F', AnsiColor::Red),
        };
        let style = color.on_default();
        match self.format {
            Format::Pretty => {
                let why = match &outcome {
                    Outcome::Ignored(Some(why)) => format!(" ({why})"),
                    _ => String::new(),
                };
                let word = self.painted(style, &format!("{word}{why}"));
                let name = padded(&name, self.width);
                writeln!(self.out, "test {name} ... {word}")?;
            }
            Format::Terse => {
                let letter = self.painted(style, &letter.to_string());
                write!(self.out, "{letter}")?;
            }
            Format::Json => {
                let mut event =
                    json!({ "type": "test", "name": name, "event": word.to_lowercase() });
                if let Outcome::Failed(why) = &outcome {
                    event["stdout"] = without_colors(why).into();
                }
                self.event(event)?;
            }
        }
        if let Outcome::Failed(why) = outcome {
            self.failures.push((name, why));
        }
        self.out.flush()
    }

    /// Prints the failures, and the counts of all outcomes.
    pub(super) fn end(&mut self, counts: Counts, elapsed: Duration) -> io::Result<()> {
        let Counts {
            passed,
            failed,
            ignored,
            filtered_out,
        } = counts;
        let seconds = elapsed.as_secs_f64();
        if self.format == Format::Json {
            let event = if failed > 0 { "failed" } else { "ok" };
            return self.event(json!({
                "type": "suite", "event": event, "passed": passed, "failed": failed,
                "ignored": ignored, "measured": 0, "filtered_out": filtered_out,
                "exec_time": seconds,
            }));
        }
        self.failures()?;
        let result = match failed {
            0 => self.painted(AnsiColor::Green.on_default(), "ok"),
            _ => self.painted(AnsiColor::Red.on_default(), "FAILED"),
        };
        writeln!(
            self.out,
            "\ntest result: {result}. {passed} passed; {failed} failed; {ignored} ignored; \
             0 measured; {filtered_out} filtered out; finished in {seconds:.2}s\n"
        )
    }

    fn failures(&mut self) -> io::Result<()> {
        if self.failures.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "\nfailures:\n")?;
        for (name, why) in &self.failures {
            let why = match self.has_color {
                true => why.clone(),
                false => without_colors(why),
            };
            writeln!(self.out, "---- {name} ----\n{why}\n")?;
        }
        writeln!(self.out, "\nfailures:")?;
        let mut names = self.failures.iter();
        names.try_for_each(|(name, _)| writeln!(self.out, "    {name}"))
    }

    /// Prints a line for people about all tests.
    pub(super) fn note(&mut self, note: &str) -> io::Result<()> {
        match self.format {
            Format::Json => Ok(()),
            Format::Pretty | Format::Terse => writeln!(self.out, "{note}\n"),
        }
    }

    fn event(&mut self, event: serde_json::Value) -> io::Result<()> {
        writeln!(self.out, "{event}")
    }

    fn painted(&self, style: Style, text: &str) -> String {
        match self.has_color {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }
}

/// Removes the codes of colours from a page. It has no other control characters: texts of others are
/// printable in it.
fn without_colors(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        plain + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn printed(words: &str, has_color: bool) -> String {
        let arguments = Arguments::parse(words.split_whitespace().map(str::to_owned)).unwrap();
        let tests = ["a", "longer", "c"].map(|name| Test::new(name, || Outcome::Passed));
        let mut out = Vec::new();
        let mut output = Output::new((&mut out, has_color), &arguments, &tests);
        output.begin(tests.len()).unwrap();
        let page = format!(
            "{style}red{style:#} \"page\"",
            style = AnsiColor::Red.on_default()
        );
        for (test, outcome) in tests.into_iter().zip([
            Outcome::Passed,
            Outcome::Ignored(Some("too slow".to_owned())),
            Outcome::Failed(page),
        ]) {
            output.outcome(test.name, outcome).unwrap();
        }
        let counts = Counts {
            passed: 1,
            failed: 1,
            ignored: 1,
            filtered_out: 7,
        };
        output.end(counts, Duration::from_millis(1234)).unwrap();
        output.note("a note").unwrap();
        String::from_utf8(out).unwrap()
    }

    #[rstest]
    #[case::pretty("--format=pretty")]
    #[case::terse("--quiet")]
    #[case::json("--format=json")]
    fn results_are_printed_as(#[case] words: &str) {
        let name = format!("results{}", words.replace(['-', '='], "_"));
        insta::assert_snapshot!(name, printed(words, false));
    }

    #[test]
    fn colors_are_the_only_difference() {
        let colored = printed("", true);
        assert_ne!(colored, printed("", false));
        assert_eq!(without_colors(&colored), printed("", false));
    }

    #[test]
    fn a_list_has_a_line_for_each_test() {
        let tests = ["a/b@c", "d"].map(|name| Test::new(name, || Outcome::Passed));
        let mut out = Vec::new();
        let mut output = Output::new((&mut out, false), &Arguments::default(), &tests);
        output.list(&tests).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a/b@c: test\nd: test\n");
    }
}
