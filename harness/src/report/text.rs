//! The text that a run prints while trials run, and at the end.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use super::divergences::MatchedDivergences;
use super::matrix::Matrix;
use super::page;
use super::progress::ProgressBar;
use super::sources::Sources;
use super::style::{self, DOUBT, FAINT, paint};
use super::wait_for;
use super::words::counted;
use crate::backend::Key;
use crate::clause::ClauseId;
use crate::event::{Event, Footer};
use crate::judge::{Break, ClauseVerdict, FailurePage, TrialReport, Verdict};
use crate::printable;

/// How much the report shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Each trial, with the output of its processes.
    Trials,
    /// Failures, and the matrix.
    Matrix,
}

/// Prints the events of a run as text.
pub(crate) struct TextReport<'a, W> {
    out: W,
    sources: &'a Sources,
    detail: Detail,
    seed: u64,
    /// The platform of the run.
    platform: String,
    matrix: Matrix,
    divergences: MatchedDivergences,
    lists_divergences: bool,
    progress: Option<ProgressBar>,
    /// The failures whose page was printed.
    shown: BTreeSet<(String, Key, Option<ClauseId>)>,
}

impl<'a, W: Write> TextReport<'a, W> {
    /// Creates a report that writes to `out`.
    pub(crate) fn new(out: W, sources: &'a Sources, detail: Detail) -> TextReport<'a, W> {
        TextReport {
            out,
            sources,
            detail,
            seed: 0,
            platform: String::new(),
            matrix: Matrix::default(),
            divergences: MatchedDivergences::default(),
            lists_divergences: false,
            progress: None,
            shown: BTreeSet::new(),
        }
    }

    /// Sets whether the report ends with a list of the reviewed divergences that showed. Without
    /// the list, one line below the matrix counts their trials.
    pub(crate) fn lists_divergences(mut self, lists: bool) -> TextReport<'a, W> {
        self.lists_divergences = lists;
        self
    }

