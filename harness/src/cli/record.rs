//! `run --write-divergences`: what broke, written down for somebody to review.

use std::fs;
use std::io;

use super::{Problem, tell};
use crate::backend::{Key, System};
use crate::corpus::case_folder::CaseFolder;
use crate::corpus::{CaseFile, selection};
use crate::event::exit_code::ExitCode;
use crate::judge::divergence::File;
use crate::judge::divergence::edit::{Edited, edit};
use crate::judge::divergence::observation::Observations;
use crate::runner::subject::Subject;

/// Brings the files of divergences to what was seen of these subjects, and tells of each.
///
/// # Errors
/// Where a file can't be read or written.
pub(super) fn record(
    library: &CaseFolder,
    cases: &[CaseFile],
    subjects: &[Subject],
    observations: &Observations,
) -> Result<(), Problem> {
    let system = System::current();
    let of = |key: &Key| subjects.iter().find(|subject| subject.key() == *key);
    for (key, observations) in observations.iter() {
        let Some(subject) = of(key) else { continue };
        if subject.is_reference() {
            tell(&format!(
                "{key} is a reference, and what it breaks isn't recorded: mend it\n"
            ));
            continue;
        }
        let count = |name: &str| {
            let mut files = cases.iter().filter(|file| file.name == name);
            files.next().map_or(0, |file| {
                let permutations = file.permutations.iter();
                permutations
                    .filter(|permutation| selection::can_run(subject, file, permutation, system))
                    .count()
            })
        };
        let (path, shown) = library.corpus.divergences_of(&File::name(key));
        let unusable = |error: io::Error| {
            let what = format!("can't write {shown}: {error}");
            Problem::new(ExitCode::Usage, what)
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unusable(error)),
        };
        match edit(&shown, text.as_deref(), key, observations, system, &count) {
            Ok(edited) if text.as_ref() == Some(&edited.text) => tell_of(&shown, &edited),
            Ok(edited) => {
                let folder = path.parent().unwrap_or(&path);
                fs::create_dir_all(folder).map_err(unusable)?;
                fs::write(&path, &edited.text).map_err(unusable)?;
                tell_of(&shown, &edited);
            }
            // What is wrong with it was told before the run.
            Err(_) => tell(&format!(
                "{shown} is left as it is: mend what is wrong first\n"
            )),
        }
    }
    Ok(())
}

fn tell_of(path: &str, edited: &Edited) {
    let Edited {
        added,
        changed,
        removed,
        ..
    } = edited;
    tell(&format!(
        "{path}: {added} added, {changed} changed, {removed} removed\n"
    ));
    if *added > 0 {
        tell("  every run fails until each new one has a reason and a link\n");
    }
    for line in &edited.mixed {
        tell(&format!(
            "  line {line} holds in some of its trials: say by `case` and `when` where it doesn't\n"
        ));
    }
}
