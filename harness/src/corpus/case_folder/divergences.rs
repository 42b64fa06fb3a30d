//! Reads and checks the files of divergences.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::adapter::files;
use crate::backend::{Key, Platform, System};
use crate::corpus::case_file::CaseFile;
use crate::corpus::error::{self, FileError, RejectedFile};
use crate::corpus::root_folder::DIVERGENCES;
use crate::corpus::{CaseFolder, can_run, similar_names};
use crate::event::ExitCode;
use crate::judge::divergence::check::{Backends, CheckedDivergences, Inventory, check_divergences};
use crate::judge::divergence::{Divergence, DivergenceFile, WildcardPattern};
use crate::plan::Permutation;
use crate::registry::Registry;
use crate::runner::{Subject, Trial};

/// The reviewed divergences of a run, and the files with mistakes.
#[derive(Debug)]
pub struct Divergences {
    divergences: Vec<Arc<Divergence>>,
    texts: BTreeMap<String, String>,
    /// The files with mistakes.
    pub rejected: Vec<RejectedFile>,
    /// The exit code that follows from these mistakes alone.
    pub code: ExitCode,
}

impl CaseFolder {
    /// Reads the divergences of the backends in the registry and of `others`.
    pub fn divergences(
        &self,
        cases: &[CaseFile],
        registry: &Registry,
        others: &[Subject],
    ) -> Divergences {
        let mut reader = DivergenceReader {
            folder: self,
            known: KnownBackends {
                cases,
                registry,
                others,
                adapted: files::read(self.root_folder.root())
                    .into_iter()
                    .flatten()
                    .flat_map(|adapter| adapter.columns_by_name().cloned().collect::<Vec<_>>())
                    .collect(),
                inventories: RefCell::default(),
            },
            read: Divergences {
                divergences: Vec::new(),
                texts: BTreeMap::new(),
                rejected: Vec::new(),
                code: ExitCode::AsExpected,
            },
        };
        // Another crate that runs the cases of this package lacks some backends that these are about.
        for (path, text) in self.root_folder.embedded_divergences() {
            reader.read_file(path, text.to_owned(), false);
        }
        if let Some(root) = self.root_folder.divergences() {
            reader.read_root(&root);
        }
        reader.read
    }
}

/// Reads divergences, root folder by root folder.
struct DivergenceReader<'a> {
    folder: &'a CaseFolder,
    known: KnownBackends<'a>,
    read: Divergences,
}

impl DivergenceReader<'_> {
    /// Reads all files of a root folder.
    fn read_root(&mut self, root: &Path) {
        let folder = root.join(DIVERGENCES);
        let files = match files(&folder) {
            Ok(files) => files,
            Err(error) => {
                let error = FileError::Unreadable(error);
                return self.read.reject(DIVERGENCES, error, ExitCode::Usage);
            }
        };
        for path in files {
            let shown = path.strip_prefix(root).unwrap_or(&path);
            let shown = shown.display().to_string().replace('\\', "/");
            match error::text(&path) {
                Ok(text) => self.read_file(&shown, text, true),
                Err(error) => self.read.reject(&shown, error, ExitCode::Usage),
            }
        }
    }

    /// Reads the text of a file. With `has_all`, a backend that the program doesn't have is a mistake.
    fn read_file(&mut self, path: &str, text: String, has_all: bool) {
        let file = match DivergenceFile::parse(path, &text) {
            Ok(file) => file,
            Err(diagnostics) => {
                let error = FileError::Wrong { text, diagnostics };
                return self.read.reject(path, error, ExitCode::Usage);
            }
        };
        let backends = BackendsOfFile {
            known: &self.known,
            // A feature or an adapter that this program lacks brings them, or another program has
            // them.
            may_be_elsewhere: file.brought_by.is_some() || !has_all,
        };
        let catalogue = &self.folder.catalogue;
        let CheckedDivergences {
            divergences,
            wrong,
            outdated,
        } = check_divergences(&file, catalogue, &backends, &self.read.divergences);
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
        let error = FileError::Wrong { text, diagnostics };
        self.read.reject(path, error, code);
    }
}

/// The backends that the program has or knows of, and what their divergences can be about.
struct KnownBackends<'a> {
    cases: &'a [CaseFile],
    registry: &'a Registry,
    others: &'a [Subject],
    /// The backends of the adapters in the root folder, even if they don't take part.
    adapted: Vec<Key>,
    /// Those that were asked for.
    inventories: RefCell<BTreeMap<Key, Arc<Inventory<'a>>>>,
}

