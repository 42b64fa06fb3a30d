//! Answers as text and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::Needs;
use super::answer::{Answer, Answers, Finding, Grade};
use super::lost::Lost;
use crate::backend::System;
use crate::clause::Catalogue;
use crate::printable::{line, padded};
use crate::report::style::{BAD, DOUBT, FAINT, GOOD, STRONG, paint};
use crate::report::words::width;

/// Returns the needs, what each library meets of them, and what was lost.
pub(crate) fn draw(
    needs: &Needs,
    answers: &Answers<'_>,
    lost: &[Lost<'_>],
    catalogue: &Catalogue,
) -> String {
    let mut text = asked(needs, catalogue);
    for answer in &answers.answers {
        text.push('\n');
        text.push_str(&one(answer, needs));
    }
    for pattern in &answers.missing {
        let sign = sign(Grade::NoEvidence);
        let _ = writeln!(text, "\n{sign} {}: in no log", line(&pattern.to_string()));
    }
    if !lost.is_empty() {
        let heading = "met in the earlier logs, and not any more:";
        let _ = writeln!(text, "\n{}", paint(STRONG, heading));
        for one in lost {
            let (library, need, system) = (one.library, one.now.need, one.now.system);
            let _ = writeln!(text, "  {library} on {system}: {need}");
            let _ = writeln!(text, "    before: {}", line(&one.before.why));
            let _ = writeln!(text, "    now:    {}", line(&one.now.why));
        }
    }
    let _ = writeln!(text, "\n{}", summary(answers));
    text
}

fn asked(needs: &Needs, catalogue: &Catalogue) -> String {
    let systems: Vec<String> = needs.systems.iter().map(System::to_string).collect();
    let mut text = format!("{}\n", paint(STRONG, line(&needs.title)));
    let _ = writeln!(text, "{} on {}:", needs.kind, systems.join(", "));
    let clauses = needs.clauses.iter().map(|id| {
        let clause = catalogue.get(id);
        let sentence = clause.map_or("", |clause| clause.sentence.as_str());
        (id.as_str(), sentence)
    });
    let capabilities = needs.capabilities.iter();
    let capabilities = capabilities.map(|one| (one.word(), "as a capability"));
    let rows: Vec<(&str, &str)> = clauses.chain(capabilities).collect();
    let widest = rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    for (name, sentence) in rows {
        let row = format!("  {}  {}", padded(name, widest), line(sentence));
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

/// Describes an answer: what the library doesn't meet, or else what shows that it meets everything.
fn one(answer: &Answer<'_>, needs: &Needs) -> String {
    let words = match answer.grade {
        Grade::Met => "meets all of it",
        Grade::MetWithHelp => "meets all of it, with its adapter's help",
        Grade::NoEvidence => "no evidence",
        Grade::Unmet => "doesn't meet all of it",
    };
    let name = paint(STRONG, line(&answer.library.to_string()));
    let mut text = format!("{} {name}: {words}\n", sign(answer.grade));
    for about in &answer.about {
        let _ = writeln!(text, "    {}", paint(FAINT, line(about)));
    }
    let is_short = answer.grade >= Grade::NoEvidence;
    let shown = |finding: &&Finding| !is_short || finding.grade >= Grade::NoEvidence;
    for finding in answer.findings.iter().filter(shown) {
        let on = match needs.systems.as_slice() {
            [_] => String::new(),
            _ => format!(" on {}", finding.system),
        };
        let sign = sign(finding.grade);
        let why = line(&finding.why);
        let _ = writeln!(text, "    {sign} {}{on}: {why}", finding.need);
    }
    text
}

fn summary(answers: &Answers<'_>) -> String {
    let count = |grade| {
        let of = answers.answers.iter().filter(|one| one.grade == grade);
        of.count()
    };
    let total = answers.answers.len() + answers.missing.len();
    let met = match count(Grade::Met) {
        0 => None,
        1 => Some("1 meets all of it".to_owned()),
        some => Some(format!("{some} meet all of it")),
    };
    let helped = match count(Grade::MetWithHelp) {
        0 => None,
        1 => Some("1 meets all of it with its adapter's help".to_owned()),
        some => Some(format!("{some} meet all of it with their adapters' help")),
    };
    let parts: Vec<String> = met.into_iter().chain(helped).collect();
    let of = match total {
        1 => "1 library".to_owned(),
        _ => format!("{total} libraries"),
    };
    match parts.is_empty() {
        true => format!("of {of}, none is known to meet all of it"),
        false => format!("of {of}, {}", parts.join(" and ")),
    }
}

/// Returns the sign of a grade, in its colour.
fn sign(grade: Grade) -> String {
    let style = match grade {
        Grade::Met | Grade::MetWithHelp => GOOD,
        Grade::NoEvidence => DOUBT,
        Grade::Unmet => BAD,
    };
    paint(style, grade.state().sign())
}

/// The JSON object of all answers.
#[derive(Serialize)]
struct AnswersRecord<'a> {
    title: &'a str,
    answers: &'a [Answer<'a>],
    missing: Vec<String>,
    lost: &'a [Lost<'a>],
}

/// Returns the answers as one JSON object in one line.
///
/// # Errors
/// Never happens, because these are names, words and texts.
pub(crate) fn json(
    needs: &Needs,
    answers: &Answers<'_>,
    lost: &[Lost<'_>],
) -> serde_json::Result<String> {
    let record = AnswersRecord {
        title: &needs.title,
        answers: &answers.answers,
        missing: answers.missing.iter().map(ToString::to_string).collect(),
        lost,
    };
    Ok(serde_json::to_string(&record)? + "\n")
}
