//! A run as JUnit XML, the format that CI services show.
//!
//! Each backend is a suite, and each trial is a test case of it. Trials that don't apply are
//! skipped, with the reason. Unknown results are failures, as in `cargo test`. Trials that diverge
//! as reviewed are successes, and their output says how they diverge.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::sources::Sources;
use super::{page, text};
use crate::backend::Key;
use crate::event::{Event, Header};
use crate::judge::{TrialReport, Verdict};
use crate::printable::{indented, line};

/// Collects the events of a run. The file starts with sums, so it is written at the end.
pub(crate) struct JunitReport<'a> {
    sources: &'a Sources,
    seed: u64,
    elapsed: Duration,
    suites: BTreeMap<Key, TestSuite>,
}

impl<'a> JunitReport<'a> {
    /// Creates an empty report.
    pub(crate) fn new(sources: &'a Sources) -> JunitReport<'a> {
        JunitReport {
            sources,
            seed: 0,
            elapsed: Duration::ZERO,
            suites: BTreeMap::new(),
        }
    }

    /// Adds the next event.
    pub(crate) fn event(&mut self, event: &Event) {
        match event {
            Event::Header(header) => {
                self.seed = header.seed;
                self.suites = suites(header);
            }
            Event::Started { .. } | Event::Texts(_) => {}
            Event::Finished(report) => {
                let case = self.case(report);
                let backend = &report.name.backend;
                let suite = self.suites.entry(backend.clone());
                let suite = suite.or_insert_with(|| TestSuite::new(backend.to_string()));
                let time = suite.time.unwrap_or_default();
                suite.set_time(time + Duration::from_nanos(report.elapsed));
                suite.add_test_case(case);
            }
            Event::Footer(footer) => self.elapsed = Duration::from_nanos(footer.elapsed),
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// Returns an error if it can't be written.
    pub(crate) fn write(self, out: &mut dyn Write) -> io::Result<()> {
        let mut report = Report::new("ipc-conformance");
        report.set_time(self.elapsed);
        report.add_test_suites(self.suites.into_values());
        report.serialize(&mut *out).map_err(io::Error::other)?;
        out.flush()
    }

    fn case(&self, report: &TrialReport) -> TestCase {
        let mut case = TestCase::new(report.name.to_string(), self.status(report));
        case.set_classname(report.name.case.replace('/', "."));
        case.set_time(Duration::from_nanos(report.elapsed));
        let mut output = text::printed(report);
        if let (true, Some(why)) = (report.verdict.is_reviewed(), &report.why) {
            output.insert_str(
                0,
                &format!("{}: {}\n", report.verdict.word(), indented(why)),
            );
        }
        if !output.is_empty() {
            case.set_system_out(output);
        }
        case
    }

    fn status(&self, report: &TrialReport) -> TestCaseStatus {
        use Verdict::{
            AdapterError, CaseError, Diverges, Documented, Fail, HarnessError, NotApplicable, Pass,
            Unavailable, UnexpectedPass, Unknown, Unpromised,
        };
        let mut status = match report.verdict {
            Pass | Unpromised | Documented | Diverges => return TestCaseStatus::success(),
            NotApplicable | Unavailable => TestCaseStatus::skipped(),
            Unknown | UnexpectedPass | Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
            AdapterError | CaseError | HarnessError => {
                TestCaseStatus::non_success(NonSuccessKind::Error)
            }
        };
        status.set_type(report.verdict.word());
        status.set_message(message(report));
        let pages = report.failures.iter();
        let pages = pages.map(|failure| page::draw(report, failure, self.seed, self.sources));
        let pages: String = pages.collect();
        if !pages.is_empty() {
            status.set_description(pages);
        }
        status
    }
}

/// Returns the broken promises, or else the reason for the verdict, in one line.
fn message(report: &TrialReport) -> String {
    let clauses = report
        .failures
        .iter()
        .flat_map(|page| page.clauses().map(|(clause, _)| clause));
    let clauses: Vec<String> = clauses.map(ToString::to_string).collect();
    match (&report.why, clauses.is_empty()) {
        (_, false) => clauses.join(", "),
        (Some(why), true) => line(why).into_owned(),
        (None, true) => report.verdict.word().to_owned(),
    }
}

fn suites(header: &Header) -> BTreeMap<Key, TestSuite> {
    let suite = |info: &crate::event::BackendInfo| {
        let mut suite = TestSuite::new(info.key.to_string());
        suite.set_time(Duration::ZERO);
        suite.add_property(("backend", info.about.to_string().as_str()));
        suite.add_property(("platform", header.machine().as_str()));
        suite.add_property(("program", header.program.as_str()));
        suite.add_property(("seed", header.seed.to_string().as_str()));
        (info.key.clone(), suite)
    };
    header.backends.iter().map(suite).collect()
}

#[cfg(test)]
mod tests;
