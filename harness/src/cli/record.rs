//! `run --write-divergences`: writes breaks into the files of divergences, for review.

use std::fs;
use std::io;

use super::problem::Problem;
use super::terminal::print_note;
use crate::backend::{Key, System};
use crate::corpus::{CaseFile, CaseFolder, can_run};
use crate::event::ExitCode;
use crate::judge::divergence::DivergenceFile;
use crate::judge::divergence::edit::{EditedDivergences, edit};
use crate::judge::divergence::observation::Observations;
use crate::runner::Subject;

/// Updates the files of divergences of these subjects, and prints the changes of each.
///
/// # Errors
/// Returns an error if a file can't be read or written.
pub(super) fn record(
    folder: &CaseFolder,
    cases: &[CaseFile],
    subjects: &[Subject],
    observations: &Observations,
) -> Result<(), Problem> {
    let system = System::current();
    let of = |key: &Key| subjects.iter().find(|subject| subject.key() == *key);
    for (key, observations) in observations.iter() {
        let Some(subject) = of(key) else { continue };
        if subject.is_reference() {
            print_note(&format!(
                "{key} is a reference backend, so its breaks aren't recorded: fix the backend\n"
            ));
            continue;
        }
        let count = |name: &str| {
            let mut files = cases.iter().filter(|file| file.name == name);
            files.next().map_or(0, |file| {
                let permutations = file.permutations.iter();
                permutations
                    .filter(|permutation| can_run(subject, file, permutation, system))
                    .count()
            })
        };
        let (path, shown) = folder
            .root_folder
            .divergences_of(&DivergenceFile::name(key));
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
            Ok(edited) if text.as_ref() == Some(&edited.text) => print_changes(&shown, &edited),
            Ok(edited) => {
                let folder = path.parent().unwrap_or(&path);
                fs::create_dir_all(folder).map_err(unusable)?;
                fs::write(&path, &edited.text).map_err(unusable)?;
                print_changes(&shown, &edited);
            }
            // The mistakes were printed before the run.
            Err(_) => print_note(&format!(
                "{shown} wasn't changed: correct its mistakes first\n"
            )),
        }
    }
    Ok(())
}

fn print_changes(path: &str, edited: &EditedDivergences) {
    let EditedDivergences {
        added,
        changed,
        removed,
        ..
    } = edited;
    print_note(&format!(
        "{path}: {added} added, {changed} changed, {removed} removed\n"
    ));
    if *added > 0 {
        print_note("  every run fails until each new one has a reason and a link\n");
    }
    for line in &edited.mixed {
        print_note(&format!(
            "  line {line} doesn't show in some of its trials: restrict it with `case` and `when`\n"
        ));
    }
}
