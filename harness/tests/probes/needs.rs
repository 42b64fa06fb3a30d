//! The capabilities that each case needs.

use std::path::Path;
use std::sync::Arc;

use ipc_conformance::backend::{Capability, Kind, System};
use ipc_conformance::internals::Requirement;
use ipc_conformance::internals::{CaseFile, CaseFolder, Catalogue, Permutation, Subject, can_run};
use ipc_conformance::registry::Registry;

pub(crate) const TESTS: &[crate::named::Named] = &[(
    "every_declared_capability_is_needed_by_a_case",
    every_declared_capability_is_needed_by_a_case,
)];

const SYSTEMS: [System; 3] = [System::Linux, System::Macos, System::Windows];

/// Capabilities that endpoints declare although none of their cases needs them. Cases of endpoints are
/// about how processes meet; pipes probe the use of a connection, and every other kind probes how its
/// processes are started.
const BEYOND_MEETING: &[Capability] = &[
    Capability::TryGet,
    Capability::TimedGet,
    Capability::Poll,
    Capability::ZeroLength,
    Capability::SnapshotAtPut,
    Capability::Values,
    Capability::Threads,
    Capability::Backpressure,
    Capability::Spawn,
    Capability::Fork,
];

const KINDS_OF_VALUES: [Capability; 5] = [
    Capability::PlainValues,
    Capability::TextWithNul,
    Capability::LargeIntegers,
    Capability::Floats,
    Capability::NestedValues,
];

/// The cases, and the subjects of clauses.
pub(crate) struct Cases {
    pub(crate) files: Vec<CaseFile>,
    pub(crate) catalogue: Arc<Catalogue>,
}

impl Cases {
    pub(crate) fn load() -> Cases {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = CaseFolder::open(Some(root)).expect("the package has cases");
        let (files, faulty) = folder.cases();
        assert!(faulty.is_empty(), "{faulty:?}");
        Cases {
            files,
            catalogue: Arc::clone(&folder.catalogue),
        }
    }

    /// Returns whether the permutation needs the capability to run, or is about a promise that only
    /// backends with the capability make.
    fn needs(&self, permutation: &Permutation, capability: Capability) -> bool {
        // A backend that declares `values` declares every kind.
        let includes = |needed: Capability| {
            let is_kind = capability == Capability::Values && KINDS_OF_VALUES.contains(&needed);
            needed == capability || is_kind
        };
        let is_about = |id| {
            let clause = self.catalogue.get(id);
            clause
                .and_then(|clause| clause.capability)
                .is_some_and(includes)
        };
        let is_needed = |requirement: &Requirement| match requirement {
            Requirement::Capability(needed) => includes(*needed),
            _ => false,
        };
        permutation.requires.iter().any(is_needed) || permutation.clauses.iter().any(is_about)
    }

    /// Returns the permutations that this subject runs on this system and that need the capability.
    /// Permutations of a property are left out, because their draws decide, and so are sweeps at random
    /// moments.
    pub(crate) fn probes<'a>(
        &'a self,
        subject: &'a Subject,
        capability: Capability,
        system: System,
    ) -> impl Iterator<Item = &'a Permutation> {
        let files = self.files.iter().filter(|file| file.properties.is_empty());
        files.flat_map(move |file| {
            let permutations = file.permutations.iter();
            permutations.filter(move |permutation| {
                !permutation.name().contains("=running-")
                    && self.needs(permutation, capability)
                    && can_run(subject, file, permutation, system)
            })
        })
    }
}

fn every_declared_capability_is_needed_by_a_case() {
    let cases = Cases::load();
    let mut unprobed = Vec::new();
    for backend in Registry::builtin().iter() {
        let subject = Subject::from(Arc::clone(backend));
        for system in SYSTEMS {
            let declared = subject.capabilities(system).unwrap_or_default();
            let is_endpoint = subject.key().kind == Kind::Endpoint;
            for (capability, _) in declared.iter() {
                if is_endpoint && BEYOND_MEETING.contains(&capability) {
                    continue;
                }
                if cases.probes(&subject, capability, system).next().is_none() {
                    unprobed.push(format!("{} on {system}: {capability}", subject.key()));
                }
            }
        }
    }
    assert!(unprobed.is_empty(), "\n{}", unprobed.join("\n"));
}
