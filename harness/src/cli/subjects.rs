//! The backends of a run: built-in ones, and those of adapters.

use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::problem::Problem;
use crate::adapter::{Adapter, files};
use crate::backend::Key;
use crate::case::name::instead;
use crate::corpus::similar_names;
use crate::event::ExitCode;
use crate::mutant::Fault;
use crate::os::supervisor::Program;
use crate::registry::Registry;
use crate::runner::{Session, Subject};

/// The arguments that choose backends.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct SubjectArguments {
    /// Runs only on this backend: `kind:name`, or a part of it. May be repeated.
    #[arg(long = "backend", value_name = "BACKEND")]
    backends: Vec<String>,
    /// Runs on the backends of this adapter: the command that starts it, split into words as a
    /// shell does, or the name of an adapter in harness/adapters/. May be repeated.
    ///
    /// Other backends take part only if --backend names them.
    #[arg(long = "adapter", value_name = "COMMAND")]
    adapters: Vec<String>,
    /// Leaves out the adapters in harness/adapters/, which otherwise take part.
    #[arg(long)]
    no_adapters: bool,
}

impl SubjectArguments {
    /// Whether the arguments name backends.
    pub(super) fn names_backends(&self) -> bool {
        !self.backends.is_empty()
    }

    /// Whether the arguments name backends or adapters.
    pub(super) fn names_any(&self) -> bool {
        self.names_backends() || !self.adapters.is_empty()
    }

    /// Returns the options that name adapters.
    pub(super) fn adapters(&self) -> impl Iterator<Item = (&'static str, String)> {
        let adapters = self.adapters.iter();
        adapters.map(|command| ("--adapter", command.clone()))
    }

    /// Returns the chosen subjects, each once. Without arguments, these are all backends of this
    /// program and of the adapters in the root folder that take part by default.
    pub(super) fn subjects(
        &self,
        registry: &Registry,
        root: &Path,
        session: &Session,
    ) -> Result<Vec<Subject>, Problem> {
        let of_root: Vec<Arc<Adapter>> = match self.no_adapters && self.adapters.is_empty() {
            true => Vec::new(),
            false => adapters_in(root)?,
        };
        let mut found: Vec<Subject> = Vec::new();
        for command in &self.adapters {
            match of_root.iter().find(|adapter| is_called(adapter, command)) {
                Some(adapter) => found.extend(introduced(adapter, session)),
                None => found.extend(from_command(command, registry, session)?),
            }
        }
        let of_root = if self.no_adapters {
            Vec::new()
        } else {
            of_root
        };
        if self.backends.is_empty() {
            if self.adapters.is_empty() {
                found.extend(registry.iter().cloned().map(Subject::from));
                found.extend(
                    of_root
                        .iter()
                        .filter(|adapter| adapter.is_default())
                        .flat_map(|adapter| introduced(adapter, session)),
                );
            }
            return Ok(found);
        }
        let mut names: Vec<Key> = found.iter().map(Subject::key).collect();
        names.extend(of_root.iter().flat_map(|adapter| self.names_of(adapter)));
        let mut wanted: Vec<Key> = Vec::new();
        let mut subjects: Vec<Subject> = Vec::new();
        for pattern in &self.backends {
            let (builtin, columns) = matching(pattern, registry, &names);
            if builtin.is_empty() && columns.is_empty() {
                return Err(no_backend(pattern, registry, &names));
            }
            subjects.extend(builtin);
            wanted.extend(columns);
        }
        subjects.extend(found);
        for adapter in &of_root {
            // Start it only if one of its backends is chosen.
            if adapter.columns_by_name().any(|key| wanted.contains(key)) {
                subjects.extend(introduced(adapter, session));
            }
        }
        let mut chosen: Vec<Subject> = Vec::new();
        for subject in subjects {
            let key = subject.key();
            let is_wanted = matches!(subject, Subject::Backend(_)) || wanted.contains(&key);
            if is_wanted && chosen.iter().all(|other| other.key() != key) {
                chosen.push(subject);
            }
        }
        Ok(chosen)
    }

