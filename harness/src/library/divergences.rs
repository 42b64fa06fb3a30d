//! The divergences of a run's backends, read and checked.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Library;
use crate::backend::Key;
use crate::case::{Diagnostic, Diagnostics};
use crate::corpus::{CaseFile, DIVERGENCES, Fault, FaultyFile};
use crate::divergence::check::{Checked, Inventory, check};
use crate::divergence::{Divergence, File};
use crate::exit_code::ExitCode;
use crate::permutation::Permutation;
use crate::registry::Registry;
use crate::runner::Trial;
use crate::select;
use crate::subject::Subject;
use crate::system::System;

/// Every reviewed divergence that a run goes by, and every one that it can't.
#[derive(Debug)]
pub struct Divergences {
    divergences: Vec<Arc<Divergence>>,
    texts: BTreeMap<String, String>,
    /// The files with something wrong in them.
    pub faults: Vec<FaultyFile>,
    /// What these alone make a run's exit code.
    pub code: ExitCode,
}

impl Library {
    /// The divergences of the registry's backends and of these other subjects.
    pub fn divergences(
        &self,
        cases: &[CaseFile],
        registry: &Registry,
        others: &[Subject],
    ) -> Divergences {
        let known = Known { registry, others };
        let mut all = Divergences {
            divergences: Vec::new(),
            texts: BTreeMap::new(),
            faults: Vec::new(),
            code: ExitCode::AsExpected,
        };
        for (root, knows_all) in self.corpus.divergences() {
            let folder = root.join(DIVERGENCES);
            for path in files(&folder).unwrap_or_else(|error| {
                all.fault(&folder, Fault::Unreadable(error), ExitCode::Usage);
                Vec::new()
            }) {
                let shown = path.strip_prefix(&root).unwrap_or(&path);
                let shown = PathBuf::from(shown.display().to_string().replace('\\', "/"));
                match read(&path) {
                    Ok(text) => self.look(text, &shown, cases, &known, knows_all, &mut all),
                    Err(fault) => all.fault(&shown, fault, ExitCode::Usage),
                }
            }
        }
        all
    }

    fn look(
        &self,
        text: String,
        path: &Path,
        cases: &[CaseFile],
        known: &Known<'_>,
        knows_all: bool,
        all: &mut Divergences,
    ) {
        let name = path.display().to_string();
        let wrong = |text, diagnostics| Fault::Wrong { text, diagnostics };
        let file = match File::parse(&name, &text) {
            Ok(file) => file,
            Err(diagnostics) => return all.fault(path, wrong(text, diagnostics), ExitCode::Usage),
        };
        let Checked {
            divergences,
            wrong: mut mistakes,
            outdated,
        } = match known.get(&file.backend) {
            Some(subject) => check(&file, &self.inventory(cases, &subject)),
            // Another program has it.
            None if file.brought_by.is_some() || !knows_all => return,
            None => Checked {
                wrong: Diagnostics::from(no_such_backend(&file, known)),
                ..Checked::default()
            },
        };
        all.divergences
            .extend(divergences.into_iter().map(Arc::new));
        let code = match (mistakes.is_empty(), outdated.is_empty()) {
            (false, _) => ExitCode::Usage,
            (true, false) => ExitCode::Broken,
            (true, true) => ExitCode::AsExpected,
        };
        if code != ExitCode::AsExpected {
            outdated.iter().for_each(|one| mistakes.push(one.clone()));
            all.fault(path, wrong(text.clone(), mistakes), code);
        }
        all.texts.insert(name, text);
    }

    fn inventory<'a>(&'a self, cases: &'a [CaseFile], subject: &Subject) -> Inventory<'a> {
        let systems = |file: &CaseFile, permutation: &Permutation| {
            let mut systems = vec![System::Linux, System::Macos, System::Windows];
            systems.retain(|system| select::can_run(subject, file, permutation, *system));
            systems
        };
        let of_kind = |permutation: &&Permutation| select::kind(permutation) == subject.key().kind;
        let permutations = cases.iter().flat_map(|file| {
            let permutations = file.permutations.iter().filter(of_kind);
            permutations.map(move |permutation| (permutation, systems(file, permutation)))
        });
        Inventory {
            catalogue: &self.catalogue,
            permutations: permutations.collect(),
            about: subject.about(),
            is_reference: subject.is_reference(),
        }
    }
}

/// What a program can run cases on.
struct Known<'a> {
    registry: &'a Registry,
    others: &'a [Subject],
}

impl Known<'_> {
    fn get(&self, key: &Key) -> Option<Subject> {
        let other = self.others.iter().find(|subject| subject.key() == *key);
        other
            .cloned()
            .or_else(|| self.registry.get(key).map(Subject::from))
    }

    fn names(&self) -> Vec<String> {
        let builtin = self.registry.iter().map(|backend| backend.key());
        let others = self.others.iter().map(Subject::key);
        builtin.chain(others).map(|key| key.to_string()).collect()
    }
}

impl Divergences {
    /// Gives each trial those that speak of it on this system.
    pub fn assign(&self, trials: &mut [Trial], system: System) {
        for trial in trials {
            let about = trial.subject.about();
            let of_trial = self.divergences.iter().filter(|divergence| {
                divergence.backend == trial.name.backend
                    && divergence.covers(&trial.permutation, system, &about)
            });
            trial.divergences = of_trial.cloned().collect();
        }
    }

    /// All of them, in the order of files and lines.
    pub fn iter(&self) -> impl Iterator<Item = &Divergence> {
        self.divergences.iter().map(|divergence| &**divergence)
    }

    /// The files' texts, by the paths that reports name.
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    fn fault(&mut self, path: &Path, fault: Fault, code: ExitCode) {
        self.code = self.code.worse(code);
        let path = path.to_owned();
        self.faults.push(FaultyFile { path, fault });
    }
}

/// The files of divergences in this folder, in the order of their names; none without a folder.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut files = paths?;
    files.retain(|path| path.extension().is_some_and(|is| is == "toml"));
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, Fault> {
    let bytes = fs::read(path).map_err(Fault::Unreadable)?;
    String::from_utf8(bytes).map_err(|error| Fault::NotText {
        valid: error.utf8_error().valid_up_to(),
    })
}

fn no_such_backend(file: &File, known: &Known<'_>) -> Diagnostic {
    let backend = &file.backend;
    let names = known.names();
    let help = match select::alike(&backend.to_string(), &names).first() {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`list backends` shows them; if an adapter or a feature brings it, say so in \
                 `brought-by`"
            .to_owned(),
    };
    let message = format!("no backend is called `{}`", backend.value);
    Diagnostic::new(backend.span, message).help(help)
}
