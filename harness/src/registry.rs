//! The backends that a program knows, by their keys.
//!
//! In: the built-in backends, and those that an author adds. Out: the backend for a key or for a
//! pattern of `--backend`, with a fault if the key names one. Nothing here runs a case.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::backend::{Backend, Key};
use crate::backends::broker::Broker;
#[cfg(feature = "interprocess")]
use crate::backends::interprocess;
use crate::backends::os_process::OsProcess;
use crate::backends::pipe_lock::PipeLock;
use crate::backends::posix_mq::PosixMq;
#[cfg(target_os = "linux")]
use crate::backends::socketpair::SeqpacketSocketpair;
#[cfg(unix)]
use crate::backends::socketpair::StreamSocketpair;
use crate::backends::std_pipe::StdPipe;
#[cfg(unix)]
use crate::backends::std_stdio::StdStdio;
#[cfg(unix)]
use crate::backends::std_unix_socket::StdUnixSocket;
use crate::backends::sysv_msg::SysvMsg;
use crate::mutant::{Fault, Mutation};

/// A set of backends in the order of their keys. Cheap to clone.
///
/// Each of them also exists with each fault that fits it. Its key then ends with a tilde and the
/// fault's name, as in `pipe:std/pipe~lost` or `pipe:std/pipe~lost@1-in-100`. Only that exact key
/// finds it: patterns and iteration don't.
#[derive(Clone, Default)]
pub struct Registry {
    backends: Arc<BTreeMap<Key, Arc<dyn Backend>>>,
}

impl Registry {
    /// Returns a registry without backends.
    pub fn new() -> Registry {
        Registry::default()
    }

    /// Returns the backends of this crate.
    pub fn builtin() -> Registry {
        let everywhere = Registry::new()
            .with(Broker)
            .with(PipeLock::default())
            .with(PosixMq)
            .with(SysvMsg)
            .with(StdPipe::pipe())
            .with(StdPipe::stream())
            .with(OsProcess);
        everywhere.with_unix().with_interprocess()
    }

    #[cfg(unix)]
    fn with_unix(self) -> Registry {
        let everywhere = self
            .with(StdStdio::pipe())
            .with(StdStdio::stream())
            .with(StdUnixSocket::default())
            .with(StreamSocketpair::pipe())
            .with(StreamSocketpair::stream());
        #[cfg(target_os = "linux")]
        let everywhere = everywhere.with(SeqpacketSocketpair);
        everywhere
    }

    #[cfg(not(unix))]
    fn with_unix(self) -> Registry {
        self
    }

    #[cfg(feature = "interprocess")]
    fn with_interprocess(self) -> Registry {
        let everywhere = self
            .with(interprocess::LocalSocket::pipe())
            .with(interprocess::LocalSocket::stream())
            .with(interprocess::UnnamedPipe::pipe())
            .with(interprocess::UnnamedPipe::stream())
            .with(interprocess::LocalEndpoint::default());
        #[cfg(feature = "tokio")]
        let everywhere = everywhere
            .with(interprocess::TokioLocalSocket::pipe())
            .with(interprocess::TokioLocalSocket::stream())
            .with(interprocess::TokioUnnamedPipe::pipe())
            .with(interprocess::TokioUnnamedPipe::stream());
        #[cfg(unix)]
        let everywhere = everywhere
            .with(interprocess::Fifo::pipe())
            .with(interprocess::Fifo::stream());
        #[cfg(windows)]
        let everywhere = everywhere
            .with(interprocess::NamedPipe::pipe())
            .with(interprocess::NamedPipe::stream())
            .with(interprocess::NamedPipeMessages);
        everywhere
    }

    #[cfg(not(feature = "interprocess"))]
    fn with_interprocess(self) -> Registry {
        self
    }

    /// Adds this backend. It replaces one with the same key.
    pub fn with(mut self, backend: impl Backend + 'static) -> Registry {
        Arc::make_mut(&mut self.backends).insert(backend.key(), Arc::new(backend));
        self
    }