    /// Returns the columns of an adapter that `--backend` can name. A part of a name doesn't choose an
    /// adapter that takes no part by default, so that no pattern starts it by accident.
    fn names_of<'a>(&'a self, adapter: &'a Adapter) -> impl Iterator<Item = Key> + 'a {
        let is_named = |key: &&Key| {
            let mut patterns = self.backends.iter();
            adapter.is_default() || patterns.any(|pattern| is_exactly(pattern, key))
        };
        adapter.columns_by_name().filter(is_named).cloned()
    }
}

/// Whether a pattern of `--backend` is the whole key or the whole name of a backend.
fn is_exactly(pattern: &str, key: &Key) -> bool {
    key.to_string() == pattern || key.name == pattern
}

/// Returns the backends of this program, and those of the adapters in the root folder that take part by
/// default, sorted by key. Starts the adapters in a new session.
pub(super) fn known(registry: &Registry, root: Option<&Path>) -> Result<Vec<Subject>, Problem> {
    let mut subjects: Vec<Subject> = registry.iter().cloned().map(Subject::from).collect();
    if let Some(root) = root {
        subjects.extend(of_adapters(root)?);
    }
    subjects.sort_by_key(Subject::key);
    Ok(subjects)
}

/// Returns the backends of the adapters in the root folder that take part by default. Starts the
/// adapters in a new session.
fn of_adapters(root: &Path) -> Result<Vec<Subject>, Problem> {
    let mut adapters = adapters_in(root)?;
    adapters.retain(|adapter| adapter.is_default());
    if adapters.is_empty() {
        return Ok(Vec::new());
    }
    let program = Program::current().map_err(|error| {
        let what = format!("can't find this executable: {error}");
        Problem::new(ExitCode::Harness, what)
    })?;
    let session = Session::start(&program)?;
    let subjects = adapters
        .iter()
        .flat_map(|adapter| introduced(adapter, &session));
    Ok(subjects.collect())
}

/// Returns the adapter in the root folder with this name, or else the adapter that this command
/// starts.
pub(super) fn adapter_of(command: &str, root: &Path) -> Result<Arc<Adapter>, Problem> {
    let mut adapters = adapters_in(root)?.into_iter();
    match adapters.find(|adapter| is_called(adapter, command)) {
        Some(adapter) => Ok(adapter),
        None => Adapter::from_command(command)
            .map(Arc::new)
            .map_err(|why| Problem::new(ExitCode::Usage, why)),
    }
}

fn adapters_in(root: &Path) -> Result<Vec<Arc<Adapter>>, Problem> {
    let adapters = files::read(root).map_err(|why| Problem::new(ExitCode::Usage, why))?;
    Ok(adapters.into_iter().map(Arc::new).collect())
}

fn is_called(adapter: &Adapter, name: &str) -> bool {
    adapter
        .known
        .as_ref()
        .is_some_and(|known| known.name == name)
}

fn introduced(adapter: &Arc<Adapter>, session: &Session) -> impl Iterator<Item = Subject> {
    session.introduce(adapter).into_iter().map(Subject::from)
}

/// Returns the backends of the adapter that this command starts. It must be ready, and may not host
/// a backend of this program.
fn from_command(
    command: &str,
    registry: &Registry,
    session: &Session,
) -> Result<impl Iterator<Item = Subject>, Problem> {
    let adapter = Adapter::from_command(command);
    let adapter = Arc::new(adapter.map_err(|why| Problem::new(ExitCode::Usage, why))?);
    let wrong = |why: &dyn std::fmt::Display| {
        let what = format!("{why} (its command is `{adapter}`)");
        Problem::new(ExitCode::Adapter, what)
    };
    let ready = session.ready(&adapter).map_err(|unfit| wrong(&unfit))?;
    let columns = adapter.columns(Ok(ready));
    let taken = |key: &&Key| registry.get(key).is_some();
    if let Some(key) = columns.iter().map(|column| &column.key).find(taken) {
        let what = format!("the adapter hosts {key}, which is a backend of this program");
        return Err(wrong(&what));
    }
    Ok(columns.into_iter().map(Subject::from))
}

