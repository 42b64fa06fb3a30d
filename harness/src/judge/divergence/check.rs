//! What is wrong with divergences although they are well written: that nothing is like that.

use super::{Divergence, File};
use crate::backend::Platform;
use crate::case::{Diagnostic, Diagnostics};
use crate::clause::catalogue::Catalogue;
use crate::clause::{ClauseId, Profile};
use crate::plan::Permutation;

/// What one backend's divergences must fit.
pub struct Inventory<'a> {
    /// What clauses there are.
    pub catalogue: &'a Catalogue,
    /// The permutations of its kind of channel, each with the platforms on which it can run them.
    pub permutations: Vec<(&'a Permutation, Vec<Platform>)>,
    /// The one line by which it introduces itself.
    pub about: String,
    /// Whether it is held to everything.
    pub is_reference: bool,
}

/// What a file says that is so, and what isn't.
#[derive(Debug, Default)]
pub struct Checked {
    /// The entries to go by.
    pub divergences: Vec<Divergence>,
    /// What can't be meant.
    pub wrong: Diagnostics,
    /// What isn't so any more, or contradicts itself: it was meant, and must be changed.
    pub outdated: Diagnostics,
}

/// Looks at every entry of a file. What is told of isn't gone by.
pub fn check(file: &File, inventory: &Inventory<'_>) -> Checked {
    let mut checked = Checked::default();
    if inventory.is_reference {
        let message = format!("`{}` is a reference, and may break nothing", *file.backend);
        let help = "mend the backend, or the judge that accuses it";
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

/// That the clause is none, or none that a backend other than a reference can break.
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
        let whose = match clause.profile {
            Profile::Core | Profile::Declared => "is information",
            Profile::Mp => "is only the reference's promise",
            Profile::Harness => "is only the harness's promise",
        };
        let message = format!("`{}` {whose}: nothing fails by it", clause.id);
        let help = "no divergence is needed; remove it";
        Diagnostic::new(id.span, message).help(help)
    })
}

fn unmatched(divergence: &Divergence, inventory: &Inventory<'_>) -> Option<Diagnostic> {
    let (case, place) = (&divergence.case.value, divergence.case.span);
    let named = |permutation: &Permutation| case.names(permutation);
    let mut permutations = inventory.permutations.iter();
    if permutations.any(|(permutation, _)| named(permutation)) {
        // What another version of the library does shows elsewhere.
        let mut trials = trials(inventory);
        return (!trials.any(|(one, platform)| divergence.may_cover(one, platform))).then(|| {
            let message = format!("no trial of `{case}` on `{}` is meant", divergence.backend);
            let help = "the backend can't run it where and how `when` says: remove the divergence, \
                        or change `when`";
            Diagnostic::new(place, message).help(help)
        });
    }
    let kind = divergence.backend.kind;
    let message = format!("no case of a {kind} is like `{case}`");
    let names = inventory.permutations.iter().map(|(one, _)| &*one.case);
    let help = match crate::case::name::nearest(case.as_str(), names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "remove the divergence, or name a case; `list cases` shows them".to_owned(),
    };
    Some(Diagnostic::new(place, message).help(help))
}

/// That another entry speaks of the same clause in the same trial, where only one can be right.
fn twice(
    divergence: &Divergence,
    checked: &Checked,
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
    let help = "make one of both, with a list of signatures where it breaks in several ways; or \
                tell them apart by `case` or `when`";
    let diagnostic = Diagnostic::new(divergence.clause.span, message).help(help);
    Some(diagnostic.context(other.clause.span, "the first one"))
}

/// The trials that there are, wherever they run.
fn trials<'a>(inventory: &'a Inventory<'a>) -> impl Iterator<Item = (&'a Permutation, Platform)> {
    let permutations = inventory.permutations.iter();
    permutations.flat_map(|(permutation, platforms)| {
        let platforms = platforms.iter().copied();
        platforms.map(|platform| (*permutation, platform))
    })
}

#[cfg(test)]
mod tests;
