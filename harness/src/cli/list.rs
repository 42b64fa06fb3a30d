//! `list`: cases, backends, clauses, invariants and divergences.

use std::io::Write;
use std::path::Path;

use anstyle::Style;
use clap::{Args, ValueEnum};

use super::problem::Problem;
use super::subjects;
use super::terminal::print_mistakes;
use crate::backend::{Capabilities, Support};
use crate::corpus::{CaseFolder, tested_clauses};
use crate::event::ExitCode;
use crate::judge::divergence::{Divergence, Review};
use crate::judge::invariant;
use crate::os::platform;
use crate::printable::{indented, line};
use crate::registry::Registry;
use crate::report::counted;
use crate::runner::Subject;

const NAME: Style = Style::new().bold();
const INDENT: &str = "    ";

/// The arguments of `list`.
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// What to list.
    what: Listing,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Listing {
    /// The cases, with their titles and numbers of permutations.
    Cases,
    /// The backends, with their capabilities on this system.
    Backends,
    /// The clauses, with their levels and profiles.
    Clauses,
    /// The invariants, with the clauses that they cover.
    Invariants,
    /// The reviewed divergences, with their reasons.
    Divergences,
}

pub(super) fn list(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &ListArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    match arguments.what {
        Listing::Cases => return cases(&CaseFolder::open(root)?, out),
        Listing::Backends => backends(registry, root, out)?,
        Listing::Clauses => clauses(&CaseFolder::open(root)?, out)?,
        Listing::Invariants => invariants(out)?,
        Listing::Divergences => return divergences(&CaseFolder::open(root)?, registry, out),
    }
    Ok(ExitCode::AsExpected)
}

fn cases(folder: &CaseFolder, out: &mut dyn Write) -> Result<ExitCode, Problem> {
    let (cases, rejected) = folder.cases();
    let faulty = print_mistakes(&rejected);
    for case in &cases {
        let permutations = match case.permutations.len() {
            0 | 1 => String::new(),
            many => format!(" ({many} permutations)"),
        };
        writeln!(out, "{NAME}{}{NAME:#}{permutations}", case.name)?;
        writeln!(out, "{INDENT}{}", line(&case.case.title.value))?;
    }
    Ok(if faulty == 0 {
        ExitCode::AsExpected
    } else {
        ExitCode::Usage
    })
}

fn divergences(
    folder: &CaseFolder,
    registry: &Registry,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let (cases, _) = folder.cases();
    let divergences = folder.divergences(&cases, registry, &[]);
    print_mistakes(&divergences.rejected);
    if divergences.iter().next().is_none() {
        writeln!(out, "no divergence is recorded")?;
    }
    let all: Vec<&Divergence> = divergences.iter().collect();
    for of_entry in all.chunk_by(|one, next| one.place == next.place) {
        entry(of_entry, out)?;
    }
    Ok(divergences.code)
}

/// Lists the divergences that an entry stands for.
fn entry(divergences: &[&Divergence], out: &mut dyn Write) -> Result<(), Problem> {
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

/// Lists the backends of this program and of the adapters in the root folder.
fn backends(registry: &Registry, root: Option<&Path>, out: &mut dyn Write) -> Result<(), Problem> {
    let mut subjects: Vec<Subject> = registry.iter().cloned().map(Subject::from).collect();
    // Without a case folder, only the backends of this program are listed.
    if let Ok(folder) = CaseFolder::open(root) {
        subjects.extend(subjects::of_adapters(folder.root_folder.root())?);
    }
    subjects.sort_by_key(Subject::key);
    let platform = platform::current();
    if platform.emulation.is_some() {
        writeln!(out, "on {platform}")?;
    }
    for subject in subjects {
        writeln!(out, "{NAME}{}{NAME:#}", subject.key())?;
        writeln!(out, "{INDENT}{}", line(&subject.about().to_string()))?;
        match (subject.capabilities(platform.system), subject.absence()) {
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
            (None, None) => writeln!(out, "{INDENT}not on {}", platform.system)?,
        }
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

fn clauses(folder: &CaseFolder, out: &mut dyn Write) -> Result<(), Problem> {
    let (cases, _) = folder.cases();
    let tested = tested_clauses(&cases);
    for clause in folder.catalogue.iter() {
        let (level, profile) = (clause.level.word(), clause.profile.word());
        let since = clause.since.as_ref();
        let since = since.map_or(String::new(), |version| format!(", since {version}"));
        writeln!(
            out,
            "{NAME}{}{NAME:#} ({level}, {profile}{since})",
            clause.id
        )?;
        writeln!(out, "{INDENT}{}", line(&clause.sentence))?;
        match (tested.get(&clause.id), &clause.untried) {
            (Some(cases), _) => {
                let (first, more) = (line(cases[0]), cases.len() - 1);
                let more = if more == 0 {
                    String::new()
                } else {
                    format!(" and {more} more")
                };
                writeln!(out, "{INDENT}tested by {first}{more}")?;
            }
            (None, Some(why)) => writeln!(out, "{INDENT}not tested: {}", line(why))?,
            (None, None) => writeln!(out, "{INDENT}no case tests it")?,
        }
        for link in &clause.seen {
            writeln!(out, "{INDENT}seen broken: {}", line(link))?;
        }
    }
    let all = folder.catalogue.iter().count();
    let without = all - tested.len();
    let without = match without {
        0 => "each with a case".to_owned(),
        _ => format!("{without} without a case"),
    };
    writeln!(out, "{}, {without}", counted(all, "clause"))?;
    Ok(())
}

fn invariants(out: &mut dyn Write) -> Result<(), Problem> {
    for invariant in invariant::ALL {
        writeln!(out, "{NAME}{}{NAME:#}", invariant.name)?;
        writeln!(out, "{INDENT}{}", invariant.about)?;
        for clause in invariant.clauses {
            writeln!(out, "{INDENT}{INDENT}{clause}")?;
        }
    }
    Ok(())
}
