//! The page of one failure: the broken promise, the step, the evidence, and how to run it again.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::sources::Sources;
use super::style::{self, BAD, FAINT, STRONG, paint};
use super::{sequence, wait_for};
use crate::clause::{Clause, ClauseId};
use crate::judge::{ClauseVerdict, FailurePage, FileLine, Instance, TrialReport, Verdict};
use crate::printable::{drawn, line};

/// Returns the page. Every line ends with a line break.
pub(crate) fn draw(
    report: &TrialReport,
    page: &FailurePage,
    seed: u64,
    sources: &Sources,
) -> String {
    let mut text = String::new();
    let _ = write!(text, "{}", headline(report));
    promise(&mut text, report, page, sources);
    step(&mut text, report, page, sources);
    divergence(&mut text, report, page, sources);
    field(&mut text, "expected", &page.expected);
    field(&mut text, "actual", &page.actual);
    also(&mut text, page, sources);
    if !page.events.is_empty() {
        let _ = write!(text, "\n{}", sequence::draw(&page.events));
    }
    let is_first = report.failures.first() == Some(page);
    if let Some(report) = report.wait_for.as_ref().filter(|_| is_first) {
        let _ = write!(text, "\n{}", wait_for::draw(report));
    }
    if !page.notes.is_empty() {
        text.push('\n');
        for line in &page.notes {
            let _ = writeln!(text, "  {line}");
        }
    }
    for (process, lines) in &page.stderr {
        let _ = writeln!(
            text,
            "\n  {}",
            paint(FAINT, format_args!("stderr of {}", line(process)))
        );
        for said in lines.lines() {
            let _ = writeln!(text, "    {}", line(said));
        }
    }
    if let (Some(instance), true) = (&report.instance, is_first) {
        let _ = writeln!(text, "\n  {}\n", paint(FAINT, instance_heading(instance)));
        for line in instance.text.lines() {
            let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        }
    }
    let file = sources.cases.get(&report.name.case);
    let file = file.map(|case| Path::new(&case.path));
    let again = sources.again.command(&report.name, file, seed);
    let _ = writeln!(text, "\n  run it again: {}\n", paint(STRONG, again));
    text
}

fn instance_heading(instance: &Instance) -> String {
    let Instance {
        found,
        of,
        broke,
        tried,
        ..
    } = instance;
    format!(
        "broken in run {found} of {of}; the smallest instance found, which broke in {broke} of \
         {tried} runs more, as a case file:"
    )
}

/// Returns the trial and its verdict in one line.
pub(super) fn headline(report: &TrialReport) -> String {
    let verdict = paint(style::of(report.verdict), report.verdict.word());
    format!("{verdict}  {}\n", paint(STRONG, &report.name))
}

fn promise(text: &mut String, report: &TrialReport, page: &FailurePage, sources: &Sources) {
    // The promise was kept, so no invariant found a break.
    let by = if report.verdict == Verdict::UnexpectedPass {
        String::new()
    } else {
        let invariant = format_args!("  found by invariant `{}`", page.invariant);
        paint(FAINT, invariant)
    };
    let Some(id) = &page.clause else {
        let what = match report.verdict {
            Verdict::CaseError => "a mistake of the case, which accuses no backend".to_owned(),
            _ => format!("the transcript isn't the reviewed one{by}"),
        };
        let _ = writeln!(text, "  {what}");
        return;
    };
    let level = level(id, sources);
    let _ = writeln!(text, "  {}{level}{by}", paint(BAD, id));
    if let Some(clause) = sources.catalogue.get(id) {
        let _ = writeln!(text, "  {}", line(&clause.sentence));
    }
}

fn level(id: &ClauseId, sources: &Sources) -> String {
    match sources.catalogue.get(id) {
        Some(Clause { level, profile, .. }) => format!(" ({}, {})", level.word(), profile.word()),
        None => String::new(),
    }
}

/// Adds the other promises that the same fault breaks.
fn also(text: &mut String, page: &FailurePage, sources: &Sources) {
    if page.also.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n  {}", paint(FAINT, "the same fault also breaks"));
    for also in &page.also {
        let by = format_args!("  found by invariant `{}`", also.invariant);
        let level = level(&also.clause, sources);
        let _ = writeln!(
            text,
            "  {}{level}{}",
            paint(BAD, &also.clause),
            paint(FAINT, by)
        );
        field(text, "expected", &also.expected);
        field(text, "actual", &also.actual);
    }
}

/// Adds the step in its case file, with a caret under it.
fn step(text: &mut String, report: &TrialReport, page: &FailurePage, sources: &Sources) {
    let (Some((start, end)), Some(case)) = (page.span, sources.cases.get(&report.name.case)) else {
        return;
    };
    let source = &case.text;
    let Some(step) = source.get(start..end) else {
        return;
    };
    // Of a step with several lines, only the first is marked.
    let end = start + step.find('\n').unwrap_or(step.len());
    snippet(text, &case.path, source, start..end);
}

/// Adds the reviewed divergence that is out of date, with a caret under its first line.
fn divergence(text: &mut String, report: &TrialReport, page: &FailurePage, sources: &Sources) {
    let mut clauses = report.clauses.iter();
    let is_it = |clause: &&ClauseVerdict| {
        Some(&clause.clause) == page.clause.as_ref() && clause.verdict == Verdict::UnexpectedPass
    };
    let Some(FileLine { file, line }) = clauses.find(is_it).and_then(|c| c.divergence.as_ref())
    else {
        return;
    };
    let Some(source) = sources.divergences.get(file) else {
        return;
    };
    let start: usize = source
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let length = source[start..].lines().next().map_or(0, str::len);
    snippet(text, file, source, start..start + length);
}

