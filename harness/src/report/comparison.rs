//! Event logs side by side, for people and for programs.

use std::fmt::{Display, Write as _};

use super::style::{self, FAINT, STRONG, paint};
use crate::comparison::{Apart, Comparison, Difference, ErrorDifference, Seen, Silence};

/// The comparison as text, each line with its line break.
pub fn draw(comparison: &Comparison) -> String {
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
    let told = sections.into_iter().filter(|section| !section.is_empty());
    told.collect::<Vec<_>>().join("\n")
}

/// The comparison as one JSON object in one line.
///
/// # Errors
/// Never: a comparison is names, words and numbers.
pub fn json(comparison: &Comparison) -> serde_json::Result<String> {
    Ok(serde_json::to_string(comparison)? + "\n")
}

struct Page<'a> {
    comparison: &'a Comparison,
    /// How wide the widest label is.
    label: usize,
}

impl Page<'_> {
    fn of(comparison: &Comparison) -> Page<'_> {
        let labels = comparison.logs.iter().map(|log| width(&log.label));
        Page {
            comparison,
            label: labels.max().unwrap_or(0),
        }
    }

    fn labels(&self) -> Vec<String> {
        let logs = self.comparison.logs.iter();
        logs.map(|log| log.label.clone()).collect()
    }

    fn logs(&self) -> String {
        let mut text = String::new();
        for log in &self.comparison.logs {
            let label = pad(&log.label, self.label);
            let trials = counted(log.trials, "trial");
            let interrupted = if log.interrupted { ", interrupted" } else { "" };
            let told = format!("ipc-conformance {}, {trials}{interrupted}", log.program);
            let path = if log.label.ends_with(&log.path) {
                String::new()
            } else {
                paint(FAINT, format_args!("  ({})", log.path))
            };
            let _ = writeln!(text, "{}  {told}{path}", paint(STRONG, label));
        }
        text
    }

    fn introductions(&self) -> String {
        let introductions = &self.comparison.introductions;
        let mut text = heading("not the same everywhere", introductions);
        for introduction in introductions {
            let _ = writeln!(text, "{}", introduction.backend);
            for (log, about) in self.comparison.logs.iter().zip(&introduction.about) {
                if let Some(about) = about {
                    let _ = writeln!(text, "  {}  {about}", pad(&log.label, self.label));
                }
            }
        }
        text
    }

    fn differences(&self) -> String {
        let differences = &self.comparison.differences;
        let mut text = heading("promises that came to something else", differences);
        let names: Vec<String> = differences.iter().map(name).collect();
        let cells: Vec<Vec<String>> = differences
            .iter()
            .map(|difference| difference.seen.iter().map(word).collect())
            .collect();
        let table = Table::of(&names, &self.labels(), &cells);
        text.push_str(&table.head(differences.is_empty()));
        let mut of = None;
        for ((difference, name), cells) in differences.iter().zip(&names).zip(&cells) {
            if of != Some(&difference.backend) {
                let _ = writeln!(text, "{}", difference.backend);
                of = Some(&difference.backend);
            }
            let painted = cells.iter().zip(&difference.seen).map(|(cell, seen)| {
                let verdict = seen.as_ref().and_then(|seen| seen.verdict);
                (cell.as_str(), verdict.map_or(FAINT, style::of))
            });
            let trials = trials(&difference.trials);
            let _ = writeln!(text, "{}", table.row(name, painted, &trials));
            for (log, seen) in self.comparison.logs.iter().zip(&difference.seen) {
                let how = seen.iter().flat_map(|seen| &seen.how);
                if let Some(how) = how.clone().next() {
                    let _ = writeln!(text, "      {}: {how}", log.label);
                }
            }
        }
        text
    }

    fn errors(&self) -> String {
        let errors = &self.comparison.errors;
        let mut text = heading("the same verdicts, other errors", errors);
        let names: Vec<String> = errors.iter().map(|error| error.step.clone()).collect();
        let cells: Vec<Vec<String>> = errors
            .iter()
            .map(|error| error.errors.iter().map(returned).collect())
            .collect();
        let table = Table::of(&names, &self.labels(), &cells);
        text.push_str(&table.head(errors.is_empty()));
        let mut of = None;
        for (
            (
                ErrorDifference {
                    backend,
                    trials: at,
                    ..
                },
                name,
            ),
            cells,
        ) in errors.iter().zip(&names).zip(&cells)
        {
            if of != Some(backend) {
                let _ = writeln!(text, "{backend}");
                of = Some(backend);
            }
            let cells = cells
                .iter()
                .map(|cell| (cell.as_str(), anstyle::Style::new()));
            let _ = writeln!(text, "{}", table.row(name, cells, &trials(at)));
        }
        text
    }

    fn silences(&self) -> String {
        let mut text = heading("not run everywhere", &self.comparison.silences);
        for Silence {
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
                paint(FAINT, format_args!("({why})"))
            );
        }
        text
    }

    fn apart(&self) -> String {
        let mut text = heading("only in some", &self.comparison.apart);
        for Apart {
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
                    let _ = writeln!(text, "    {} trials, as {first}", of_others.len());
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
        let promises = counted(differences.len(), "difference");
        let shared = match shared {
            1 => "1 trial is in more than one log".to_owned(),
            many => format!("{many} trials are in more than one log"),
        };
        let also = match errors.len() {
            0 => String::new(),
            many => format!(
                ", and {} under the same verdicts",
                counted(many, "other error")
            ),
        };
        match differences.len() {
            0 => format!("no verdict differs{also}; {shared}\n"),
            _ => format!("{promises}{also}; {shared}\n"),
        }
    }
}

