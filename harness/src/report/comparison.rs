//! Comparisons of event logs, as text and as JSON.

use std::fmt::Write as _;

use anstyle::Style;
use table::ComparisonRow;

use super::style::{self, FAINT, STRONG, paint};
use super::words::{counted, width};
use crate::event::comparison::{
    ClauseDifference, Comparison, ErrorDifference, Introduction, LoggedResult, SkippedTrials,
    Unshared,
};
use crate::judge::Verdict;
use crate::printable::{line, padded};

mod table;

/// Returns the comparison as text. Every line ends with a line break.
pub(crate) fn draw(comparison: &Comparison) -> String {
    let page = Page::of(comparison);
    let sections = [
        page.logs(),
        page.introductions(),
        page.differences(),
        page.errors(),
        page.silences(),
        page.apart(),
        page.summary(),
    ];
    let sections = sections.into_iter().filter(|section| !section.is_empty());
    sections.collect::<Vec<_>>().join("\n")
}

/// Returns the comparison as one JSON object in one line.
///
/// # Errors
/// Never happens, because a comparison consists of names, words and numbers.
pub(crate) fn json(comparison: &Comparison) -> serde_json::Result<String> {
    Ok(serde_json::to_string(comparison)? + "\n")
}

struct Page<'a> {
    comparison: &'a Comparison,
    /// The width of the widest label.
    label: usize,
}

impl<'a> Page<'a> {
    fn of(comparison: &'a Comparison) -> Page<'a> {
        let labels = comparison.logs.iter().map(|log| width(&log.label));
        Page {
            comparison,
            label: labels.max().unwrap_or(0),
        }
    }

    fn logs(&self) -> String {
        let mut text = String::new();
        for log in &self.comparison.logs {
            let label = padded(&log.label, self.label);
            let trials = counted(log.trials, "trial");
            let interrupted = if log.interrupted { ", interrupted" } else { "" };
            let about = format!("ipc-conformance {}, {trials}{interrupted}", log.program);
            let path = if log.label.ends_with(&log.path) {
                String::new()
            } else {
                paint(FAINT, format_args!("  ({})", log.path))
            };
            let _ = writeln!(text, "{}  {about}{path}", paint(STRONG, label));
        }
        text
    }

    fn introductions(&self) -> String {
        let introductions = &self.comparison.introductions;
        let mut text = heading("different versions", introductions);
        for Introduction {
            what,
            seen,
            backends,
        } in introductions
        {
            let of = match backends.as_slice() {
                [one] => one.to_string(),
                [first, ..] => format!("{} backends, such as {first}", backends.len()),
                [] => continue,
            };
            let _ = writeln!(text, "  {} of {of}", what.word());
            for (log, seen) in self.comparison.logs.iter().zip(seen) {
                if let Some(seen) = seen {
                    let _ = writeln!(text, "    {}  {seen}", padded(&log.label, self.label));
                }
            }
        }
        text
    }

    fn differences(&self) -> String {
        let row = |difference: &'a ClauseDifference| ComparisonRow {
            backend: &difference.backend,
            name: name(difference),
            cells: difference.seen.iter().map(word).collect(),
            trials: &difference.trials,
            below: self.how(difference),
        };
        let rows = self.comparison.differences.iter().map(row);
        self.table("promises with different results", rows.collect())
    }

    /// Returns a line for each log that says how the promise broke, or why its result is unknown.
    fn how(&self, difference: &ClauseDifference) -> Vec<String> {
        let logs = self.comparison.logs.iter().zip(&difference.seen);
        let lines = logs.filter_map(|(log, seen)| {
            let how = seen.as_ref()?.how.first()?;
            Some(format!("{}: {}", log.label, line(how)))
        });
        lines.collect()
    }