/// Adds a part of a file, with a caret under it.
fn snippet(text: &mut String, path: &str, source: &str, part: Range<usize>) {
    let snippet = Snippet::source(source)
        .path(line(path))
        .annotation(AnnotationKind::Primary.span(part));
    let group = Group::with_level(Level::ERROR).element(snippet);
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    let _ = writeln!(text, "{}", drawn(&renderer.render(&[group])));
}

fn field(text: &mut String, name: &str, value: &str) {
    let label = paint(FAINT, format_args!("{name:>10}"));
    match value.trim_end() {
        one if !one.contains('\n') => {
            let _ = writeln!(text, "{label}  {one}");
        }
        many => {
            let _ = writeln!(text, "{label}");
            for line in many.lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{AlsoBroken, Hang, HangCause, Verdict, WaitFor};
    use crate::report::again::Again;
    use crate::report::sources::CaseText;
    use crate::test_support::reports::{catalogue, failed, page};
    use anstream::adapter::strip_str;

    const CASE: &str = r#"title   = "messages arrive in send order"
clauses = ["pipe.order.single-writer"]
[channels.p]
kind = "pipe"
[processes.producer]
steps = [{ send = { on = "p.tx", count = 5 } }]
[processes.consumer]
steps = [{ recv = { on = "p.rx", until = "$none" } }]
"#;

    const DIVERGENCES: &str = r#"backend = "pipe:std/pipe"

[[divergence]]
clause = "pipe.order.single-writer"
case = "seed/pipe"
"#;

    fn sources() -> Sources {
        let case = CaseText {
            path: "cases/seed/pipe.toml".to_owned(),
            text: CASE.to_owned(),
        };
        Sources {
            cases: [("seed/pipe".to_owned(), case)].into(),
            catalogue: catalogue(),
            again: Again::default(),
            divergences: [(
                "golden/divergences/x.toml".to_owned(),
                DIVERGENCES.to_owned(),
            )]
            .into(),
        }
    }

    fn drawn(report: &TrialReport, page: &FailurePage) -> String {
        strip_str(&draw(report, page, 7, &sources())).to_string()
    }

    #[test]
    fn a_broken_promise_has_a_page() {
        let report = failed("seed/pipe", "size=4096");
        let mut page = page();
        let start = CASE.find("{ recv").unwrap();
        page.span = Some((start, CASE.rfind("]").unwrap()));
        page.stderr = vec![("consumer".to_owned(), "what?\nnot \u{1b}[31mred".to_owned())];
        insta::assert_snapshot!(drawn(&report, &page));
    }

    #[test]
    fn a_fault_that_breaks_several_promises_has_one_page() {
        let report = failed("seed/pipe", "");
        let mut page = page();
        page.also = vec![AlsoBroken {
            clause: "pipe.eof.sticky".into(),
            invariant: "end".to_owned(),
            expected: "2 before the end".to_owned(),
            actual: "the end, and never 2".to_owned(),
        }];
        insta::assert_snapshot!(drawn(&report, &page));
    }

    #[test]
    fn a_raw_error_is_shown_with_its_outcome() {
        let report = failed("seed/pipe", "");
        let mut page = page();
        page.events[1].outcome = Some("gone".to_owned());
        page.events[1].raw = Some("BrokenPipe (32)".to_owned());
        let drawn = drawn(&report, &page);
        assert!(drawn.contains(" -> gone BrokenPipe (32)\n"), "{drawn}");
    }

    #[test]
    fn a_page_shows_the_divergence_that_is_out_of_date() {
        let mut report = failed("seed/pipe", "");
        report.verdict = Verdict::UnexpectedPass;
        report.clauses[0].verdict = Verdict::UnexpectedPass;
        report.clauses[0].divergence = Some(FileLine {
            file: "golden/divergences/x.toml".to_owned(),
            line: 3,
        });
        let page = FailurePage {
            clause: Some("pipe.order.single-writer".into()),
            invariant: "divergence".to_owned(),
            span: None,
            expected: "always broken: recv p.rx -> error".to_owned(),
            actual: "it was put to the test 5 times, and held".to_owned(),
            events: Vec::new(),
            stderr: Vec::new(),
            notes: vec!["remove it".to_owned()],
            also: Vec::new(),
        };
        insta::assert_snapshot!(drawn(&report, &page));
    }

    #[test]
    fn a_page_of_a_hang_shows_its_cause() {
        let mut report = failed("seed/pipe", "");
        let mut page = page();
        page.clause = Some("live.deadline".into());
        page.invariant = "progress".to_owned();
        page.expected = "every operation returns".to_owned();
        page.actual = "nothing moved any more".to_owned();
        page.events.truncate(2);
        page.events[1].outcome = None;
        report.failures = vec![page.clone()];
        report.wait_for = Some(WaitFor {
            causes: vec![HangCause {
                hang: Hang::LostWakeUp,
                what: "no process wakes consumer".to_owned(),
                operations: Vec::new(),
            }],
            waits: Vec::new(),
        });
        insta::assert_snapshot!(drawn(&report, &page));
    }

    #[test]
    fn a_different_transcript_is_shown_as_a_diff() {
        let mut report = failed("seed/pipe", "");
        report.verdict = Verdict::Unknown;
        let page = FailurePage {
            clause: None,
            invariant: "golden".to_owned(),
            span: None,
            expected: "the transcript that was reviewed".to_owned(),
            actual: "@@ -1,2 +1,2 @@\n consumer\n-  recv  p.rx  0..4\n+  recv  p.rx  0..3\n"
                .to_owned(),
            events: Vec::new(),
            stderr: Vec::new(),
            notes: Vec::new(),
            also: Vec::new(),
        };
        insta::assert_snapshot!(drawn(&report, &page));
    }
}