/// Rows of cells under the logs' labels.
struct Table {
    /// How wide the names of rows are.
    name: usize,
    columns: Vec<usize>,
    labels: Vec<String>,
}

impl Table {
    fn of(names: &[String], labels: &[String], cells: &[Vec<String>]) -> Table {
        let columns = labels.iter().enumerate().map(|(place, label)| {
            let cells = cells.iter().map(|row| width(&row[place]));
            cells.chain([width(label)]).max().unwrap_or(0)
        });
        Table {
            name: names.iter().map(|name| width(name)).max().unwrap_or(0),
            columns: columns.collect(),
            labels: labels.to_vec(),
        }
    }

    fn head(&self, is_empty: bool) -> String {
        if is_empty {
            return String::new();
        }
        let labels = self.labels.iter().map(|label| (label.as_str(), FAINT));
        self.row("", labels, "") + "\n"
    }

    fn row<'a>(
        &self,
        name: &str,
        cells: impl Iterator<Item = (&'a str, anstyle::Style)>,
        behind: &str,
    ) -> String {
        let mut text = format!("  {}", pad(name, self.name));
        let last = if behind.is_empty() {
            self.columns.len()
        } else {
            usize::MAX
        };
        for (place, ((cell, style), column)) in cells.zip(&self.columns).enumerate() {
            let space = column - width(cell);
            let space = if place + 1 == last { 0 } else { space };
            let _ = write!(text, "  {}{}", paint(style, cell), " ".repeat(space));
        }
        if !behind.is_empty() {
            let _ = write!(text, "  {}", paint(FAINT, behind));
        }
        text
    }
}

fn heading<T>(words: &str, of: &[T]) -> String {
    if of.is_empty() {
        return String::new();
    }
    format!("{}\n", paint(STRONG, words))
}

fn name(difference: &Difference) -> String {
    match &difference.clause {
        Some(clause) => clause.to_string(),
        None => "the trial itself".to_owned(),
    }
}

fn word(seen: &Option<Seen>) -> String {
    let word = match seen {
        None => "",
        Some(Seen { verdict: None, .. }) => "not broken",
        Some(Seen {
            verdict: Some(verdict),
            ..
        }) => verdict.word(),
    };
    word.to_owned()
}

fn returned(errors: &Option<Vec<String>>) -> String {
    match errors.as_deref() {
        None => String::new(),
        Some([]) => "no error".to_owned(),
        Some(errors) => errors.join(" or "),
    }
}

fn trials(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("in {one}"),
        [first, ..] => format!("in {} trials, as {first}", names.len()),
    }
}

fn counted(count: usize, what: impl Display) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn pad(text: &str, to: usize) -> String {
    format!("{text:to$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Log;
    use crate::outcome::Outcome;
    use crate::system::System;
    use crate::testing::logs::{broken, clause, log, raw, report, returned};
    use crate::trial::Verdict;
    use anstream::adapter::strip_str;

    const EOF: &str = "pipe.eof.reported-as-eof";
    const WAKES: &str = "pipe.peer.blocked-writer-wakes";

    fn on_linux() -> Log {
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

    fn on_windows() -> Log {
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
        log.header.backends[0].about = "another backend".to_owned();
        log
    }

    fn drawn(logs: &[Log]) -> String {
        strip_str(&draw(&Comparison::of(logs))).to_string()
    }

    #[test]
    fn two_systems_are_shown_side_by_side() {
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
    fn logs_that_say_the_same_say_little() {
        insta::assert_snapshot!(drawn(&[on_linux(), on_linux()]));
    }

    #[test]
    fn programs_get_all_of_it() {
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
