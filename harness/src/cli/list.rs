//! `list`: what there is to run, and what it is judged by.

use std::io::Write;
use std::path::Path;

use anstyle::Style;
use clap::{Args, ValueEnum};

use super::{Problem, subjects, tell_faults};
use crate::backend::{Capabilities, Support};
use crate::corpus::case_folder::CaseFolder;
use crate::event::exit_code::ExitCode;
use crate::judge::invariant;
use crate::os::platform;
use crate::registry::Registry;
use crate::runner::subject::Subject;

const NAME: Style = Style::new().bold();
const INDENT: &str = "    ";

/// `list`'s arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Of what.
    what: What,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// The cases, with their titles and how many permutations they have.
    Cases,
    /// The backends, with what they declare on this system.
    Backends,
    /// The promises, with whose they are.
    Clauses,
    /// The judges, with the promises that they speak of.
    Invariants,
    /// The reviewed divergences: which backend breaks what, where, how and why.
    Divergences,
}

pub(super) fn list(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    match arguments.what {
        What::Cases => return cases(&CaseFolder::open(root)?, out),
        What::Backends => backends(registry, root, out)?,
        What::Clauses => clauses(&CaseFolder::open(root)?, out)?,
        What::Invariants => invariants(out)?,
        What::Divergences => return divergences(&CaseFolder::open(root)?, registry, out),
    }
    Ok(ExitCode::AsExpected)
}

fn cases(library: &CaseFolder, out: &mut dyn Write) -> Result<ExitCode, Problem> {
    let (cases, faults) = library.cases();
    let faulty = tell_faults(&faults);
    for case in &cases {
        let permutations = match case.permutations.len() {
            0 | 1 => String::new(),
            many => format!(" ({many} permutations)"),
        };
        writeln!(out, "{NAME}{}{NAME:#}{permutations}", case.name)?;
        writeln!(out, "{INDENT}{}", case.case.title.value)?;
    }
    Ok(if faulty == 0 {
        ExitCode::AsExpected
    } else {
        ExitCode::Usage
    })
}

fn divergences(
    library: &CaseFolder,
    registry: &Registry,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let (cases, _) = library.cases();
    let divergences = library.divergences(&cases, registry, &[]);
    tell_faults(&divergences.faults);
    if divergences.iter().next().is_none() {
        writeln!(out, "no divergence is recorded")?;
    }
    let mut of = None;
    for divergence in divergences.iter() {
        if of != Some(&divergence.backend) {
            writeln!(out, "{NAME}{}{NAME:#}", divergence.backend)?;
            of = Some(&divergence.backend);
        }
        let (clause, case) = (&divergence.clause.value, &divergence.case.value);
        writeln!(out, "{INDENT}{clause} in {case}{}", divergence.when)?;
        for signature in &divergence.signatures {
            let shows = divergence.shows.word();
            writeln!(out, "{INDENT}{INDENT}{shows} {signature}")?;
        }
        for line in divergence.reason.trim().lines() {
            writeln!(out, "{INDENT}{INDENT}{line}")?;
        }
        writeln!(out, "{INDENT}{INDENT}{}", divergence.link.value)?;
        writeln!(out, "{INDENT}{INDENT}{}", divergence.place)?;
    }
    Ok(divergences.code)
}

/// This program's backends, and what the root's own adapters host.
fn backends(registry: &Registry, root: Option<&Path>, out: &mut dyn Write) -> Result<(), Problem> {
    let mut subjects: Vec<Subject> = registry.iter().cloned().map(Subject::from).collect();
    // Backends can be listed where there are no cases.
    if let Ok(library) = CaseFolder::open(root) {
        subjects.extend(subjects::of_adapters(library.corpus.root())?);
    }
    subjects.sort_by_key(Subject::key);
    let platform = platform::current();
    if platform.emulation.is_some() {
        writeln!(out, "on {platform}")?;
    }
    for subject in subjects {
        writeln!(out, "{NAME}{}{NAME:#}", subject.key())?;
        writeln!(out, "{INDENT}{}", subject.about())?;
        match (subject.capabilities(platform.system), subject.absence()) {
            (Some(capabilities), _) => {
                words(&capabilities, Support::Native, "its own", out)?;
                words(&capabilities, Support::Composed, "composed", out)?;
                limits(&capabilities, out)?;
            }
            (None, Some(absence)) => {
                writeln!(out, "{INDENT}{}: {}", absence.verdict.word(), absence.why)?;
            }
            (None, None) => writeln!(out, "{INDENT}not on {}", platform.system)?,
        }
    }
    Ok(())
}

fn limits(capabilities: &Capabilities, out: &mut dyn Write) -> Result<(), Problem> {
    let depth = capabilities.largest_depth;
    let known = [
        (capabilities.largest_message, "bytes a message"),
        (capabilities.largest_capacity, "items by a capacity"),
        (depth.items, "items without one"),
        (depth.bytes, "bytes of items without one"),
    ];
    let known = known
        .into_iter()
        .filter_map(|(most, what)| Some((most?, what)));
    let known: Vec<String> = known.map(|(most, what)| format!("{most} {what}")).collect();
    if !known.is_empty() {
        writeln!(out, "{INDENT}at most: {}", known.join(", "))?;
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

fn clauses(library: &CaseFolder, out: &mut dyn Write) -> Result<(), Problem> {
    for clause in library.catalogue.iter() {
        let (level, profile) = (clause.level.word(), clause.profile.word());
        writeln!(out, "{NAME}{}{NAME:#} ({level}, {profile})", clause.id)?;
        writeln!(out, "{INDENT}{}", clause.sentence)?;
    }
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
