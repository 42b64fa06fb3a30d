//! The matrix of several runs, as text, Markdown and JSON.

use std::fmt::Write as _;

use anstream::adapter::strip_str;
use serde::Serialize;

use super::matrix::{CellRecord, Matrix};
use super::text::summary;
use crate::clause::Catalogue;
use crate::event::{BackendInfo, EventLog};
use crate::judge::Verdict;

/// Returns the matrix as text, and below it a line for each run.
pub(crate) fn draw(logs: &[EventLog], catalogue: &Catalogue) -> String {
    let mut text = Matrix::of_logs(logs, catalogue).draw(catalogue);
    if !text.is_empty() {
        text.push('\n');
    }
    for log in logs {
        text.push_str(&summary(&log.footer, &log.header.machine()));
    }
    text
}

/// Returns Markdown: a table with the number of trials of each verdict, and the matrix.
pub(crate) fn markdown(logs: &[EventLog], catalogue: &Catalogue) -> String {
    let counts = |log: &EventLog| log.footer.counts.clone();
    let mut verdicts: Vec<Verdict> = logs
        .iter()
        .flat_map(counts)
        .map(|(verdict, _)| verdict)
        .collect();
    verdicts.sort();
    verdicts.dedup();
    let mut text = String::from("| | trials |");
    for verdict in &verdicts {
        let _ = write!(text, " {} |", verdict.word());
    }
    text.push_str("\n| --- | ---: |");
    text.push_str(&" ---: |".repeat(verdicts.len()));
    text.push('\n');
    for log in logs {
        let interrupted = if log.footer.interrupted {
            ", interrupted"
        } else {
            ""
        };
        let platform = log.header.machine();
        let _ = write!(text, "| {platform}{interrupted} | {} |", log.reports.len());
        for verdict in &verdicts {
            let count = counts(log).into_iter().find(|(known, _)| known == verdict);
            let count = count.map_or_else(String::new, |(_, count)| count.to_string());
            let _ = write!(text, " {count} |");
        }
        text.push('\n');
    }
    let matrix = Matrix::of_logs(logs, catalogue).draw(catalogue);
    let matrix = strip_str(&matrix);
    let _ = write!(text, "\n```text\n{matrix}```\n");
    text
}

/// The JSON object of all runs.
#[derive(Serialize)]
struct MergedRecord<'a> {
    runs: Vec<RunRecord<'a>>,
    cells: Vec<CellRecord<'a>>,
}

/// The JSON object of a run, without its trials.
#[derive(Serialize)]
struct RunRecord<'a> {
    platform: String,
    program: &'a str,
    seed: u64,
    interrupted: bool,
    trials: usize,
    counts: &'a [(Verdict, usize)],
    backends: &'a [BackendInfo],
}

impl RunRecord<'_> {
    fn of(log: &EventLog) -> RunRecord<'_> {
        RunRecord {
            platform: log.header.machine(),
            program: &log.header.program,
            seed: log.header.seed,
            interrupted: log.footer.interrupted,
            trials: log.reports.len(),
            counts: &log.footer.counts,
            backends: &log.header.backends,
        }
    }
}

/// Returns the runs and the cells of the matrix as one JSON object in one line.
///
/// # Errors
/// Never happens, because these are names, words and numbers.
pub(crate) fn json(logs: &[EventLog], catalogue: &Catalogue) -> serde_json::Result<String> {
    let matrix = Matrix::of_logs(logs, catalogue);
    let merged = MergedRecord {
        runs: logs.iter().map(RunRecord::of).collect(),
        cells: matrix.records(catalogue).collect(),
    };
    Ok(serde_json::to_string(&merged)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::System;
    use crate::test_support::logs::{clause, log, report};
    use crate::test_support::reports::catalogue;

    fn runs() -> Vec<EventLog> {
        let (order, sticky) = ("pipe.order.single-writer", "pipe.eof.sticky");
        let linux = vec![
            report("pipe/a", "other/socket", &[clause(order, Verdict::Fail)]),
            report("pipe/a", "std/pipe", &[clause(order, Verdict::Pass)]),
            report("pipe/b", "std/pipe", &[clause(sticky, Verdict::Pass)]),
        ];
        let windows = vec![
            report("pipe/a", "std/pipe", &[clause(order, Verdict::Pass)]),
            report("pipe/b", "std/pipe", &[clause(sticky, Verdict::Diverges)]),
            report(
                "pipe/b",
                "unix/pipe",
                &[clause(sticky, Verdict::NotApplicable)],
            ),
            report(
                "pipe/b",
                "win/pipe",
                &[clause(sticky, Verdict::Unavailable)],
            ),
        ];
        let mut windows = log("w.jsonl", System::Windows, windows);
        windows.footer.interrupted = true;
        vec![log("l.jsonl", System::Linux, linux), windows]
    }

    #[test]
    fn each_backend_has_a_column_on_each_system() {
        insta::assert_snapshot!(strip_str(&draw(&runs(), &catalogue())));
    }

    #[test]
    fn a_single_platform_is_in_the_title() {
        let drawn = strip_str(&draw(&runs()[..1], &catalogue())).to_string();
        let head: Vec<&str> = drawn.lines().take(3).collect();
        assert_eq!(
            head,
            [
                "pipe on Linux x86_64          ┌ other/socket",
                "                              │ ┌ std/pipe",
                "  core: promises of every queue and pipe",
            ]
        );
    }

    #[test]
    fn a_page_of_markdown_counts_verdicts_first() {
        insta::assert_snapshot!(markdown(&runs(), &catalogue()));
    }

    #[test]
    fn json_has_each_cell() {
        let text = json(&runs(), &catalogue()).unwrap();
        let merged: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(merged["runs"][1]["platform"], "Windows x86_64");
        assert_eq!(merged["runs"][1]["trials"], 4);
        let cells = merged["cells"].as_array().unwrap();
        assert_eq!(cells.len(), 7);
        let cell = cells
            .iter()
            .find(|cell| cell["verdict"] == "diverges")
            .unwrap();
        assert_eq!(cell["platform"], "Windows x86_64");
        assert_eq!(cell["backend"]["name"], "std/pipe");
        assert_eq!(cell["clause"], "pipe.eof.sticky");
        assert_eq!(cell["profile"], "core");
    }

    #[test]
    fn a_log_without_trials_has_no_matrix() {
        let empty = log("e.jsonl", System::Linux, Vec::new());
        assert_eq!(draw(&[empty], &catalogue()), "0 trials on Linux x86_64\n");
    }
}
