//! The trials to run: every permutation of every case on every backend of its kind, filtered by
//! patterns.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::adapter::Absence;
use crate::backend::{Capabilities, System};
use crate::corpus::case_file::CaseFile;
use crate::judge::golden::Golden;
use crate::judge::{TrialName, Verdict};
use crate::plan::Permutation;
use crate::runner::{NotRun, Subject, Trial};

/// Patterns that choose trials.
#[derive(Clone, Debug, Default)]
pub struct TrialFilter {
    /// Parts of trials' names. Without patterns, all trials match.
    pub patterns: Vec<String>,
    /// Whether a pattern must be the whole name of a trial, a permutation or a case.
    pub exact: bool,
}

impl TrialFilter {
    /// Whether any pattern matches this trial.
    pub fn matches(&self, name: &TrialName) -> bool {
        let mut patterns = self.patterns.iter();
        self.patterns.is_empty() || patterns.any(|pattern| self.pattern_matches(pattern, name))
    }

    /// Whether this pattern matches the trial, exactly if the filter is exact.
    pub fn pattern_matches(&self, pattern: &str, name: &TrialName) -> bool {
        let whole = name.to_string();
        if !self.exact {
            return whole.contains(pattern);
        }
        whole == pattern || name.case == pattern || name.permutation_name() == pattern
    }
}

/// Returns the trials that match the filter, in the order of cases, permutations and backends. The
/// keys of `goldens` are the names of the cases.
pub fn trials(
    cases: &[CaseFile],
    subjects: &[Subject],
    goldens: &BTreeMap<String, Arc<Golden>>,
    system: System,
    filter: &TrialFilter,
) -> Vec<Trial> {
    let mut trials = Vec::new();
    for file in cases {
        for (number, permutation) in file.permutations.iter().enumerate() {
            let kind = permutation.kind();
            let permutation = Arc::new(permutation.clone());
            let fitting = subjects.iter().filter(|subject| subject.key().kind == kind);
            for subject in fitting {
                let name = TrialName {
                    case: file.name.clone(),
                    permutation: permutation.name(),
                    backend: subject.key(),
                };
                let is_asked_for = !filter.patterns.is_empty();
                if !filter.matches(&name) || !is_asked_for && !subject.runs_by_default(&name.case) {
                    continue;
                }
                let capabilities = subject.capabilities(system);
                let runnable = match subject.absence() {
                    Some(Absence {
                        verdict,
                        too_slow,
                        why,
                    }) => Err(NotRun {
                        verdict: *verdict,
                        too_slow: *too_slow,
                        why: why.clone(),
                    }),
                    None => runnable(file, &permutation, capabilities.as_ref(), system),
                };
                trials.push(Trial {
                    name,
                    runnable,
                    permutation: Arc::clone(&permutation),
                    subject: subject.clone(),
                    capabilities: capabilities.unwrap_or_default(),
                    golden: goldens.get(&file.name).cloned(),
                    divergences: Vec::new(),
                    is_reviewed: file.is_in_cases() && file.properties.is_empty(),
                    property: file.properties.get(number).cloned(),
                });
            }
        }
    }
    trials
}

/// Whether the subject can run this permutation on this system.
pub fn can_run(
    subject: &Subject,
    file: &CaseFile,
    permutation: &Permutation,
    system: System,
) -> bool {
    let capabilities = subject.capabilities(system);
    subject.key().kind == permutation.kind()
        && runnable(file, permutation, capabilities.as_ref(), system).is_ok()
}

/// Returns an error with the reason if the backend can't run the permutation on this system.
fn runnable(
    file: &CaseFile,
    permutation: &Permutation,
    capabilities: Option<&Capabilities>,
    system: System,
) -> Result<(), NotRun> {
    let not_applicable = |why| {
        Err(NotRun {
            verdict: Verdict::NotApplicable,
            too_slow: false,
            why,
        })
    };
    let systems = &file.case.systems;
    if !systems.is_empty() && systems.iter().all(|one| one.value != system) {
        return not_applicable(format!("the case isn't for {system}"));
    }
    let Some(capabilities) = capabilities else {
        return not_applicable(format!("not on {system}"));
    };
    match permutation.lacks(capabilities) {
        None => Ok(()),
        Some(why) => not_applicable(why),
    }
}

/// Returns the names that are spelt most like `wanted`, best first.
pub(crate) fn similar_names<'a>(wanted: &str, names: &'a [String]) -> Vec<&'a str> {
    /// The part of the spelling that must be equal.
    const CUTOFF: f32 = 0.7;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    similar::get_close_matches(wanted, &names, 3, CUTOFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Key, Kind};
    use rstest::rstest;

    fn name(permutation: &str) -> TrialName {
        TrialName {
            case: "pipe/sizes".to_owned(),
            permutation: permutation.to_owned(),
            backend: Key::new(Kind::Pipe, "std/pipe"),
        }
    }

    fn filter(pattern: &str, exact: bool) -> TrialFilter {
        TrialFilter {
            patterns: vec![pattern.to_owned()],
            exact,
        }
    }

    #[rstest]
    #[case::a_case("pipe/sizes", true)]
    #[case::an_area("pipe/", true)]
    #[case::a_permutation("pipe/sizes[size=1]", true)]
    #[case::a_value("size=1", true)]
    #[case::a_backend("@pipe:std", true)]
    #[case::another_case("queue/", false)]
    #[case::another_value("size=2", false)]
    fn a_pattern_matches_a_part_of_a_name(#[case] pattern: &str, #[case] expected: bool) {
        assert_eq!(filter(pattern, false).matches(&name("size=1")), expected);
    }

    #[rstest]
    #[case::the_case("pipe/sizes", true)]
    #[case::the_permutation("pipe/sizes[size=1]", true)]
    #[case::the_trial("pipe/sizes[size=1]@pipe:std/pipe", true)]
    #[case::a_part("pipe/size", false)]
    #[case::the_backend("pipe:std/pipe", false)]
    fn an_exact_pattern_matches_a_whole_name(#[case] pattern: &str, #[case] expected: bool) {
        assert_eq!(filter(pattern, true).matches(&name("size=1")), expected);
    }

    #[test]
    fn without_patterns_every_trial_matches() {
        assert!(TrialFilter::default().matches(&name("")));
    }

    #[test]
    fn a_misspelt_name_finds_similar_names() {
        let names = ["seed/queue", "seed/pipe", "pipe/sizes"].map(str::to_owned);
        assert_eq!(similar_names("sead/queue", &names), ["seed/queue"]);
        assert_eq!(similar_names("nonsense", &names), [""; 0]);
    }
}