    fn errors(&self) -> String {
        let row = |error: &'a ErrorDifference| ComparisonRow {
            backend: &error.backend,
            name: error.step.clone(),
            cells: error.errors.iter().map(returned).collect(),
            trials: &error.trials,
            below: Vec::new(),
        };
        let rows = self.comparison.errors.iter().map(row);
        self.table("equal verdicts, different errors", rows.collect())
    }

    fn table(&self, words: &str, rows: Vec<ComparisonRow<'_>>) -> String {
        let mut text = heading(words, &rows);
        if !rows.is_empty() {
            let logs = self.comparison.logs.iter();
            let labels: Vec<&str> = logs.map(|log| log.label.as_str()).collect();
            text.push_str(&table::draw(&labels, &rows));
        }
        text
    }

    fn silences(&self) -> String {
        let mut text = heading("not run everywhere", &self.comparison.silences);
        for SkippedTrials {
            backend,
            log,
            trials,
            of,
            why,
        } in &self.comparison.silences
        {
            let label = &self.comparison.logs[*log].label;
            let count = if trials == of {
                "none of its".to_owned()
            } else {
                format!("all but {trials} of its")
            };
            let (of, why) = (counted(*of, "trial"), why.join(", "));
            let _ = writeln!(
                text,
                "  {backend} on {label}: {count} {of}  {}",
                paint(FAINT, format_args!("({})", line(&why)))
            );
        }
        text
    }

    fn apart(&self) -> String {
        let mut text = heading("only in some logs", &self.comparison.apart);
        for Unshared {
            logs,
            backends,
            trials: of_others,
        } in &self.comparison.apart
        {
            let labels = logs
                .iter()
                .map(|log| self.comparison.logs[*log].label.as_str());
            let _ = writeln!(text, "  {}", labels.collect::<Vec<_>>().join(" and "));
            for of_kind in backends.chunk_by(|a, b| a.kind == b.kind) {
                let names: Vec<&str> = of_kind.iter().map(|key| key.name.as_str()).collect();
                let _ = writeln!(text, "    {}: {}", of_kind[0].kind, names.join(", "));
            }
            match of_others.as_slice() {
                [] => {}
                [one] => _ = writeln!(text, "    {one}"),
                [first, ..] => {
                    let _ = writeln!(text, "    {} trials, such as {first}", of_others.len());
                }
            }
        }
        text
    }

    fn summary(&self) -> String {
        let Comparison {
            differences,
            errors,
            shared,
            ..
        } = self.comparison;
        let differ = match differences.len() {
            0 => "no verdict differs".to_owned(),
            many => counted(many, "difference"),
        };
        let shared = match shared {
            1 => "1 trial is in more than one log".to_owned(),
            many => format!("{many} trials are in more than one log"),
        };
        let also = match errors.len() {
            0 => String::new(),
            many => format!(
                ", and {} with equal verdicts",
                counted(many, "different error")
            ),
        };
        format!("{differ}{also}; {shared}\n")
    }
}

fn heading<T>(words: &str, of: &[T]) -> String {
    if of.is_empty() {
        return String::new();
    }
    format!("{}\n", paint(STRONG, words))
}

fn name(difference: &ClauseDifference) -> String {
    match &difference.clause {
        Some(clause) => clause.to_string(),
        None => "the trial itself".to_owned(),
    }
}

fn word(seen: &Option<LoggedResult>) -> (String, Style) {
    let verdict = match seen {
        None => return (String::new(), FAINT),
        Some(seen) => seen.verdict,
    };
    let word = verdict.map_or("not broken", Verdict::word);
    (word.to_owned(), verdict.map_or(FAINT, style::of))
}