    /// Returns the backend with this key.
    pub fn get(&self, key: &Key) -> Option<Arc<dyn Backend>> {
        if let Some(backend) = self.backends.get(key) {
            return Some(Arc::clone(backend));
        }
        let (name, fault) = key.name.rsplit_once(Fault::MARK)?;
        let sound = self.backends.get(&Key::new(key.kind, name))?;
        Mutation::from_name(fault)?.on(Arc::clone(sound))
    }

    /// Returns the backends that a pattern of `--backend` selects: those with exactly this key or
    /// exactly this name, and if there are none, all whose keys contain the pattern.
    pub fn matching(&self, pattern: &str) -> Vec<Arc<dyn Backend>> {
        if let Some((sound, fault)) = pattern.rsplit_once(Fault::MARK) {
            return self
                .only(|key| key.to_string() == sound)
                .into_iter()
                .filter_map(|backend| Mutation::from_name(fault)?.on(backend))
                .collect();
        }
        let exact = self.only(|key| key.to_string() == pattern || key.name == pattern);
        if exact.is_empty() {
            self.only(|key| key.to_string().contains(pattern))
        } else {
            exact
        }
    }

    fn only(&self, wanted: impl Fn(&Key) -> bool) -> Vec<Arc<dyn Backend>> {
        self.backends
            .iter()
            .filter(|(key, _)| wanted(key))
            .map(|(_, backend)| Arc::clone(backend))
            .collect()
    }

    /// Iterates over the backends in the order of their keys: queues, pipes, streams, endpoints,
    /// processes.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Backend>> {
        self.backends.values()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.backends.keys().map(Key::to_string))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::backend::Kind;

    fn names(backends: &[Arc<dyn Backend>]) -> Vec<String> {
        backends.iter().map(|b| b.key().to_string()).collect()
    }

    #[rstest]
    #[case::whole_key("pipe:std/pipe", &["pipe:std/pipe"])]
    #[case::whole_name("std/pipe", &["pipe:std/pipe", "stream:std/pipe"])]
    #[case::part_of_a_name("brok", &["queue:broker"])]
    #[case::kind("process:", &["process:os/process"])]
    #[case::part_of_several("d/pip", &["pipe:std/pipe", "stream:std/pipe"])]
    #[case::fault("pipe:std/pipe~lost", &["pipe:std/pipe~lost"])]
    #[case::trigger("pipe:std/pipe~lost@1-in-100", &["pipe:std/pipe~lost@1-in-100"])]
    #[case::no_trigger("pipe:std/pipe~lost@often", &[])]
    #[case::fault_without_a_kind("std/pipe~lost", &[])]
    #[case::part_of_a_fault("pipe:std/pipe~los", &[])]
    #[case::fault_of_another_kind("pipe:std/pipe~capacity-plus-one", &[])]
    #[case::no_such("carrier-pigeon", &[])]
    fn a_pattern_selects(#[case] pattern: &str, #[case] expected: &[&str]) {
        assert_eq!(names(&Registry::builtin().matching(pattern)), expected);
    }

    #[test]
    fn iteration_shows_backends_by_kind_and_without_faults() {
        let listed: Vec<Key> = Registry::builtin().iter().map(|b| b.key()).collect();
        assert!(listed.is_sorted());
        assert!(listed.iter().all(|key| !key.name.contains(Fault::MARK)));
        for everywhere in [
            Key::new(Kind::Queue, "broker"),
            Key::new(Kind::Pipe, "std/pipe"),
            Key::new(Kind::Stream, "std/pipe"),
            Key::new(Kind::Process, "os/process"),
        ] {
            assert!(listed.contains(&everywhere), "{everywhere}");
        }
    }

    #[test]
    fn a_key_with_a_fault_is_a_backend_with_that_key() {
        let key = Key::new(Kind::Queue, "broker~doubled");
        assert_eq!(Registry::builtin().get(&key).unwrap().key(), key);
    }

    #[test]
    fn a_backend_replaces_an_earlier_one_with_its_key() {
        let registry = Registry::builtin().with(OsProcess);
        assert_eq!(registry.iter().count(), Registry::builtin().iter().count());
    }
}
