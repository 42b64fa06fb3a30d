//! Checks well-formed divergences against the catalogue and the trials that exist.

use std::sync::Arc;

use super::{Divergence, DivergenceFile, Entry, WildcardPattern};
use crate::backend::{Key, Platform};
use crate::case::{Diagnostic, Diagnostics, Spanned};
use crate::clause::{Catalogue, ClauseId, Profile};
use crate::plan::{DRAWN, Permutation};

/// What the divergences of one backend are checked against.
pub(crate) struct Inventory<'a> {
    /// The backend.
    pub backend: Key,
    /// The permutations of its kind of channel, each with the platforms on which it can run them.
    pub permutations: Vec<(&'a Permutation, Vec<Platform>)>,
    /// The version of the library, if it is known.
    pub version: Option<String>,
    /// Whether it is a reference, which can have no divergence.
    pub is_reference: bool,
}

/// The backends that the divergences of a file can be about.
pub(crate) trait Backends<'a> {
    /// Returns what is known of each backend that this pattern names.
    fn named(&self, pattern: &WildcardPattern) -> Vec<Arc<Inventory<'a>>>;

    /// Whether a pattern may name no backend, because another program has it.
    fn may_be_elsewhere(&self) -> bool;

    /// Returns the help for a pattern that names no backend.
    fn help(&self, pattern: &WildcardPattern) -> String;
}

/// The divergences of a file, sorted by whether they can apply.
#[derive(Debug, Default)]
pub(crate) struct CheckedDivergences {
    /// Those that apply.
    pub divergences: Vec<Divergence>,
    /// Mistakes: entries that can never apply.
    pub wrong: Diagnostics,
    /// Entries that match nothing any more, or contradict another one.
    pub outdated: Diagnostics,
}

/// Checks every entry of a file. `earlier` are the divergences of other files.
pub(crate) fn check_divergences<'a>(
    file: &DivergenceFile,
    catalogue: &Catalogue,
    backends: &dyn Backends<'a>,
    earlier: &[Arc<Divergence>],
) -> CheckedDivergences {
    let mut checked = CheckedDivergences::default();
    for entry in &file.entries {
        let checker = EntryChecker {
            entry,
            catalogue,
            backends,
        };
        match checker.divergences() {
            Ok(of_backends) => {
                for (inventory, divergence) in of_backends {
                    let earlier = earlier.iter().map(|one| &**one);
                    match twice(&divergence, &checked.divergences, earlier, &inventory) {
                        Some(mistake) => checked.outdated.push(mistake),
                        None => checked.divergences.push(divergence),
                    }
                }
            }
            Err(Mistakes { wrong, outdated }) => {
                wrong.iter().for_each(|one| checked.wrong.push(one.clone()));
                let outdated = outdated.iter();
                outdated.for_each(|one| checked.outdated.push(one.clone()));
            }
        }
    }
    checked
}

/// The mistakes of one entry.
#[derive(Default)]
struct Mistakes {
    wrong: Vec<Diagnostic>,
    outdated: Vec<Diagnostic>,
}

struct EntryChecker<'c, 'a> {
    entry: &'c Entry,
    catalogue: &'c Catalogue,
    backends: &'c dyn Backends<'a>,
}

type OfBackend<'a> = (Arc<Inventory<'a>>, Divergence);