fn returned(errors: &Option<Vec<String>>) -> (String, Style) {
    let text = match errors.as_deref() {
        None => String::new(),
        Some([]) => return ("no error".to_owned(), FAINT),
        Some(errors) => errors.join(" or "),
    };
    (text, Style::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Outcome, System};
    use crate::event::EventLog;
    use crate::test_support::logs::{broken, clause, log, raw, report, returned};
    use anstream::adapter::strip_str;

    const EOF: &str = "pipe.eof.reported-as-eof";
    const WAKES: &str = "pipe.peer.blocked-writer-wakes";

    fn on_linux() -> EventLog {
        let unix = report(
            "pipe/chain",
            "unix/socketpair",
            &[clause(EOF, Verdict::Pass)],
        );
        let mut gone = report("pipe/hang-up", "lib/pipe", &[clause(EOF, Verdict::Pass)]);
        gone.errors = vec![returned("send p.tx", Outcome::Gone, raw("BrokenPipe", 32))];
        let reset = raw("ConnectionReset", 104);
        let recorded = broken(
            WAKES,
            Verdict::Diverges,
            "send p.tx",
            Outcome::Error,
            Some(reset),
        );
        log(
            "linux.jsonl",
            System::Linux,
            vec![
                report("pipe/chain", "lib/pipe", &[clause(EOF, Verdict::Pass)]),
                report(
                    "pipe/killed[size=1]",
                    "lib/pipe",
                    &[clause(EOF, Verdict::Pass)],
                ),
                report("pipe/forked", "lib/pipe", &[clause(EOF, Verdict::Pass)]),
                report("pipe/wakes", "lib/pipe", &[recorded]),
                gone,
                unix,
            ],
        )
    }

    fn on_windows() -> EventLog {
        let ended = |step| {
            let error = raw("BrokenPipe", 109);
            broken(EOF, Verdict::Fail, step, Outcome::Error, Some(error))
        };
        let mut gone = report("pipe/hang-up", "lib/pipe", &[clause(EOF, Verdict::Pass)]);
        gone.errors = vec![returned("send p.tx", Outcome::Gone, raw("BrokenPipe", 232))];
        let mut forked = report(
            "pipe/forked",
            "lib/pipe",
            &[clause(EOF, Verdict::NotApplicable)],
        );
        forked.why = Some("no fork".to_owned());
        let mut log = log(
            "windows.jsonl",
            System::Windows,
            vec![
                report("pipe/chain", "lib/pipe", &[ended("recv first.rx")]),
                report("pipe/killed[size=1]", "lib/pipe", &[ended("recv p.rx")]),
                report("pipe/wakes", "lib/pipe", &[clause(WAKES, Verdict::Pass)]),
                forked,
                gone,
            ],
        );
        log.header.backends[0].about = "another backend".into();
        log
    }

    fn drawn(logs: &[EventLog]) -> String {
        strip_str(&draw(&Comparison::of(logs))).to_string()
    }

    #[test]
    fn two_systems_have_a_column_each() {
        insta::assert_snapshot!(drawn(&[on_linux(), on_windows()]));
    }

    #[test]
    fn three_logs_have_a_column_each() {
        let mut newer = on_linux();
        newer.header.program = "0.1.0".to_owned();
        newer.path = "newer.jsonl".to_owned();
        newer.footer.interrupted = true;
        insta::assert_snapshot!(drawn(&[on_linux(), newer, on_windows()]));
    }

    #[test]
    fn equal_logs_have_a_short_comparison() {
        insta::assert_snapshot!(drawn(&[on_linux(), on_linux()]));
    }

    #[test]
    fn json_has_the_whole_comparison() {
        let text = json(&Comparison::of(&[on_linux(), on_windows()])).unwrap();
        let comparison: serde_json::Value = serde_json::from_str(&text).unwrap();
        let difference = &comparison["differences"][0];
        assert_eq!(difference["clause"], EOF);
        assert_eq!(difference["seen"][0]["verdict"], "pass");
        assert_eq!(difference["seen"][1]["verdict"], "fail");
        assert_eq!(
            difference["seen"][1]["how"][0],
            "recv first.rx -> error BrokenPipe (109)"
        );
        assert_eq!(difference["trials"].as_array().unwrap().len(), 2);
    }
}
