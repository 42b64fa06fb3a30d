//! Where a capability is claimed and isn't there, a case that needs it fails.

use std::sync::{Arc, LazyLock};

use ipc_conformance::backend::{Backend, Capability, System};
use ipc_conformance::internals::supervisor::Program;
use ipc_conformance::internals::{
    Options, Permutation, Session, Subject, Trial, TrialName, Verdict, attempt,
};

use super::claims::{self, Claiming};
use super::needs::Cases;

/// A test for each backend and each capability that it can be without.
pub(crate) fn tests() -> Vec<libtest_mimic::Trial> {
    let all: Vec<Claiming> = claims::all().collect();
    let lacking = all.iter().filter_map(|claiming| {
        let whole = all.iter().find(|one| one.is_whole_of(claiming))?.clone();
        let (claiming, capability) = (claiming.clone(), claiming.lacks?);
        let name = format!("probes::a_case_fails_on_{}", claiming.key());
        Some(libtest_mimic::Trial::test(name, move || {
            Ok(bites(&claiming, capability, &whole)?)
        }))
    });
    lacking.collect()
}

/// The harness, for one trial after the other.
struct Bench {
    options: Options,
    session: Session,
}

impl Bench {
    fn new(cases: &Cases) -> Bench {
        let path = std::env::current_exe().expect("this program knows where it is");
        let program = Program { path };
        Bench {
            session: Session::start(&program).expect("the harness can start"),
            options: Options::new(program, Arc::clone(&cases.catalogue)),
        }
    }

    fn run(&self, permutation: &Permutation, claiming: &Claiming) -> Verdict {
        let backend: Arc<dyn Backend> = Arc::new(claiming.clone());
        let trial = Trial {
            name: TrialName {
                case: permutation.case.to_string(),
                permutation: permutation.name(),
                backend: backend.key(),
            },
            permutation: Arc::new(permutation.clone()),
            capabilities: backend
                .capabilities(System::current())
                .expect("the reference backends are everywhere"),
            subject: Subject::from(backend),
            golden: None,
            divergences: Vec::new(),
            is_reviewed: false,
            property: None,
            runnable: Ok(()),
        };
        let report = attempt(&trial, &self.options, &self.session);
        report.expect("nobody interrupts").verdict
    }
}

/// Whether some case that needs it fails without it, and passes on what is just the same with it.
fn bites(claiming: &Claiming, capability: Capability, whole: &Claiming) -> Result<(), String> {
    static SHARED: LazyLock<(Cases, Bench)> = LazyLock::new(|| {
        let cases = Cases::load();
        let bench = Bench::new(&cases);
        (cases, bench)
    });
    let (cases, bench) = &*SHARED;
    let subject = Subject::from(Arc::new(claiming.clone()) as Arc<dyn Backend>);
    let probes = cases.probes(&subject, capability, System::current());
    let mut probes: Vec<&Permutation> = probes.collect();
    // Those of few steps are the fastest, and say most clearly what they are about.
    probes.sort_by_key(|probe| probe.plan.steps().count());
    let failing = probes
        .into_iter()
        .find(|probe| is_red(bench.run(probe, claiming)));
    let failing = failing.ok_or("no case fails")?;
    match bench.run(failing, whole) {
        Verdict::Pass => Ok(()),
        other => Err(format!("{} is {other:?} with it, too", failing.case)),
    }
}

/// Whether nobody can overlook it. Where a backend refuses to make a channel or an end that it claims
/// to have, there is nothing to judge, and the run is in error.
fn is_red(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::HarnessError)
}