impl<'a> EntryChecker<'_, 'a> {
    /// Returns the divergences of the entry that some trial matches.
    fn divergences(&self) -> Result<Vec<OfBackend<'a>>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let clauses = self.entry.clauses.iter();
        mistakes
            .wrong
            .extend(clauses.filter_map(|clause| misspelt(clause, self.catalogue)));
        let mut named = Vec::new();
        for pattern in &self.entry.backends {
            let of_pattern = self.backends.named(pattern);
            match self.unusable(pattern, &of_pattern) {
                Some(mistake) => mistakes.wrong.push(mistake),
                None => named.push((pattern, of_pattern)),
            }
        }
        let all: Vec<OfBackend<'a>> = named
            .iter()
            .flat_map(|(_, inventories)| inventories)
            .flat_map(|one| {
                let divergences = self.entry.of(&one.backend).into_iter();
                divergences.map(|divergence| (Arc::clone(one), divergence))
            })
            .collect();
        // Another program may have the backends that the rest is about.
        if named.iter().all(|(_, inventories)| !inventories.is_empty()) {
            mistakes.wrong.extend(self.unlimited(&all));
        }
        if !mistakes.wrong.is_empty() {
            return Err(mistakes);
        }
        let (matched, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(inventory, divergence)| {
                let is_of_drawn = divergence.case.as_str().starts_with(DRAWN);
                is_of_drawn || is_matched(divergence, inventory)
            });
        let idle = self.entry.cases.iter().filter_map(|case| {
            let is_of = |one: &&OfBackend<'a>| one.1.case == *case;
            let is_idle = !matched.iter().any(|one| is_of(&one));
            let of_case: Vec<_> = others.iter().filter(is_of).collect();
            (is_idle && !of_case.is_empty()).then(|| unmatched(case, &of_case))
        });
        mistakes.outdated.extend(idle);
        if mistakes.outdated.is_empty() {
            let idle = named.iter().filter(|(_, inventories)| {
                let is_of = |one: &OfBackend<'a>| {
                    let mut inventories = inventories.iter();
                    inventories.any(|inventory| inventory.backend == one.1.backend)
                };
                !inventories.is_empty() && !matched.iter().any(is_of)
            });
            mistakes.outdated.extend(idle.map(|(pattern, _)| {
                let message = format!("`{}` runs none of these cases", pattern.value);
                let help = "the backend can't run them in the circumstances of `when`: remove it";
                Diagnostic::new(pattern.span, message).help(help)
            }));
        }
        match mistakes.outdated.is_empty() {
            true => Ok(matched),
            false => Err(mistakes),
        }
    }

    /// Reports a pattern that names no backend, or a reference.
    fn unusable(
        &self,
        pattern: &Spanned<WildcardPattern>,
        named: &[Arc<Inventory<'_>>],
    ) -> Option<Diagnostic> {
        if let Some(reference) = named.iter().find(|one| one.is_reference) {
            let message = format!(
                "`{}` is a reference, and may break nothing",
                reference.backend
            );
            let help = "fix the backend, or the invariant that reports the break";
            return Some(Diagnostic::new(pattern.span, message).help(help));
        }
        (named.is_empty() && !self.backends.may_be_elsewhere()).then(|| {
            let message = format!("no backend is called `{}`", pattern.value);
            Diagnostic::new(pattern.span, message).help(self.backends.help(pattern))
        })
    }

    /// Reports parts of the entry that no signature is about, and signatures that are about none.
    fn unlimited(&self, all: &[OfBackend<'a>]) -> Vec<Diagnostic> {
        let mut mistakes = Vec::new();
        let divergences = || all.iter().map(|(_, divergence)| divergence);
        let clauses = self.entry.clauses.iter();
        let cases = self.entry.cases.iter();
        let idle = clauses
            .filter(|clause| !divergences().any(|one| one.clause == **clause))
            .map(|clause| (clause.span, clause.to_string()))
            .chain(
                cases
                    .filter(|case| !divergences().any(|one| one.case == **case))
                    .map(|case| (case.span, case.to_string())),
            );
        mistakes.extend(idle.map(|(span, what)| {
            let message = format!("no signature says how `{what}` breaks");
            let help = "correct `cases`, `clauses` or `backends` of a signature, or add one";
            Diagnostic::new(span, message).help(help)
        }));
        let idle = self.entry.signatures.iter().filter(|limited| {
            !divergences()
                .any(|one| limited.is_about(self.entry, &one.backend, &one.case, &one.clause))
        });
        mistakes.extend(idle.map(|limited| {
            let message = "the signature is about no backend, case and clause of the divergence";
            let help = "its `backends`, `cases` and `clauses` choose from those of the divergence";
            Diagnostic::new(limited.span, message).help(help)
        }));
        mistakes
    }
}

/// Reports a clause that doesn't exist, or that binds only references.
fn misspelt(id: &Spanned<ClauseId>, catalogue: &Catalogue) -> Option<Diagnostic> {
    let Some(clause) = catalogue.get(id) else {
        let message = format!("no clause is called `{}`", id.value);
        let known = catalogue.iter().map(|clause| clause.id.as_str());
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

/// Whether a trial matches. Another version of the library may be able to do more, so of a divergence for
/// that version only the case must exist.
fn is_matched(divergence: &Divergence, inventory: &Inventory<'_>) -> bool {
    if divergence.is_for(inventory.version.as_deref()) != Some(true) {
        let mut permutations = inventory.permutations.iter();
        return permutations.any(|(one, _)| divergence.case.names(one));
    }
    let mut trials = trials(inventory);
    trials.any(|(one, platform)| divergence.may_cover(one, platform))
}

/// Reports a case that no trial of any backend matches.
fn unmatched(case: &Spanned<WildcardPattern>, of_case: &[&OfBackend<'_>]) -> Diagnostic {
    let permutations = || {
        let inventories = of_case.iter().map(|(inventory, _)| inventory);
        inventories.flat_map(|inventory| inventory.permutations.iter().map(|(one, _)| *one))
    };
    let mut backends: Vec<String> = of_case
        .iter()
        .map(|(inventory, _)| format!("`{}`", inventory.backend))
        .collect();
    backends.dedup();
    if permutations().any(|one| case.names(one)) {
        let message = format!(
            "no trial of `{}` on {} matches",
            case.value,
            backends.join(" or ")
        );
        let help = "the backend can't run it in the circumstances of `when`: remove the \
                    divergence, or change `when`";
        return Diagnostic::new(case.span, message).help(help);
    }
    let mut kinds: Vec<&str> = of_case
        .iter()
        .map(|(inventory, _)| inventory.backend.kind.word())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let message = format!(
        "no case of a {} matches `{}`",
        kinds.join(" or "),
        case.value
    );
    let names = permutations().map(|one| &*one.case);
    let help = match crate::case::name::nearest(case.as_str(), names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "remove the divergence, or name a case; `list cases` shows them".to_owned(),
    };
    Diagnostic::new(case.span, message).help(help)
}

/// Reports a second divergence of the same clause in the same trial.
fn twice<'d>(
    divergence: &Divergence,
    of_file: &'d [Divergence],
    earlier: impl Iterator<Item = &'d Divergence>,
    inventory: &Inventory<'_>,
) -> Option<Diagnostic> {
    let is_same = |other: &&Divergence| {
        other.backend == divergence.backend && other.clause == divergence.clause
    };
    let mut others = of_file.iter().chain(earlier).filter(is_same);
    let other = others.find(|other| {
        let both = [*other, divergence];
        trials(inventory).any(|(permutation, platform)| {
            let mut both = both.iter();
            both.all(|one| one.covers(permutation, platform, inventory.version.as_deref()))
        })
    })?;
    let id: &ClauseId = &divergence.clause;
    let message = format!(
        "a second divergence of `{id}` in the same trials of `{}`",
        divergence.backend
    );
    let help = "merge them, with a list of signatures if it breaks in several ways, or tell \
                them apart by `cases` or `when`";
    let diagnostic = Diagnostic::new(divergence.clause.span, message);
    Some(match other.place.file == divergence.place.file {
        true => diagnostic
            .help(help)
            .context(other.clause.span, "the first one"),
        false => diagnostic.help(format!("the first one is at {}; {help}", other.place)),
    })
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
