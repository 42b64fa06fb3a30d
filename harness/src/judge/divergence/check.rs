//! Checks well-formed divergences against the catalogue and the trials that exist.

use super::{Divergence, DivergenceFile};
use crate::backend::Platform;
use crate::case::{Diagnostic, Diagnostics};
use crate::clause::{Catalogue, ClauseId, Profile};
use crate::plan::Permutation;

/// What the divergences of one backend are checked against.
pub(crate) struct Inventory<'a> {
    /// The clauses that exist.
    pub catalogue: &'a Catalogue,
    /// The permutations of its kind of channel, each with the platforms on which it can run them.
    pub permutations: Vec<(&'a Permutation, Vec<Platform>)>,
    /// The line in which the backend introduces itself.
    pub about: String,
    /// Whether it is a reference, which can have no divergence.
    pub is_reference: bool,
}

/// The entries of a file, sorted by whether they can apply.
#[derive(Debug, Default)]
pub(crate) struct CheckedDivergences {
    /// The entries that apply.
    pub divergences: Vec<Divergence>,
    /// Mistakes: entries that can never apply.
    pub wrong: Diagnostics,
    /// Entries that match nothing any more, or contradict another one.
    pub outdated: Diagnostics,
}

/// Checks every entry of a file.
pub(crate) fn check_divergences(
    file: &DivergenceFile,
    inventory: &Inventory<'_>,
) -> CheckedDivergences {
    let mut checked = CheckedDivergences::default();
    if inventory.is_reference {
        let message = format!("`{}` is a reference, and may break nothing", *file.backend);
        let help = "fix the backend, or the invariant that reports the break";
        checked
            .wrong
            .push(Diagnostic::new(file.backend.span, message).help(help));
        return checked;
    }
    for divergence in &file.divergences {
        if let Some(mistake) = misspelt(divergence, inventory) {
            checked.wrong.push(mistake);
        } else if let Some(mistake) =
            unmatched(divergence, inventory).or_else(|| twice(divergence, &checked, inventory))
        {
            checked.outdated.push(mistake);
        } else {
            checked.divergences.push(divergence.clone());
        }
    }
    checked
}

/// Reports a clause that doesn't exist, or that binds only references.
fn misspelt(divergence: &Divergence, inventory: &Inventory<'_>) -> Option<Diagnostic> {
    let id = &divergence.clause;
    let Some(clause) = inventory.catalogue.get(id) else {
        let message = format!("no clause is called `{}`", id.value);
        let known = inventory.catalogue.iter().map(|clause| clause.id.as_str());
        let help = crate::case::name::nearest(id.as_str(), known)
            .map(|meant| format!("did you mean `{meant}`?"))
            .unwrap_or_else(|| "`list clauses` shows them".to_owned());
        return Some(Diagnostic::new(id.span, message).help(help));
    };
    (!clause.binds(false)).then(|| {
        let binding = match clause.profile {
            Profile::Core | Profile::Declared => "is information",
            Profile::Mp => "binds only references",
            Profile::Harness => "binds only the harness",
        };
        let message = format!("`{}` {binding}, so its break is no failure", clause.id);
        let help = "no divergence is needed; remove it";
        Diagnostic::new(id.span, message).help(help)
    })
}

fn unmatched(divergence: &Divergence, inventory: &Inventory<'_>) -> Option<Diagnostic> {
    let (case, place) = (&divergence.case.value, divergence.case.span);
    let named = |permutation: &Permutation| case.names(permutation);
    let mut permutations = inventory.permutations.iter();
    if permutations.any(|(permutation, _)| named(permutation)) {
        // Another version of the library may show it elsewhere.
        let mut trials = trials(inventory);
        return (!trials.any(|(one, platform)| divergence.may_cover(one, platform))).then(|| {
            let message = format!("no trial of `{case}` on `{}` matches", divergence.backend);
            let help = "the backend can't run it in the circumstances of `when`: remove the \
                        divergence, or change `when`";
            Diagnostic::new(place, message).help(help)
        });
    }
    let kind = divergence.backend.kind;
    let message = format!("no case of a {kind} matches `{case}`");
    let names = inventory.permutations.iter().map(|(one, _)| &*one.case);
    let help = match crate::case::name::nearest(case.as_str(), names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "remove the divergence, or name a case; `list cases` shows them".to_owned(),
    };
    Some(Diagnostic::new(place, message).help(help))
}

/// Reports a second entry for the same clause in the same trial.
fn twice(
    divergence: &Divergence,
    checked: &CheckedDivergences,
    inventory: &Inventory<'_>,
) -> Option<Diagnostic> {
    let same_clause = |other: &&Divergence| other.clause == divergence.clause;
    let mut others = checked.divergences.iter().filter(same_clause);
    let other = others.find(|other| {
        let both = [*other, divergence];
        trials(inventory).any(|(permutation, platform)| {
            let mut both = both.iter();
            both.all(|one| one.covers(permutation, platform, &inventory.about))
        })
    })?;
    let id: &ClauseId = &divergence.clause;
    let message = format!("a second divergence of `{id}` in the same trials");
    let help = "merge them, with a list of signatures if it breaks in several ways, or tell \
                them apart by `case` or `when`";
    let diagnostic = Diagnostic::new(divergence.clause.span, message).help(help);
    Some(diagnostic.context(other.clause.span, "the first one"))
}

/// All trials on all platforms.
fn trials<'a>(inventory: &'a Inventory<'a>) -> impl Iterator<Item = (&'a Permutation, Platform)> {
    let permutations = inventory.permutations.iter();
    permutations.flat_map(|(permutation, platforms)| {
        let platforms = platforms.iter().copied();
        platforms.map(|platform| (*permutation, platform))
    })
}

#[cfg(test)]
mod tests;
