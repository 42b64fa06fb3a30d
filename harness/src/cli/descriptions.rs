//! Descriptions of one clause, backend or recorded divergence, for several commands.

use std::io::Write;

use anstyle::Style;

use super::problem::Problem;
use crate::backend::{Capabilities, Support, System};
use crate::clause::Clause;
use crate::judge::divergence::{Divergence, Review};
use crate::printable::{indented, line};
use crate::runner::Subject;

pub(super) const NAME: Style = Style::new().bold();
pub(super) const INDENT: &str = "    ";

/// Describes a clause: its id, level, profile and sentence.
pub(super) fn clause(clause: &Clause, out: &mut dyn Write) -> Result<(), Problem> {
    let (level, profile) = (clause.level.word(), clause.profile.word());
    let since = clause.since.as_ref();
    let since = since.map_or(String::new(), |version| format!(", since {version}"));
    let id = &clause.id;
    writeln!(out, "{NAME}{id}{NAME:#} ({level}, {profile}{since})")?;
    writeln!(out, "{INDENT}{}", line(&clause.sentence))?;
    Ok(())
}

/// Lists the public reports of libraries that broke a clause.
pub(super) fn reports(clause: &Clause, out: &mut dyn Write) -> Result<(), Problem> {
    for link in &clause.seen {
        writeln!(out, "{INDENT}seen broken: {}", line(link))?;
    }
    Ok(())
}

/// Describes a backend and what it can do on this system.
pub(super) fn backend(
    subject: &Subject,
    system: System,
    out: &mut dyn Write,
) -> Result<(), Problem> {
    writeln!(out, "{NAME}{}{NAME:#}", subject.key())?;
    writeln!(out, "{INDENT}{}", line(&subject.about().to_string()))?;
    match (subject.capabilities(system), subject.absence()) {
        (Some(capabilities), _) => {
            words(&capabilities, Support::Native, "its own", out)?;
            words(&capabilities, Support::Composed, "composed", out)?;
            limits(&capabilities, out)?;
        }
        (None, Some(absence)) => {
            writeln!(
                out,
                "{INDENT}{}: {}",
                absence.verdict.word(),
                indented(&absence.why)
            )?;
        }
        (None, None) => writeln!(out, "{INDENT}not on {}", system)?,
    }
    Ok(())
}

fn limits(capabilities: &Capabilities, out: &mut dyn Write) -> Result<(), Problem> {
    let depth = capabilities.largest_depth;
    let limits = [
        (capabilities.largest_message, "bytes per message"),
        (capabilities.largest_capacity, "items with a capacity"),
        (depth.items, "items without a capacity"),
        (depth.bytes, "bytes of items without a capacity"),
    ];
    let limits = limits
        .into_iter()
        .filter_map(|(most, what)| Some((most?, what)));
    let limits: Vec<String> = limits
        .map(|(most, what)| format!("{most} {what}"))
        .collect();
    if !limits.is_empty() {
        writeln!(out, "{INDENT}at most: {}", limits.join(", "))?;
    }
    Ok(())
}

fn words(
    capabilities: &Capabilities,
    wanted: Support,
    heading: &str,
    out: &mut dyn Write,
) -> Result<(), Problem> {
    let words: Vec<&str> = capabilities
        .iter()
        .filter(|(_, support)| *support == wanted)
        .map(|(capability, _)| capability.word())
        .collect();
    if !words.is_empty() {
        writeln!(out, "{INDENT}{heading}: {}", words.join(", "))?;
    }
    Ok(())
}

/// Describes the divergences that an entry stands for.
pub(super) fn entry(divergences: &[&Divergence], out: &mut dyn Write) -> Result<(), Problem> {
    let Some(first) = divergences.first() else {
        return Ok(());
    };
    let Review {
        kind,
        reason,
        quote,
        link,
    } = &*first.review;
    let place = first.place.to_string();
    writeln!(out, "{NAME}{}{NAME:#} ({})", line(&place), kind.word())?;
    let mut last: Option<Vec<String>> = None;
    for of_backend in divergences.chunk_by(|one, next| one.backend == next.backend) {
        let records: Vec<String> = of_backend.iter().map(|one| record(one)).collect();
        // Backends with the same divergences are listed together.
        if last.as_ref().is_some_and(|last| *last != records) {
            write!(out, "{}", last.take().unwrap_or_default().concat())?;
        }
        writeln!(out, "{INDENT}{}", of_backend[0].backend)?;
        last = Some(records);
    }
    write!(out, "{}", last.unwrap_or_default().concat())?;
    for text in reason.trim().lines() {
        writeln!(out, "{INDENT}{}", line(text))?;
    }
    for text in &quote.texts {
        let words: Vec<&str> = text.split_whitespace().collect();
        writeln!(out, "{INDENT}\"{}\"", line(&words.join(" ")))?;
    }
    let source = quote.source.to_string();
    writeln!(out, "{INDENT}{}", line(&source))?;
    if *link != source {
        writeln!(out, "{INDENT}{}", line(link))?;
    }
    Ok(())
}

/// Returns the lines about one clause in one case.
fn record(divergence: &Divergence) -> String {
    let (clause, case) = (&divergence.clause.value, &divergence.case.value);
    let mut text = format!(
        "{INDENT}{INDENT}{clause} in {case}{}\n",
        line(&divergence.when.to_string())
    );
    for signature in &divergence.signatures {
        let shows = divergence.shows.word();
        text.push_str(&format!(
            "{INDENT}{INDENT}{INDENT}{shows} {}\n",
            line(&signature.to_string())
        ));
    }
    text
}
