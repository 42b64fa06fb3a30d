//! Small event logs, for tests of code that reads them.

use crate::backend::{Capabilities, Key, Kind, Outcome, RawError, System};
use crate::event::{BackendInfo, EventLog, Footer, Header, Texts, VERSION};
use crate::judge::{Break, ClauseVerdict, ReturnedError, TrialName, TrialReport, Verdict};

/// The log of a run with these trials.
pub(crate) fn log(path: &str, system: System, reports: Vec<TrialReport>) -> EventLog {
    let mut backends: Vec<BackendInfo> = Vec::new();
    let mut footer = Footer::default();
    for report in &reports {
        footer.count(report.verdict);
        if backends.iter().all(|info| info.key != report.name.backend) {
            backends.push(BackendInfo {
                key: report.name.backend.clone(),
                about: "a backend".into(),
                capabilities: Capabilities::new(),
            });
        }
    }
    EventLog {
        path: path.to_owned(),
        header: Header {
            version: VERSION,
            program: "0.0.0".to_owned(),
            system,
            emulation: None,
            architecture: "x86_64".to_owned(),
            kernel: String::new(),
            cores: 0,
            date: String::new(),
            command: String::new(),
            rerun: None,
            seed: 0,
            jobs: 1,
            trials: reports.len(),
            partition: None,
            backends,
        },
        footer,
        reports,
        texts: Texts::default(),
    }
}

/// A trial on the pipe `backend` with these clauses. Its verdict is the worst of theirs; it passes if
/// there are none.
pub(crate) fn report(case: &str, backend: &str, clauses: &[ClauseVerdict]) -> TrialReport {
    let (case, permutation) = match case.split_once('[') {
        Some((case, rest)) => (case, rest.trim_end_matches(']')),
        None => (case, ""),
    };
    let verdicts = clauses.iter().map(|clause| clause.verdict);
    TrialReport {
        name: TrialName {
            case: case.to_owned(),
            permutation: permutation.to_owned(),
            backend: Key::new(Kind::Pipe, backend),
        },
        verdict: verdicts.max().unwrap_or(Verdict::Pass),
        too_slow: false,
        why: None,
        clauses: clauses.to_vec(),
        findings: Vec::new(),
        failures: Vec::new(),
        errors: Vec::new(),
        wait_for: None,
        run: None,
        transcript: String::new(),
        composed: Vec::new(),
        stdout: Vec::new(),
        operations: 0,
        waited: 0,
        instance: None,
        elapsed: 0,
        ended: None,
    }
}

/// A clause that the case lists, with this verdict.
pub(crate) fn clause(id: &str, verdict: Verdict) -> ClauseVerdict {
    ClauseVerdict {
        clause: id.into(),
        verdict,
        listed: true,
        evidence: 1,
        breaks: Vec::new(),
        divergence: None,
    }
}

/// A clause that broke at this step.
pub(crate) fn broken(
    id: &str,
    verdict: Verdict,
    step: &str,
    outcome: Outcome,
    raw: Option<RawError>,
) -> ClauseVerdict {
    ClauseVerdict {
        evidence: 0,
        breaks: vec![Break {
            step: step.to_owned(),
            label: None,
            outcome,
            raw,
            operation: None,
        }],
        ..clause(id, verdict)
    }
}

/// An operating system's name and number of an error.
pub(crate) fn raw(kind: &str, code: i32) -> RawError {
    RawError {
        kind: Some(kind.into()),
        code: Some(code),
    }
}

/// An error that an operation returned.
pub(crate) fn returned(step: &str, outcome: Outcome, raw: RawError) -> ReturnedError {
    ReturnedError {
        process: "main".to_owned(),
        step: step.to_owned(),
        outcome,
        raw,
    }
}