/// Returns the backends of this program, and the names of adapters' backends, that a pattern
/// matches: those with exactly this name, or else those that contain it.
fn matching(pattern: &str, registry: &Registry, names: &[Key]) -> (Vec<Subject>, Vec<Key>) {
    let is_exact = |key: &Key| is_exactly(pattern, key);
    let mut builtin = registry.matching(pattern);
    let exact: Vec<Key> = names.iter().filter(|key| is_exact(key)).cloned().collect();
    let columns = if !exact.is_empty() {
        builtin.retain(|backend| is_exact(&backend.key()));
        exact
    } else if pattern.contains(Fault::MARK) || builtin.iter().any(|one| is_exact(&one.key())) {
        Vec::new()
    } else {
        let has = |key: &&Key| key.to_string().contains(pattern);
        names.iter().filter(has).cloned().collect()
    };
    (builtin.into_iter().map(Subject::from).collect(), columns)
}

fn no_backend(pattern: &str, registry: &Registry, names: &[Key]) -> Problem {
    let faulty = pattern.rsplit_once(Fault::MARK).and_then(|(name, fault)| {
        let sound = registry.iter().find(|one| one.key().to_string() == name)?;
        Some((sound, fault))
    });
    let what = if let Some((sound, fault)) = faulty {
        let fitting = Fault::ALL.iter().filter(|one| one.fits(sound.as_ref()));
        let faults: Vec<&str> = fitting.map(|one| one.name()).collect();
        let instead = instead(fault, &faults);
        format!("{} has no fault `{fault}`: {instead}", sound.key())
    } else {
        let builtin = registry.iter().map(|backend| backend.key());
        let keys = builtin.chain(names.iter().cloned());
        let keys: Vec<String> = keys.map(|key| key.to_string()).collect();
        let instead = match similar_names(pattern, &keys).first() {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("name one of `{}`", keys.join("`, `")),
        };
        format!("no backend is called `{pattern}`: {instead}")
    };
    Problem::new(ExitCode::NothingToRun, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Kind;
    use crate::backends::broker::Broker;
    use crate::backends::std_pipe::StdPipe;
    use rstest::rstest;

    fn names() -> [Key; 3] {
        [
            Key::new(Kind::Queue, "python/Queue"),
            Key::new(Kind::Queue, "python/SimpleQueue"),
            Key::new(Kind::Pipe, "python/Pipe"),
        ]
    }

    #[rstest]
    #[case::a_whole_name("python/Queue", &["queue:python/Queue"])]
    #[case::a_part("Queue", &["queue:python/Queue", "queue:python/SimpleQueue"])]
    #[case::of_several_kinds("queue:", &["queue:broker", "queue:python/Queue", "queue:python/SimpleQueue"])]
    #[case::a_whole_name_of_a_backend("std/pipe", &["pipe:std/pipe", "stream:std/pipe"])]
    #[case::a_part_of_both("pipe:", &["pipe:std/pipe", "pipe:python/Pipe"])]
    #[case::a_fault("pipe:std/pipe~lost", &["pipe:std/pipe~lost"])]
    #[case::nothing("pigeon", &[])]
    fn a_pattern_chooses_backends(#[case] pattern: &str, #[case] expected: &[&str]) {
        let registry = Registry::new()
            .with(Broker)
            .with(StdPipe::pipe())
            .with(StdPipe::stream());
        let (builtin, columns) = matching(pattern, &registry, &names());
        let keys = builtin.iter().map(Subject::key).chain(columns);
        let keys: Vec<String> = keys.map(|key| key.to_string()).collect();
        assert_eq!(keys, expected);
    }

    #[rstest]
    #[case::one_like_it(
        "queue:brooker",
        "no backend is called `queue:brooker`: did you mean `queue:broker`?"
    )]
    #[case::none_like_it(
        "pigeon",
        "no backend is called `pigeon`: name one of `queue:broker`, `queue:python/Queue`"
    )]
    #[case::a_fault(
        "queue:broker~lots",
        "queue:broker has no fault `lots`: did you mean `lost`?"
    )]
    fn an_unknown_backend_is_an_error_with_suggestions(
        #[case] pattern: &str,
        #[case] expected: &str,
    ) {
        let registry = Registry::new().with(Broker);
        let problem = no_backend(pattern, &registry, &names()[..1]);
        assert_eq!(problem.code, ExitCode::NothingToRun);
        assert_eq!(problem.what, expected);
    }
}
