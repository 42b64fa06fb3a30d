//! A published bug, and the checks that it is detected.

use std::path::Path;
use std::sync::Arc;

use ipc_conformance::backend::{Backend, System};
use ipc_conformance::internals::supervisor::Program;
use ipc_conformance::internals::{
    CaseFolder, FindingState, Options, Session, Subject, TrialFilter, TrialReport, Verdict,
    attempt, trials,
};
use ipc_conformance::registry::Registry;

/// The version of a library's design that a backend implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// With the bug.
    Published,
    /// The same design without the bug, to show that only the bug is detected.
    Mended,
}

impl Version {
    /// Returns the name of the backend with this version of the bug.
    pub(crate) fn name(self, bug: &str) -> String {
        match self {
            Version::Published => format!("published/{bug}"),
            Version::Mended => format!("mended/{bug}"),
        }
    }
}

/// A published bug of a library.
pub(crate) struct Bug {
    /// The name of the bug. The backends are `published/` and `mended/` with this name.
    pub(crate) name: &'static str,
    /// The address of the report.
    pub(crate) link: &'static str,
    /// The permutation that shows it. A name that ends in `.toml` is a case in the folder of these
    /// tests.
    pub(crate) permutation: &'static str,
    /// The clause that it breaks, and the invariant that reports it.
    pub(crate) clause: &'static str,
    pub(crate) invariant: &'static str,
    /// Adds the backends of both versions to a registry.
    pub(crate) backends: fn(Registry) -> Registry,
}

/// Adds the backends of both versions to a registry.
pub(crate) fn both<B: Backend + 'static>(registry: Registry, of: fn(Version) -> B) -> Registry {
    registry
        .with(of(Version::Published))
        .with(of(Version::Mended))
}

impl Bug {
    /// Tests that the bug is detected.
    pub(crate) fn is_detected(&self) {
        let link = self.link;
        let report = self.run(Version::Published);
        assert_eq!(report.verdict, Verdict::Fail, "{link}: {report:#?}");
        let is_it = |clause: &str, by: &str| clause == self.clause && by == self.invariant;
        let broken: Vec<(&str, &str)> = report
            .findings
            .iter()
            .filter(|finding| matches!(finding.state, FindingState::Broken(_)))
            .map(|finding| (finding.clause.as_str(), finding.invariant.as_str()))
            .collect();
        assert!(
            broken.iter().any(|(clause, by)| is_it(clause, by)),
            "{link}: {broken:?}"
        );
        let is_reported = report.failures.iter().any(|page| {
            let mut clauses = page.clauses();
            clauses.any(|(clause, by)| is_it(clause.as_str(), by))
        });
        assert!(is_reported, "{link}: {:#?}", report.failures);
    }

    /// Tests that the same design without the bug passes.
    pub(crate) fn fixed_version_passes(&self) {
        let report = self.run(Version::Mended);
        assert_eq!(report.verdict, Verdict::Pass, "{}: {report:#?}", self.link);
    }

    fn run(&self, version: Version) -> TrialReport {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = CaseFolder::open(Some(root)).expect("the package has cases");
        let own = root
            .join("harness/tests/published/cases")
            .join(self.permutation);
        let (cases, faulty) = match own.extension() {
            Some(_) => folder.files(&[own]),
            None => folder.cases(),
        };
        assert!(faulty.is_empty(), "{faulty:?}");
        let goldens = folder.goldens(&cases).expect("goldens can be read");
        let backends = (self.backends)(Registry::new());
        let subjects: Vec<Subject> = backends
            .matching(&version.name(self.name))
            .into_iter()
            .map(Subject::from)
            .collect();
        let pattern = self.permutation.strip_suffix(".toml");
        let filter = TrialFilter {
            patterns: pattern
                .is_none()
                .then(|| self.permutation.to_owned())
                .into_iter()
                .collect(),
            exact: true,
        };
        let trials = trials(&cases, &subjects, &goldens, System::current(), &filter);
        let [trial] = &trials[..] else {
            panic!("{trials:?}");
        };
        let program = Program::current().expect("the system knows this program's path");
        let session = Session::start(&program).expect("the harness can start");
        let options = Options::new(program, Arc::clone(&folder.catalogue));
        attempt(trial, &options, &session).expect("the run isn't interrupted")
    }
}
