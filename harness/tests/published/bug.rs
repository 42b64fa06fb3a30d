//! What a published bug is here, and whether it is caught.

use std::path::Path;
use std::sync::Arc;

use ipc_conformance::backend::{Backend, System};
use ipc_conformance::internals::supervisor::Program;
use ipc_conformance::internals::{
    CaseFolder, FindingState, Options, Session, Subject, TrialFilter, TrialReport, Verdict,
    attempt, trials,
};
use ipc_conformance::registry::Registry;

/// Which version of a library's design a backend has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// With the bug.
    Published,
    /// The same without it, so that it is the bug that is caught and nothing else.
    Mended,
}

impl Version {
    /// The name of the backend with this version of the bug.
    pub(crate) fn name(self, bug: &str) -> String {
        match self {
            Version::Published => format!("published/{bug}"),
            Version::Mended => format!("mended/{bug}"),
        }
    }
}

/// A bug that somebody reported of a folder.
pub(crate) struct Bug {
    /// As backends are called behind `published/` and `mended/`.
    pub(crate) name: &'static str,
    /// Where it was reported.
    pub(crate) link: &'static str,
    /// The permutation that shows it; of a case in this test's own folder where it ends in `.toml`.
    pub(crate) permutation: &'static str,
    /// The promise that it breaks, and who finds that.
    pub(crate) clause: &'static str,
    pub(crate) invariant: &'static str,
    /// Both versions.
    pub(crate) backends: fn(Registry) -> Registry,
}

/// A registry with the backends of both versions too.
pub(crate) fn both<B: Backend + 'static>(registry: Registry, of: fn(Version) -> B) -> Registry {
    registry
        .with(of(Version::Published))
        .with(of(Version::Mended))
}

impl Bug {
    /// The test that it is caught.
    pub(crate) fn is_caught(&self) {
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
        let told = report.failures.iter().any(|page| {
            let clause = page.clause.as_ref();
            clause.is_some_and(|clause| is_it(clause.as_str(), &page.invariant))
        });
        assert!(told, "{link}: {:#?}", report.failures);
    }

    /// The test that the same design without it isn't accused.
    pub(crate) fn is_all_that_is_wrong(&self) {
        let report = self.run(Version::Mended);
        assert_eq!(report.verdict, Verdict::Pass, "{}: {report:#?}", self.link);
    }

    fn run(&self, version: Version) -> TrialReport {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = CaseFolder::open(Some(root)).expect("the cases are where they should be");
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
        let program = Program::current().expect("this program knows where it is");
        let session = Session::start(&program).expect("the harness can start");
        let options = Options::new(program, Arc::clone(&folder.catalogue));
        attempt(trial, &options, &session).expect("nobody interrupts")
    }
}
