//! The divergences of a run's backends, read and checked.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::CaseFolder;
use crate::adapter::known;
use crate::backend::{Key, Platform, System};
use crate::case::{Diagnostic, Diagnostics};
use crate::corpus::{CaseFile, DIVERGENCES, Fault, FaultyFile, selection};
use crate::event::exit_code::ExitCode;
use crate::judge::divergence::check::{Checked, Inventory, check};
use crate::judge::divergence::{Divergence, File};
use crate::plan::Permutation;
use crate::registry::Registry;
use crate::runner::Trial;
use crate::runner::subject::Subject;

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

impl CaseFolder {
    /// The divergences of the registry's backends and of these other subjects.
    pub fn divergences(
        &self,
        cases: &[CaseFile],
        registry: &Registry,
        others: &[Subject],
    ) -> Divergences {
        let mut reading = Reading {
            library: self,
            cases,
            known: Known {
                registry,
                others,
                adapted: known::read(self.corpus.root())
                    .into_iter()
                    .flatten()
                    .flat_map(|adapter| adapter.columns_by_name().cloned().collect::<Vec<_>>())
                    .collect(),
            },
            read: Divergences {
                divergences: Vec::new(),
                texts: BTreeMap::new(),
                faults: Vec::new(),
                code: ExitCode::AsExpected,
            },
        };
        for (root, knows_all) in self.corpus.divergences() {
            reading.root(&root, knows_all);
        }
        reading.read
    }
}

/// Divergences while they are read.
struct Reading<'a> {
    library: &'a CaseFolder,
    cases: &'a [CaseFile],
    known: Known<'a>,
    read: Divergences,
}

/// What a program can run cases on.
struct Known<'a> {
    registry: &'a Registry,
    others: &'a [Subject],
    /// What the root's own adapters host, whether or not they take part.
    adapted: Vec<Key>,
}

impl Reading<'_> {
    /// All files of a root. Where that knows all backends of the program, any other is a mistake.
    fn root(&mut self, root: &Path, knows_all: bool) {
        let folder = root.join(DIVERGENCES);
        let files = match files(&folder) {
            Ok(files) => files,
            Err(error) => {
                let fault = Fault::Unreadable(error);
                return self.read.fault(DIVERGENCES, fault, ExitCode::Usage);
            }
        };
        for path in files {
            let shown = path.strip_prefix(root).unwrap_or(&path);
            let shown = shown.display().to_string().replace('\\', "/");
            match text(&path) {
                Ok(text) => self.file(&shown, text, knows_all),
                Err(fault) => self.read.fault(&shown, fault, ExitCode::Usage),
            }
        }
    }

    fn file(&mut self, path: &str, text: String, knows_all: bool) {
        let file = match File::parse(path, &text) {
            Ok(file) => file,
            Err(diagnostics) => {
                let fault = Fault::Wrong { text, diagnostics };
                return self.read.fault(path, fault, ExitCode::Usage);
            }
        };
        let Checked {
            divergences,
            wrong,
            outdated,
        } = match self.known.get(&file.backend) {
            Some(subject) => check(&file, &self.inventory(&file.backend, Some(&subject))),
            // It can't be had here, or another program has it.
            None if self.known.is_elsewhere(&file) || !knows_all => {
                check(&file, &self.inventory(&file.backend, None))
            }
            None => Checked {
                wrong: Diagnostics::from(self.known.no_such_backend(&file)),
                ..Checked::default()
            },
        };
        let divergences = divergences.into_iter().map(Arc::new);
        self.read.divergences.extend(divergences);
        self.read.texts.insert(path.to_owned(), text.clone());
        let code = match (wrong.is_empty(), outdated.is_empty()) {
            (true, true) => return,
            (true, false) => ExitCode::Broken,
            (false, _) => ExitCode::Usage,
        };
        let mut diagnostics = wrong;
        outdated
            .iter()
            .for_each(|one| diagnostics.push(one.clone()));
        let fault = Fault::Wrong { text, diagnostics };
        self.read.fault(path, fault, code);
    }

    /// What there is on this backend. Where that isn't here, it may be able to do everything.
    fn inventory(&self, backend: &Key, subject: Option<&Subject>) -> Inventory<'_> {
        // Of some backends only the system knows that has them.
        let known = subject.filter(|subject| {
            let mut systems = System::ALL.into_iter();
            systems.any(|system| subject.capabilities(system).is_some())
        });
        let platforms = |file: &CaseFile, permutation: &Permutation| {
            let mut platforms = Platform::ALL.to_vec();
            platforms.retain(|Platform { system, .. }| {
                known.is_none_or(|subject| selection::can_run(subject, file, permutation, *system))
            });
            platforms
        };
        let of_kind = |permutation: &&Permutation| permutation.kind() == backend.kind;
        let permutations = self.cases.iter().flat_map(|file| {
            let permutations = file.permutations.iter().filter(of_kind);
            permutations.map(move |permutation| (permutation, platforms(file, permutation)))
        });
        Inventory {
            catalogue: &self.library.catalogue,
            permutations: permutations.collect(),
            about: subject.map(Subject::about).unwrap_or_default(),
            is_reference: subject.is_some_and(Subject::is_reference),
        }
    }
}

impl Known<'_> {
    /// What has this key, and can be had.
    fn get(&self, key: &Key) -> Option<Subject> {
        let is_it = |subject: &&Subject| subject.key() == *key && subject.absence().is_none();
        let other = self.others.iter().find(is_it).cloned();
        other.or_else(|| self.registry.get(key).map(Subject::from))
    }

    fn is_elsewhere(&self, file: &File) -> bool {
        file.brought_by.is_some() || self.adapted.contains(&file.backend)
    }

    fn names(&self) -> Vec<String> {
        let builtin = self.registry.iter().map(|backend| backend.key());
        let others = self.others.iter().map(Subject::key);
        let keys = builtin.chain(others).chain(self.adapted.iter().cloned());
        keys.map(|key| key.to_string()).collect()
    }

    fn no_such_backend(&self, file: &File) -> Diagnostic {
        let backend = &file.backend;
        let help = match selection::alike(&backend.to_string(), &self.names()).first() {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`list backends` shows them; if an adapter or a feature brings it, say so in \
                     `brought-by`"
                .to_owned(),
        };
        let message = format!("no backend is called `{}`", backend.value);
        Diagnostic::new(backend.span, message).help(help)
    }
}

impl Divergences {
    /// Gives each trial those that speak of it on this platform.
    pub fn assign(&self, trials: &mut [Trial], platform: Platform) {
        for trial in trials {
            let about = trial.subject.about();
            let of_trial = self.divergences.iter().filter(|divergence| {
                divergence.backend == trial.name.backend
                    && divergence.covers(&trial.permutation, platform, &about)
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

    fn fault(&mut self, path: &str, fault: Fault, code: ExitCode) {
        self.code = self.code.worse(code);
        let path = path.into();
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

fn text(path: &Path) -> Result<String, Fault> {
    let bytes = fs::read(path).map_err(Fault::Unreadable)?;
    String::from_utf8(bytes).map_err(|error| Fault::NotText {
        valid: error.utf8_error().valid_up_to(),
    })
}
