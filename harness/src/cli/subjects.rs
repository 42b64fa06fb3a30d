//! Which backends and adapters' columns a run is on.

use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::Problem;
use crate::adapter::{Adapter, known};
use crate::backend::Key;
use crate::case::name::instead;
use crate::corpus::selection::alike;
use crate::event::exit_code::ExitCode;
use crate::mutant::Fault;
use crate::os::supervisor::Program;
use crate::registry::Registry;
use crate::runner::Session;
use crate::runner::subject::Subject;

/// The arguments that choose.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Choice {
    /// Only these backends: `kind:name`, a name, or a part of either. May be given again.
    #[arg(long = "backend", value_name = "BACKEND")]
    backends: Vec<String>,
    /// Runs the backends that this adapter hosts: a program that speaks the adapter protocol, with
    /// its arguments, split into words as a shell would; or the name of one of harness/adapters/.
    /// May be given again.
    ///
    /// Other backends take part only where --backend asks for them.
    #[arg(long = "adapter", value_name = "COMMAND")]
    adapters: Vec<String>,
    /// Leaves out the adapters of the root's harness/adapters/, which take part otherwise.
    #[arg(long)]
    no_adapters: bool,
}

impl Choice {
    /// The subjects that were asked for, each once: this program's backends and the root's own
    /// adapters' columns where nobody asked.
    pub(super) fn subjects(
        &self,
        registry: &Registry,
        root: &Path,
        session: &Session,
    ) -> Result<Vec<Subject>, Problem> {
        let known: Vec<Arc<Adapter>> = match self.no_adapters && self.adapters.is_empty() {
            true => Vec::new(),
            false => all_known(root)?,
        };
        let mut found: Vec<Subject> = Vec::new();
        for command in &self.adapters {
            match known.iter().find(|adapter| is_called(adapter, command)) {
                Some(adapter) => found.extend(introduced(adapter, session)),
                None => found.extend(given(command, registry, session)?),
            }
        }
        let known = if self.no_adapters { Vec::new() } else { known };
        if self.backends.is_empty() {
            if self.adapters.is_empty() {
                found.extend(registry.iter().cloned().map(Subject::from));
                found.extend(
                    known
                        .iter()
                        .flat_map(|adapter| introduced(adapter, session)),
                );
            }
            return Ok(found);
        }
        let mut names: Vec<Key> = found.iter().map(Subject::key).collect();
        names.extend(
            known
                .iter()
                .flat_map(|adapter| adapter.columns_by_name())
                .cloned(),
        );
        let mut wanted: Vec<Key> = Vec::new();
        let mut subjects: Vec<Subject> = Vec::new();
        for pattern in &self.backends {
            let (builtin, columns) = matching(pattern, registry, &names);
            if builtin.is_empty() && columns.is_empty() {
                return Err(unknown(pattern, registry, &names));
            }
            subjects.extend(builtin);
            wanted.extend(columns);
        }
        subjects.extend(found);
        for adapter in &known {
            // It is started only where somebody wants something of it.
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
}

/// What the root's own adapters host, in a session of its own.
pub(super) fn of_adapters(root: &Path) -> Result<Vec<Subject>, Problem> {
    let known = all_known(root)?;
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let program = Program::current().map_err(|error| {
        let what = format!("can't find this executable: {error}");
        Problem::new(ExitCode::Harness, what)
    })?;
    let session = Session::start(&program)?;
    let subjects = known
        .iter()
        .flat_map(|adapter| introduced(adapter, &session));
    Ok(subjects.collect())
}

/// The adapter that these words of the command line mean: one of the root's own by its name, or a
/// command.
pub(super) fn meant(command: &str, root: &Path) -> Result<Arc<Adapter>, Problem> {
    let mut known = all_known(root)?.into_iter();
    match known.find(|adapter| is_called(adapter, command)) {
        Some(adapter) => Ok(adapter),
        None => Adapter::from_command(command)
            .map(Arc::new)
            .map_err(|why| Problem::new(ExitCode::Usage, why)),
    }
}

fn all_known(root: &Path) -> Result<Vec<Arc<Adapter>>, Problem> {
    let known = known::read(root).map_err(|why| Problem::new(ExitCode::Usage, why))?;
    Ok(known.into_iter().map(Arc::new).collect())
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

/// What an adapter hosts that the user gave, which must be fit for use.
fn given(
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

/// What a pattern means, of this program's backends and of columns with these names: what is called
/// exactly so, or else whatever has it in its name.
fn matching(pattern: &str, registry: &Registry, names: &[Key]) -> (Vec<Subject>, Vec<Key>) {
    let is_exact = |key: &Key| key.to_string() == pattern || key.name == pattern;
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

fn unknown(pattern: &str, registry: &Registry, names: &[Key]) -> Problem {
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
        let instead = match alike(pattern, &keys).first() {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("one of `{}`", keys.join("`, `")),
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
    fn a_pattern_means(#[case] pattern: &str, #[case] expected: &[&str]) {
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
        "no backend is called `pigeon`: one of `queue:broker`, `queue:python/Queue`"
    )]
    #[case::a_fault(
        "queue:broker~lots",
        "queue:broker has no fault `lots`: did you mean `lost`?"
    )]
    fn an_unknown_backend_is_told_with_those_there_are(
        #[case] pattern: &str,
        #[case] expected: &str,
    ) {
        let registry = Registry::new().with(Broker);
        let problem = unknown(pattern, &registry, &names()[..1]);
        assert_eq!(problem.code, ExitCode::NothingToRun);
        assert_eq!(problem.what, expected);
    }
}
