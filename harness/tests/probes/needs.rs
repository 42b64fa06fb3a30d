//! Which cases need what.

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

/// What endpoints declare and none of their cases needs: those are about how processes meet. What can
/// be done with a connection is probed on pipes, and how its processes are started on every other kind.
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

/// The cases, and what clauses are about.
pub(crate) struct Cases {
    pub(crate) files: Vec<CaseFile>,
    pub(crate) catalogue: Arc<Catalogue>,
}

impl Cases {
    pub(crate) fn load() -> Cases {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = CaseFolder::open(Some(root)).expect("the cases are where they should be");
        let (files, faulty) = folder.cases();
        assert!(faulty.is_empty(), "{faulty:?}");
        Cases {
            files,
            catalogue: Arc::clone(&folder.catalogue),
        }
    }

    /// Whether the permutation can't be run where the capability isn't declared, or is about a
    /// promise that only who declares it makes.
    fn needs(&self, permutation: &Permutation, capability: Capability) -> bool {
        let is_about = |id| {
            let clause = self.catalogue.get(id);
            clause.is_some_and(|clause| clause.capability == Some(capability))
        };
        let requirement = Requirement::Capability(capability);
        permutation.requires.contains(&requirement) || permutation.clauses.iter().any(is_about)
    }

    /// What this subject runs on this system, and couldn't without the capability. Of a property the
    /// draws decide, so there is none.
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
                self.needs(permutation, capability) && can_run(subject, file, permutation, system)
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