impl<'a> KnownBackends<'a> {
    /// Returns the subject with this key, if it is available.
    fn get(&self, key: &Key) -> Option<Subject> {
        let is_it = |subject: &&Subject| subject.key() == *key && subject.absence().is_none();
        let other = self.others.iter().find(is_it).cloned();
        other.or_else(|| self.registry.get(key).map(Subject::from))
    }

    /// Returns all keys, sorted.
    fn keys(&self) -> Vec<Key> {
        let builtin = self.registry.iter().map(|backend| backend.key());
        let others = self.others.iter().map(Subject::key);
        let mut keys: Vec<Key> = builtin
            .chain(others)
            .chain(self.adapted.iter().cloned())
            .collect();
        keys.sort();
        keys.dedup();
        keys
    }

    fn inventory(&self, key: &Key) -> Arc<Inventory<'a>> {
        let mut inventories = self.inventories.borrow_mut();
        let inventory = inventories
            .entry(key.clone())
            .or_insert_with(|| Arc::new(self.new_inventory(key)));
        Arc::clone(inventory)
    }

    /// Returns what the divergences of a backend can be about. A backend that isn't available may
    /// have every capability. So may that of an adapter, with another version of its language.
    fn new_inventory(&self, backend: &Key) -> Inventory<'a> {
        let subject = self.get(backend);
        // Some backends declare capabilities only on the system that has them.
        let known = subject.as_ref().filter(|subject| {
            let is_fixed = matches!(subject, Subject::Backend(_));
            let mut systems = System::ALL.into_iter();
            is_fixed && systems.any(|system| subject.capabilities(system).is_some())
        });
        let platforms = |file: &CaseFile, permutation: &Permutation| {
            let mut platforms = Platform::ALL.to_vec();
            platforms.retain(|Platform { system, .. }| {
                known.is_none_or(|subject| can_run(subject, file, permutation, *system))
            });
            platforms
        };
        let of_kind = |permutation: &&Permutation| permutation.kind() == backend.kind;
        let permutations = self.cases.iter().flat_map(|file| {
            let permutations = file.permutations.iter().filter(of_kind);
            permutations.map(move |permutation| (permutation, platforms(file, permutation)))
        });
        Inventory {
            backend: backend.clone(),
            permutations: permutations.collect(),
            version: subject.as_ref().and_then(|subject| subject.about().version),
            is_reference: subject.as_ref().is_some_and(Subject::is_reference),
        }
    }
}

/// The backends that one file can name.
struct BackendsOfFile<'a, 'k> {
    known: &'k KnownBackends<'a>,
    may_be_elsewhere: bool,
}

impl<'a> Backends<'a> for BackendsOfFile<'a, '_> {
    fn named(&self, pattern: &WildcardPattern) -> Vec<Arc<Inventory<'a>>> {
        let mut keys = self.known.keys();
        keys.retain(|key| pattern.matches(&key.to_string()));
        if keys.is_empty()
            && let Some(key) = pattern.as_key()
            // A mutant has a name, but is in no list.
            && (self.may_be_elsewhere || self.known.registry.get(&key).is_some())
        {
            keys.push(key);
        }
        keys.iter().map(|key| self.known.inventory(key)).collect()
    }

    fn may_be_elsewhere(&self) -> bool {
        self.may_be_elsewhere
    }

    fn help(&self, pattern: &WildcardPattern) -> String {
        let keys = self.known.keys().into_iter();
        let names: Vec<String> = keys.map(|key| key.to_string()).collect();
        match similar_names(pattern.as_str(), &names).first() {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`list backends` shows them; if an adapter or a feature brings it, say so in \
                     `brought-by`"
                .to_owned(),
        }
    }
}

impl Divergences {
    /// Gives each trial the divergences that cover it on this platform.
    pub fn assign(&self, trials: &mut [Trial], platform: Platform) {
        for trial in trials {
            let version = trial.subject.about().version;
            let of_trial = self.divergences.iter().filter(|divergence| {
                divergence.backend == trial.name.backend
                    && divergence.covers(&trial.permutation, platform, version.as_deref())
            });
            trial.divergences = of_trial
                .map(|divergence| match divergence.is_for(version.as_deref()) {
                    Some(_) => Arc::clone(divergence),
                    None => Arc::new(divergence.with_version(version.as_deref())),
                })
                .collect();
        }
    }

    /// Returns all divergences, in the order of files and lines.
    pub fn iter(&self) -> impl Iterator<Item = &Divergence> {
        self.divergences.iter().map(|divergence| &**divergence)
    }

    /// Returns the texts of the files. The keys are the paths that reports show.
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    fn reject(&mut self, path: &str, error: FileError, code: ExitCode) {
        self.code = self.code.worse(code);
        let path = path.into();
        self.rejected.push(RejectedFile { path, error });
    }
}

/// Returns the files of divergences in this folder, sorted by name; none if there is no folder.
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
