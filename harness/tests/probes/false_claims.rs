//! If a backend declares a capability that it doesn't have, a case that needs the capability fails.

use std::sync::{Arc, LazyLock};

use ipc_conformance::backend::{Backend, Capability, System};
use ipc_conformance::internals::supervisor::Program;
use ipc_conformance::internals::{
    Options, Permutation, Session, Subject, Trial, TrialName, Verdict, attempt,
};

use super::claims::{self, Claiming};
use super::needs::Cases;

/// Returns a test for each backend and each of its capabilities that can be removed.
pub(crate) fn tests() -> Vec<libtest_mimic::Trial> {
    let all: Vec<Claiming> = claims::all().collect();
    let lacking = all.iter().filter_map(|claiming| {
        let whole = all.iter().find(|one| one.is_whole_of(claiming))?.clone();
        let (claiming, capability) = (claiming.clone(), claiming.lacks?);
        let name = format!("probes::a_case_fails_on_{}", claiming.key());
        Some(libtest_mimic::Trial::test(name, move || {
            Ok(is_detected(&claiming, capability, &whole)?)
        }))
    });
    lacking.collect()
}

/// Runs single trials.
struct Bench {
    options: Options,
    session: Session,
}

impl Bench {
    fn new(cases: &Cases) -> Bench {
        let path = std::env::current_exe().expect("the system knows this program's path");
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
                .expect("the reference backends exist on every system"),
            subject: Subject::from(backend),
            golden: None,
            divergences: Vec::new(),
            is_reviewed: false,
            property: None,
            runnable: Ok(()),
        };
        let report = attempt(&trial, &self.options, &self.session);
        report.expect("the run isn't interrupted").verdict
    }
}

/// Checks that a case that needs the capability fails without it, and passes on the same backend with
/// it.
fn is_detected(
    claiming: &Claiming,
    capability: Capability,
    whole: &Claiming,
) -> Result<(), String> {
    static SHARED: LazyLock<(Cases, Bench)> = LazyLock::new(|| {
        let cases = Cases::load();
        let bench = Bench::new(&cases);
        (cases, bench)
    });
    let (cases, bench) = &*SHARED;
    let subject = Subject::from(Arc::new(claiming.clone()) as Arc<dyn Backend>);
    let probes = cases.probes(&subject, capability, System::current());
    let mut probes: Vec<&Permutation> = probes.collect();
    // Cases with few steps are the fastest and the most specific.
    probes.sort_by_key(|probe| probe.plan.steps().count());
    let failing = probes
        .into_iter()
        .find(|probe| is_red(bench.run(probe, claiming)));
    let failing = failing.ok_or("no case fails")?;
    match bench.run(failing, whole) {
        Verdict::Pass => Ok(()),
        other => Err(format!(
            "{} is {other:?} with the capability too",
            failing.case
        )),
    }
}

/// Returns whether the verdict is a failure. If a backend refuses to open a channel or to grant an end
/// that it claims to have, there is nothing to judge, and the trial ends in an adapter error.
fn is_red(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::AdapterError)
}
