//! `run --write-divergences`: writes breaks into the files of divergences, for review.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use super::problem::Problem;
use super::terminal::print_note;
use crate::backend::{Key, System};
use crate::corpus::{CaseFile, CaseFolder, Divergences, can_run};
use crate::event::ExitCode;
use crate::judge::divergence::DivergenceFile;
use crate::judge::divergence::edit::{EditedDivergences, edit};
use crate::judge::divergence::observation::{Observation, Observations};
use crate::runner::Subject;

/// What a run showed, and what its breaks are recorded for.
pub(super) struct Recorder<'a> {
    pub(super) folder: &'a CaseFolder,
    pub(super) cases: &'a [CaseFile],
    pub(super) subjects: &'a [Subject],
    pub(super) divergences: &'a Divergences,
}

impl Recorder<'_> {
    /// Updates the files of divergences, and prints the changes of each.
    ///
    /// # Errors
    /// Returns an error if a file can't be read or written.
    pub(super) fn record(&self, observations: &Observations) -> Result<(), Problem> {
        let mut files: BTreeMap<String, Vec<&Observation>> = BTreeMap::new();
        let mut references: Vec<&Key> = Vec::new();
        for observation in observations.iter() {
            let key = &observation.backend;
            let Some(subject) = self.subject(key) else {
                continue;
            };
            if subject.is_reference() {
                references.push(key);
                continue;
            }
            files
                .entry(self.file(observation))
                .or_default()
                .push(observation);
        }
        references.sort();
        references.dedup();
        for key in references {
            print_note(&format!(
                "{key} is a reference backend, so its breaks aren't recorded: fix the backend\n"
            ));
        }
        let mut files = files.iter();
        files.try_for_each(|(file, observations)| self.update(file, observations))
    }

    fn subject(&self, key: &Key) -> Option<&Subject> {
        let mut subjects = self.subjects.iter();
        subjects.find(|subject| subject.key() == *key)
    }

    /// Returns the name of the file with the entry, or else of the first file about the backend.
    fn file(&self, observation: &Observation) -> String {
        let key = &observation.backend;
        let of_backend = || self.divergences.iter().find(|one| one.backend == *key);
        let place = observation.recorded.as_ref();
        let place = place.or_else(|| Some(&of_backend()?.place));
        match place.and_then(|place| place.file.rsplit('/').next()) {
            Some(name) => name.to_owned(),
            None => DivergenceFile::name(key),
        }
    }

    fn update(&self, file: &str, observations: &[&Observation]) -> Result<(), Problem> {
        let (path, shown) = self.folder.root_folder.divergences_of(file);
        let unusable = |error: io::Error| {
            let what = format!("can't write {shown}: {error}");
            Problem::new(ExitCode::Usage, what)
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unusable(error)),
        };
        let count = |key: &Key, name: &str| self.permutations(key, name);
        let system = System::current();
        match edit(&shown, text.as_deref(), observations, system, &count) {
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
        Ok(())
    }

    /// Returns how many permutations of a case the backend can run.
    fn permutations(&self, key: &Key, name: &str) -> usize {
        let file = self.cases.iter().find(|file| file.name == name);
        let (Some(file), Some(subject)) = (file, self.subject(key)) else {
            return 0;
        };
        let system = System::current();
        let permutations = file.permutations.iter();
        permutations
            .filter(|permutation| can_run(subject, file, permutation, system))
            .count()
    }
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
        print_note("  every run fails until each new one has a kind, a reason and a quote\n");
    }
    for line in &edited.mixed {
        print_note(&format!(
            "  line {line} doesn't show in some of its trials: restrict it with `cases` and `when`\n"
        ));
    }
}