    /// Prints the next event.
    pub(crate) fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Header(header) => {
                self.seed = header.seed;
                self.platform = header.platform().to_string();
                let platform = Some(self.platform.clone());
                self.matrix = Matrix::new(platform, &header.backends, &self.sources.catalogue);
                self.progress = Some(ProgressBar::new(header.trials));
                Ok(())
            }
            Event::Started { .. } | Event::Texts(_) => Ok(()),
            Event::Finished(report) => {
                self.matrix.add(report);
                self.divergences.add(report);
                let text = self.trial(report);
                self.write(&text)?;
                if let Some(progress) = &self.progress {
                    progress.step(report.name.to_string());
                }
                Ok(())
            }
            Event::Footer(footer) => {
                if let Some(progress) = self.progress.take() {
                    progress.finish();
                }
                let mut text = self.matrix_below_trials();
                text.push_str(&self.divergences_below_matrix());
                text.push_str(&summary(footer, &self.platform));
                self.write(&text)
            }
        }
    }

    fn matrix_below_trials(&self) -> String {
        if self.detail == Detail::Trials {
            return String::new();
        }
        let mut text = self.matrix.draw(&self.sources.catalogue);
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    fn divergences_below_matrix(&self) -> String {
        match self.detail {
            _ if self.lists_divergences => self.divergences.draw_list(),
            Detail::Matrix => self.divergences.draw_count(),
            // The line of each trial says how it diverges.
            Detail::Trials => String::new(),
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let out = &mut self.out;
        let mut write = || {
            out.write_all(text.as_bytes())?;
            out.flush()
        };
        match &self.progress {
            Some(progress) if !text.is_empty() => progress.suspend(write),
            _ => write(),
        }
    }

    fn trial(&mut self, report: &TrialReport) -> String {
        let quiet = matches!(
            report.verdict,
            Verdict::Pass
                | Verdict::NotApplicable
                | Verdict::Unavailable
                | Verdict::Unpromised
                | Verdict::Documented
                | Verdict::Diverges
        );
        let mut text = String::new();
        for failure in &report.failures {
            text.push_str(&self.failure(report, failure));
        }
        let has_page = !report.failures.is_empty();
        if !has_page && (!quiet || self.detail == Detail::Trials) {
            text.push_str(&line(report));
            let is_excused = quiet && report.verdict != Verdict::Unpromised;
            let hang = report.wait_for.as_ref().filter(|_| !is_excused);
            text.push_str(&hang.map(wait_for::draw).unwrap_or_default());
        }
        if self.detail == Detail::Trials {
            text.push_str(&unpromised(report));
            text.push_str(&printed(report));
        }
        text
    }

    /// Returns the page of a failure, or one line if another permutation failed in the same way.
    fn failure(&mut self, report: &TrialReport, failure: &FailurePage) -> String {
        let name = &report.name;
        let key = (
            name.case.clone(),
            name.backend.clone(),
            failure.clause.clone(),
        );
        if self.shown.insert(key) {
            return page::draw(report, failure, self.seed, self.sources);
        }
        let what = match &failure.clause {
            Some(clause) => clause.to_string(),
            None if report.verdict == Verdict::CaseError => "a mistake of the case".to_owned(),
            None => "the transcript".to_owned(),
        };
        let again = paint(FAINT, format_args!("({what}, as above)"));
        format!("{}  {again}\n", line(report).trim_end())
    }
}

fn line(report: &TrialReport) -> String {
    let verdict = paint(style::of(report.verdict), report.verdict.word());
    let why = match &report.why {
        Some(why) => paint(FAINT, format_args!("  ({})", printable::indented(why))),
        None => String::new(),
    };
    format!("{verdict}  {}{why}\n", report.name)
}

/// Returns a line for each clause that broke and isn't promised.
fn unpromised(report: &TrialReport) -> String {
    let clauses = report.clauses.iter();
    let broken = clauses.filter(|clause| clause.verdict == Verdict::Unpromised);
    let line = |clause: &ClauseVerdict| {
        let breaks: Vec<String> = clause.breaks.iter().map(Break::to_string).collect();
        let breaks = breaks.join(" and ");
        let line = format!("{} isn't kept, and isn't promised: {breaks}", clause.clause);
        format!("  {}\n", paint(FAINT, line))
    };
    broken.map(line).collect()
}

/// Returns the output of the processes, indented. If several processes printed, their names are
/// above it.
pub(super) fn printed(report: &TrialReport) -> String {
    let mut text = String::new();
    for (process, output) in &report.stdout {
        if report.stdout.len() > 1 {
            text.push_str(&format!("  {}\n", paint(FAINT, process)));
        }
        let body = output.strip_suffix(b"\n").unwrap_or(output);
        for line in body.split(|byte| *byte == b'\n') {
            let line = format!("    {}", printable::line(&String::from_utf8_lossy(line)));
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// Returns one line with the number of trials of each verdict.
pub(super) fn summary(footer: &Footer, platform: &str) -> String {
    let total: usize = footer.counts.iter().map(|(_, count)| count).sum();
    let mut counts = footer.counts.clone();
    counts.sort();
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| {
            paint(
                style::of(*verdict),
                format_args!("{count} {}", verdict.word()),
            )
        })
        .collect();
    let trials = counted(total, "trial");
    let interrupted = if footer.interrupted {
        paint(DOUBT, ", interrupted")
    } else {
        String::new()
    };
    let waited = waited(footer.waited);
    match parts.as_slice() {
        [] => format!("{trials} on {platform}{interrupted}\n"),
        parts => format!(
            "{trials} on {platform}: {}{interrupted}{waited}\n",
            parts.join(", ")
        ),
    }
}

/// Returns how long trials waited for time limits in cases, which no backend can make shorter;
/// empty below a second.
fn waited(nanoseconds: u64) -> String {
    match Duration::from_nanos(nanoseconds).as_secs_f64().round() {
        ..1.0 => String::new(),
        seconds => paint(
            FAINT,
            format_args!("; waited {seconds} s for time limits in cases"),
        ),
    }
}

#[cfg(test)]
mod tests;
