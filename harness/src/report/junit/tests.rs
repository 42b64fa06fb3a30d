use super::*;
use crate::test_support::reports::{catalogue, failed, footer, header, passed};
use quick_junit::TestCaseStatus as Status;
use rstest::rstest;

fn written(reports: Vec<TrialReport>) -> String {
    let sources = Sources {
        catalogue: catalogue(),
        ..Sources::default()
    };
    let mut junit = JunitReport::new(&sources);
    junit.event(&header(reports.len()));
    for report in reports {
        junit.event(&Event::Finished(Box::new(report)));
    }
    junit.event(&footer(&[]));
    let mut bytes = Vec::new();
    junit.write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn of_verdict(verdict: Verdict) -> TrialReport {
    let mut report = passed("pipe/sizes", "size=1");
    report.verdict = verdict;
    report.why = Some("this is why".to_owned());
    report.stdout.clear();
    report
}

#[test]
fn a_run_is_suites_of_test_cases() {
    let mut skipped = of_verdict(Verdict::NotApplicable);
    skipped.why = Some("no fork".to_owned());
    let reports = vec![
        passed("seed/pipe", ""),
        skipped,
        failed("pipe/sizes", "size=2"),
    ];
    insta::assert_snapshot!(written(reports));
}

#[rstest]
#[case::pass(Verdict::Pass, "success")]
#[case::diverges(Verdict::Diverges, "success")]
#[case::documented(Verdict::Documented, "success")]
#[case::unpromised(Verdict::Unpromised, "success")]
#[case::not_applicable(Verdict::NotApplicable, "skipped: this is why")]
#[case::unavailable(Verdict::Unavailable, "skipped: this is why")]
#[case::unknown(Verdict::Unknown, "Failure: this is why")]
#[case::fail(Verdict::Fail, "Failure: this is why")]
#[case::unexpected_pass(Verdict::UnexpectedPass, "Failure: this is why")]
#[case::adapter_error(Verdict::AdapterError, "Error: this is why")]
#[case::case_error(Verdict::CaseError, "Error: this is why")]
#[case::harness_error(Verdict::HarnessError, "Error: this is why")]
fn each_verdict_is_a_status(#[case] verdict: Verdict, #[case] expected: &str) {
    let text = written(vec![of_verdict(verdict)]);
    let report = Report::deserialize_from_str(&text).unwrap();
    let text_of = |message: &Option<quick_junit::XmlString>| {
        message
            .as_ref()
            .map_or_else(String::new, |m| m.as_str().to_owned())
    };
    let status = match &report.test_suites[0].test_cases[0].status {
        Status::Success { .. } => "success".to_owned(),
        Status::Skipped { message, .. } => format!("skipped: {}", text_of(message)),
        Status::NonSuccess { kind, message, .. } => format!("{kind:?}: {}", text_of(message)),
    };
    assert_eq!(status, expected);
}

#[test]
fn a_trial_that_diverges_says_how() {
    let text = written(vec![of_verdict(Verdict::Diverges)]);
    assert!(text.contains("<system-out>diverges: this is why"), "{text}");
}

/// Checks the schema of JUnit's own XML reports, which CI services read.
#[test]
fn the_file_has_the_schema_of_junit() {
    let mut printing = passed("seed/pipe", "");
    printing.stdout = vec![("main".to_owned(), b"<a> & \x1b[31m\x00]]>\n".to_vec())];
    let verdicts = [
        Verdict::Pass,
        Verdict::NotApplicable,
        Verdict::Unknown,
        Verdict::Fail,
        Verdict::HarnessError,
    ];
    let mut reports: Vec<TrialReport> = verdicts.map(of_verdict).into();
    reports.extend([printing, failed("pipe/sizes", "size=2")]);
    shape::check(&written(reports));
}

mod shape {
    use std::collections::BTreeMap;

    use quick_xml::events::{BytesStart, Event};

    /// The elements, each with its possible parents and its required attributes.
    const ELEMENTS: &[(&str, &[&str], &[&str])] = &[
        ("testsuites", &[""], &["tests", "failures", "errors"]),
        (
            "testsuite",
            &["testsuites"],
            &["name", "tests", "failures", "errors", "skipped"],
        ),
        ("properties", &["testsuite"], &[]),
        ("property", &["properties"], &["name", "value"]),
        ("testcase", &["testsuite"], &["name", "classname", "time"]),
        ("skipped", &["testcase"], &[]),
        ("failure", &["testcase"], &["type", "message"]),
        ("error", &["testcase"], &["type", "message"]),
        ("system-out", &["testcase"], &[]),
    ];

    #[track_caller]
    pub(super) fn check(text: &str) {
        let mut reader = quick_xml::Reader::from_str(text);
        let mut open = vec![String::new()];
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut counts = BTreeMap::new();
        loop {
            match reader.read_event().expect("it is XML") {
                Event::Eof => break,
                Event::Start(tag) => {
                    let name = element(&tag, open.last().unwrap());
                    if name == "testsuites" {
                        counts = attributes(&tag);
                    }
                    *seen.entry(name.clone()).or_default() += 1;
                    open.push(name);
                }
                Event::Empty(tag) => {
                    let name = element(&tag, open.last().unwrap());
                    *seen.entry(name).or_default() += 1;
                }
                Event::End(_) => _ = open.pop(),
                Event::Text(words) => assert!(
                    words
                        .iter()
                        .all(|byte| *byte >= 0x20 || b"\n\t".contains(byte)),
                    "{words:?}"
                ),
                _ => {}
            }
        }
        assert_eq!(open, [""]);
        let announced = |what: &str| counts[what].parse::<usize>().expect("it is a number");
        let seen = |what: &str| seen.get(what).copied().unwrap_or(0);
        assert_eq!(announced("tests"), seen("testcase"));
        assert_eq!(announced("failures"), seen("failure"));
        assert_eq!(announced("errors"), seen("error"));
    }

    fn element(tag: &BytesStart<'_>, parent: &str) -> String {
        let name = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
        let known = ELEMENTS.iter().find(|(known, ..)| *known == name);
        let (_, parents, required) = known.unwrap_or_else(|| panic!("<{name}> isn't JUnit's"));
        assert!(parents.contains(&parent), "<{name}> in <{parent}>");
        let attributes = attributes(tag);
        for attribute in *required {
            assert!(
                attributes.contains_key(*attribute),
                "<{name}> lacks {attribute}"
            );
        }
        name
    }

    fn attributes(tag: &BytesStart<'_>) -> BTreeMap<String, String> {
        tag.attributes()
            .map(|attribute| {
                let attribute = attribute.expect("it is XML");
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                (text(attribute.key.as_ref()), text(&attribute.value))
            })
            .collect()
    }
}
