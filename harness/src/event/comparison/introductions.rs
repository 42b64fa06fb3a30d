//! What logs say differently about backends: versions of libraries and language runtimes, and how they
//! are used.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::backend::{About, Key};
use crate::event::EventLog;

/// Something that the logs say differently about backends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Introduction {
    /// What differs.
    pub what: Aspect,
    /// What each log says; `None` if the log doesn't have the backends or doesn't say it.
    pub seen: Vec<Option<String>>,
    /// The backends of which the logs say it.
    pub backends: Vec<Key>,
}

/// What logs can say differently about a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Aspect {
    /// The library with its version.
    Library,
    /// The language runtime with its version.
    Runtime,
    /// How the backend uses the library.
    Mechanism,
    /// All of it, if a log has it in one line.
    Description,
}

impl Aspect {
    /// Returns its word in reports.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Aspect::Library => "library",
            Aspect::Runtime => "runtime",
            Aspect::Mechanism => "mechanism",
            Aspect::Description => "description",
        }
    }
}

/// Returns what differs. Backends of which the logs say the same are together.
pub(super) fn differences(logs: &[EventLog]) -> Vec<Introduction> {
    let infos = logs.iter().flat_map(|log| &log.header.backends);
    let keys: BTreeSet<&Key> = infos.map(|info| &info.key).collect();
    let mut alike: BTreeMap<(Aspect, Vec<Option<String>>), Vec<Key>> = BTreeMap::new();
    for key in keys {
        let about = |log: &EventLog| Some(log.header.backend(key)?.about.clone());
        let abouts: Vec<Option<About>> = logs.iter().map(about).collect();
        for (what, seen) in aspects(&abouts) {
            let said: BTreeSet<&String> = seen.iter().flatten().collect();
            if said.len() > 1 {
                alike.entry((what, seen)).or_default().push(key.clone());
            }
        }
    }
    let introductions = alike
        .into_iter()
        .map(|((what, seen), backends)| Introduction {
            what,
            seen,
            backends,
        });
    introductions.collect()
}

/// Returns what each log says about each aspect of one backend.
fn aspects(abouts: &[Option<About>]) -> Vec<(Aspect, Vec<Option<String>>)> {
    let of = |say: fn(&About) -> Option<String>| -> Vec<Option<String>> {
        let said = abouts.iter().map(|about| about.as_ref().and_then(say));
        said.collect()
    };
    if abouts.iter().flatten().any(|about| about.library.is_none()) {
        return vec![(Aspect::Description, of(|about| Some(about.to_string())))];
    }
    vec![
        (Aspect::Library, of(About::versioned_library)),
        (Aspect::Runtime, of(|about| about.runtime.clone())),
        (Aspect::Mechanism, of(|about| Some(about.mechanism.clone()))),
    ]
}
