//! `list`: cases, backends, clauses, invariants and divergences.

use std::io::Write;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::descriptions::{self, INDENT, NAME};
use super::problem::Problem;
use super::subjects;
use super::terminal::print_mistakes;
use crate::corpus::{CaseFolder, tested_clauses};
use crate::event::ExitCode;
use crate::judge::divergence::Divergence;
use crate::judge::invariant;
use crate::os::platform;
use crate::printable::line;
use crate::registry::Registry;
use crate::report::counted;

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
        descriptions::entry(of_entry, out)?;
    }
    Ok(divergences.code)
}

/// Lists the backends of this program and of the adapters in the root folder.
fn backends(registry: &Registry, root: Option<&Path>, out: &mut dyn Write) -> Result<(), Problem> {
    // Without a case folder, only the backends of this program are listed.
    let folder = CaseFolder::open(root).ok();
    let root = folder.as_ref().map(|folder| folder.root_folder.root());
    let subjects = subjects::known(registry, root)?;
    let platform = platform::current();
    if platform.emulation.is_some() {
        writeln!(out, "on {platform}")?;
    }
    for subject in &subjects {
        descriptions::backend(subject, platform.system, out)?;
    }
    Ok(())
}

fn clauses(folder: &CaseFolder, out: &mut dyn Write) -> Result<(), Problem> {
    let (cases, _) = folder.cases();
    let tested = tested_clauses(&cases);
    for clause in folder.catalogue.iter() {
        descriptions::clause(clause, out)?;
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
        descriptions::reports(clause, out)?;
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
