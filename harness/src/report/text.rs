//! What a person reads while trials run, and at the end.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use super::diverging::Diverging;
use super::matrix::Matrix;
use super::progress::Progress;
use super::style::{self, DOUBT, FAINT, paint};
use super::{Sources, counted, page};
use crate::backend::Key;
use crate::clause::ClauseId;
use crate::event::{Event, Footer};
use crate::judge::{Break, ClauseVerdict, FailurePage, TrialReport, Verdict};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Each trial, with what its processes printed.
    Trials,
    /// What went wrong, and the matrix.
    Matrix,
}

/// Tells a person what happens.
pub struct Text<'a, W> {
    out: W,
    sources: &'a Sources,
    detail: Detail,
    seed: u64,
    /// What all of it runs on.
    platform: String,
    matrix: Matrix,
    diverging: Diverging,
    progress: Option<Progress>,
    /// What has had its page.
    told: BTreeSet<(String, Key, Option<ClauseId>)>,
}

impl<'a, W: Write> Text<'a, W> {
    /// Tells it to this writer, which drops colours if it is no terminal.
    pub fn new(out: W, sources: &'a Sources, detail: Detail) -> Text<'a, W> {
        Text {
            out,
            sources,
            detail,
            seed: 0,
            platform: String::new(),
            matrix: Matrix::default(),
            diverging: Diverging::default(),
            progress: None,
            told: BTreeSet::new(),
        }
    }

    /// The writer again.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// The next event.
    pub fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Header(header) => {
                self.seed = header.seed;
                self.platform = header.platform().to_string();
                let place = Some(self.platform.clone());
                self.matrix = Matrix::new(place, &header.backends, &self.sources.catalogue);
                self.progress = Some(Progress::new(header.trials));
                Ok(())
            }
            Event::Started { .. } => Ok(()),
            Event::Finished(report) => {
                self.matrix.add(report);
                self.diverging.add(report);
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
                let mut text = match self.detail {
                    Detail::Matrix => self.matrix.draw(&self.sources.catalogue),
                    Detail::Trials => String::new(),
                };
                if !text.is_empty() {
                    text.push('\n');
                    text.push_str(&self.diverging.draw());
                }
                text.push_str(&summary(footer, &self.platform));
                self.write(&text)
            }
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
                | Verdict::Diverges
        );
        let mut text = String::new();
        for failure in &report.failures {
            text.push_str(&self.failure(report, failure));
        }
        let told = !report.failures.is_empty();
        if !told && (!quiet || self.detail == Detail::Trials) {
            text.push_str(&line(report));
        }
        if self.detail == Detail::Trials {
            text.push_str(&unpromised(report));
            text.push_str(&printed(report));
        }
        text
    }

    /// The page of a failure, or one line where another permutation has failed in the same way.
    fn failure(&mut self, report: &TrialReport, failure: &FailurePage) -> String {
        let name = &report.name;
        let key = (
            name.case.clone(),
            name.backend.clone(),
            failure.clause.clone(),
        );
        if self.told.insert(key) {
            return page::draw(report, failure, self.seed, self.sources);
        }
        let what = match &failure.clause {
            Some(clause) => clause.to_string(),
            None => "the transcript".to_owned(),
        };
        let again = paint(FAINT, format_args!("({what}, as above)"));
        format!("{}  {again}\n", line(report).trim_end())
    }
}

fn line(report: &TrialReport) -> String {
    let verdict = paint(style::of(report.verdict), report.verdict.word());
    let why = match &report.why {
        Some(why) => paint(FAINT, format_args!("  ({why})")),
        None => String::new(),
    };
    format!("{verdict}  {}{why}\n", report.name)
}

/// What is broken that nobody promised, a line each.
fn unpromised(report: &TrialReport) -> String {
    let clauses = report.clauses.iter();
    let broken = clauses.filter(|clause| clause.verdict == Verdict::Unpromised);
    let line = |clause: &ClauseVerdict| {
        let breaks: Vec<String> = clause.breaks.iter().map(Break::to_string).collect();
        let breaks = breaks.join(" and ");
        let told = format!("{} isn't kept, and isn't promised: {breaks}", clause.clause);
        format!("  {}\n", paint(FAINT, told))
    };
    broken.map(line).collect()
}

/// What the processes printed, indented; each under its name where several did.
pub(super) fn printed(report: &TrialReport) -> String {
    let mut text = String::new();
    for (process, output) in &report.stdout {
        if report.stdout.len() > 1 {
            text.push_str(&format!("  {}\n", paint(FAINT, process)));
        }
        let body = output.strip_suffix(b"\n").unwrap_or(output);
        for line in body.split(|byte| *byte == b'\n') {
            let line = format!("    {}", page::readable(line));
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// How many trials came to what, and where, in one line.
pub(super) fn summary(footer: &Footer, place: &str) -> String {
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
        [] => format!("{trials} on {place}{interrupted}\n"),
        parts => format!(
            "{trials} on {place}: {}{interrupted}{waited}\n",
            parts.join(", ")
        ),
    }
}

/// How much of the time, in nanoseconds, no backend could have made shorter; nothing below a second.
fn waited(nanoseconds: u64) -> String {
    match Duration::from_nanos(nanoseconds).as_secs_f64().round() {
        ..1.0 => String::new(),
        seconds => paint(
            FAINT,
            format_args!("; waited {seconds} s for time limits that cases set"),
        ),
    }
}

#[cfg(test)]
pub(super) mod tests;
