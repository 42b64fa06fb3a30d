//! Merges event logs that are the parts of one run.
//!
//! Logs of one platform count as parts of one run. They must have the same version of the program
//! and of the libraries, and no trial may be in two of them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::backend::About;
use crate::event::{BackendInfo, Event, EventLog, Footer, Header, Partition};
use crate::judge::TrialName;

/// The reason why logs can't be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Two logs have the same trials.
    #[error(
        "{one} and {other} both have {what} on {platform}: only parts of one run can be merged; \
         use `compare` to compare runs"
    )]
    Overlap {
        /// One log.
        one: String,
        /// The other log.
        other: String,
        /// The trials.
        what: String,
        /// The platform of both.
        platform: String,
    },
    /// Two logs can't be parts of the same run.
    #[error(
        "{one} and {other} aren't parts of one run on {platform}: {what}; \
         use `compare` to compare them"
    )]
    Contradiction {
        /// One log.
        one: String,
        /// The other log.
        other: String,
        /// The contradiction.
        what: String,
        /// The platform of both.
        platform: String,
    },
    /// Some parts are missing.
    #[error("of the run on {platform}, {missing} is missing")]
    Missing {
        /// The platform of the run.
        platform: String,
        /// The missing parts.
        missing: String,
    },
}

/// Merges the logs of each platform into one log. The result is sorted by system, and the trials of
/// each log by name.
///
/// # Errors
/// Returns an error if the logs of a platform aren't exactly the parts of one run.
pub fn unite(logs: Vec<EventLog>) -> Result<Vec<EventLog>, MergeError> {
    let mut runs: BTreeMap<_, Vec<EventLog>> = BTreeMap::new();
    for log in logs {
        let platform = (log.header.system, log.header.machine());
        runs.entry(platform).or_default().push(log);
    }
    runs.into_values().map(whole).collect()
}

/// Makes one log of all parts of a run.
fn whole(parts: Vec<EventLog>) -> Result<EventLog, MergeError> {
    none_is_missing(&parts)?;
    no_trial_is_twice(&parts)?;
    let footer = total(&parts);
    let mut rest = parts.into_iter();
    let mut whole = rest.next().expect("a run has the log that it was made for");
    for part in rest {
        agree(&whole, &part)?;
        join_backends(&mut whole, &part)?;
        whole.header.jobs = whole.header.jobs.max(part.header.jobs);
        whole.header.trials += part.header.trials;
        whole.reports.extend(part.reports);
        whole.texts.join(part.texts);
    }
    whole.header.partition = None;
    whole.header.backends.sort_by(|a, b| a.key.cmp(&b.key));
    whole.reports.sort_by(|a, b| a.name.cmp(&b.name));
    whole.footer = footer;
    Ok(whole)
}

fn none_is_missing(parts: &[EventLog]) -> Result<(), MergeError> {
    let mut known = parts
        .iter()
        .filter_map(|log| Some((log, log.header.partition?)));
    let Some((first, Partition { of, .. })) = known.next() else {
        return Ok(());
    };
    if let Some((other, partition)) = known.find(|(_, partition)| partition.of != of) {
        let what = format!("one is of {of} parts, the other of {}", partition.of);
        return Err(contradiction(first, other, what));
    }
    let is_there = |part: &u64| {
        let partition = Some(Partition { part: *part, of });
        parts.iter().any(|log| log.header.partition == partition)
    };
    let missing: Vec<String> = (1..=of)
        .filter(|part| !is_there(part))
        .map(|part| Partition { part, of }.to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(MergeError::Missing {
        platform: first.header.machine(),
        missing: missing.join(", "),
    })
}

fn no_trial_is_twice(parts: &[EventLog]) -> Result<(), MergeError> {
    let mut home: BTreeMap<&TrialName, &EventLog> = BTreeMap::new();
    for log in parts {
        let mut twice = Vec::new();
        for report in &log.reports {
            match home.entry(&report.name) {
                Entry::Vacant(vacant) => _ = vacant.insert(log),
                Entry::Occupied(taken) => twice.push((*taken.get(), &report.name)),
            }
        }
        if let Some((other, name)) = twice.first() {
            let what = match twice.len() {
                1 => format!("the trial {name}"),
                many => format!("{many} trials, the first of them {name},"),
            };
            return Err(MergeError::Overlap {
                one: other.path.clone(),
                other: log.path.clone(),
                what,
                platform: log.header.machine(),
            });
        }
    }
    Ok(())
}

/// Returns an error if the headers show that the logs are of different runs.
fn agree(one: &EventLog, other: &EventLog) -> Result<(), MergeError> {
    let (a, b): (&Header, &Header) = (&one.header, &other.header);
    let what = if a.program != b.program {
        format!(
            "one is of version {}, the other of {}",
            a.program, b.program
        )
    } else if a.seed != b.seed {
        format!("one has seed {}, the other {}", a.seed, b.seed)
    } else {
        return Ok(());
    };
    Err(contradiction(one, other, what))
}

/// Adds the backends of a part to those of the whole.
fn join_backends(whole: &mut EventLog, part: &EventLog) -> Result<(), MergeError> {
    for info in &part.header.backends {
        let BackendInfo { key, about, .. } = info;
        let mut backends = whole.header.backends.iter();
        let Some(at) = backends.position(|known| known.key == *key) else {
            whole.header.backends.push(info.clone());
            continue;
        };
        match &whole.header.backends[at] {
            known if contradict(&known.about, about) => {
                let what = format!(
                    "{key} is `{}` in one and `{about}` in the other",
                    known.about
                );
                return Err(contradiction(whole, part, what));
            }
            known if known.capabilities != info.capabilities => {
                let what = format!("{key} declares different capabilities");
                return Err(contradiction(whole, part, what));
            }
            // A log of version 1 doesn't say it in fields.
            known if known.about.library.is_none() => {
                whole.header.backends[at].about = about.clone();
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether these aren't descriptions of the same backend. Only one of them may be from a log of
/// version 1, whose descriptions have no fields to compare.
fn contradict(one: &About, other: &About) -> bool {
    one != other && one.library.is_some() == other.library.is_some()
}

fn contradiction(one: &EventLog, other: &EventLog, what: String) -> MergeError {
    MergeError::Contradiction {
        one: one.path.clone(),
        other: other.path.clone(),
        what,
        platform: other.header.machine(),
    }
}

/// Returns the events of a log as a run emits them.
pub(crate) fn events(log: EventLog) -> impl Iterator<Item = Event> {
    let EventLog {
        header,
        reports,
        texts,
        footer,
        ..
    } = log;
    let has_texts = !texts.is_empty();
    let trials = reports.into_iter().flat_map(|report| {
        let name = report.name.clone();
        [Event::Started { name }, Event::Finished(Box::new(report))]
    });
    let texts = Some(Event::Texts(texts)).filter(|_| has_texts);
    [Event::Header(header)]
        .into_iter()
        .chain(trials)
        .chain(texts)
        .chain([Event::Footer(footer)])
}

/// Returns a footer with the sums of these logs.
pub(crate) fn total(logs: &[EventLog]) -> Footer {
    let mut total = Footer::default();
    for log in logs {
        for report in &log.reports {
            total.count(report.verdict);
        }
        total.interrupted |= log.footer.interrupted;
        total.elapsed += log.footer.elapsed;
        total.waited += log.footer.waited;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Emulation, System};
    use crate::judge::Verdict;
    use crate::test_support::logs::{log, report};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use rstest::rstest;

    /// A part of a run on Linux, with these trials of a pipe.
    fn part(path: &str, cases: &[&str]) -> EventLog {
        let reports = cases.iter().map(|case| report(case, "std/pipe", &[]));
        log(path, System::Linux, reports.collect())
    }

    fn names(log: &EventLog) -> Vec<&str> {
        log.reports.iter().map(|r| r.name.case.as_str()).collect()
    }

    #[test]
    fn disjoint_parts_become_one_log() {
        let parts = vec![part("1", &["pipe/c", "pipe/a"]), part("2", &["pipe/b"])];
        let merged = unite(parts).unwrap();
        let [whole] = &merged[..] else {
            panic!("{merged:?}");
        };
        assert_eq!(names(whole), ["pipe/a", "pipe/b", "pipe/c"]);
        assert_eq!(whole.header.trials, 3);
        assert_eq!(whole.footer.counts, [(Verdict::Pass, 3)]);
    }

    #[test]
    fn each_system_has_its_own_log() {
        let mut elsewhere = part("w", &["pipe/a"]);
        elsewhere.header.system = System::Windows;
        let merged = unite(vec![elsewhere, part("l", &["pipe/a"])]).unwrap();
        let systems: Vec<System> = merged.iter().map(|log| log.header.system).collect();
        assert_eq!(systems, [System::Linux, System::Windows]);
    }

    #[test]
    fn an_emulated_system_has_its_own_log() {
        let mut genuine = part("w", &["pipe/a"]);
        genuine.header.system = System::Windows;
        let mut wine = genuine.clone();
        wine.header.emulation = Some(Emulation::Wine);
        assert_eq!(unite(vec![genuine, wine]).unwrap().len(), 2);
    }

    #[test]
    fn a_trial_in_two_logs_is_an_error_that_names_both() {
        let parts = vec![
            part("1", &["pipe/a", "pipe/b"]),
            part("2", &["pipe/c"]),
            part("3", &["pipe/b"]),
        ];
        let error = unite(parts).unwrap_err().to_string();
        insta::assert_snapshot!(error, @"1 and 3 both have the trial pipe/b@pipe:std/pipe on Linux x86_64: only parts of one run can be merged; use `compare` to compare runs");
    }

    #[rstest]
    #[case::program(|log: &mut EventLog| log.header.program = "9.0.0".to_owned(), "one is of version 0.0.0, the other of 9.0.0")]
    #[case::seed(|log: &mut EventLog| log.header.seed = 9, "one has seed 0, the other 9")]
    #[case::library(|log: &mut EventLog| log.header.backends[0].about = "2.0".into(), "pipe:std/pipe is `a backend` in one and `2.0` in the other")]
    fn logs_of_different_runs_are_an_error(
        #[case] change: fn(&mut EventLog),
        #[case] expected: &str,
    ) {
        let mut other = part("2", &["pipe/b"]);
        change(&mut other);
        let error = unite(vec![part("1", &["pipe/a"]), other]).unwrap_err();
        let MergeError::Contradiction { what, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(what, expected);
    }

    #[rstest]
    #[case::old_first(|parts: &mut [EventLog; 2]| parts[1].header.backends[0].about = new())]
    #[case::new_first(|parts: &mut [EventLog; 2]| parts[0].header.backends[0].about = new())]
    fn the_description_with_fields_replaces_that_of_an_old_log(
        #[case] change: fn(&mut [EventLog; 2]),
    ) {
        let mut parts = [part("1", &["pipe/a"]), part("2", &["pipe/b"])];
        change(&mut parts);
        let merged = unite(parts.to_vec()).unwrap();
        assert_eq!(merged[0].header.backends[0].about, new());
    }

    fn new() -> About {
        About::library("lib", "2.0.0").by("a pipe")
    }

    fn of_three(part_number: u64, case: &str) -> EventLog {
        let mut log = part(&part_number.to_string(), &[case]);
        log.header.partition = Some(Partition {
            part: part_number,
            of: 3,
        });
        log
    }

    #[test]
    fn a_missing_part_is_an_error() {
        let error = unite(vec![of_three(2, "pipe/a")]).unwrap_err().to_string();
        assert_eq!(error, "of the run on Linux x86_64, 1/3, 3/3 is missing");
    }

    #[test]
    fn a_merged_log_is_not_a_part() {
        let parts = [1, 2, 3].map(|number| of_three(number, &format!("pipe/{number}")));
        let merged = unite(parts.to_vec()).unwrap();
        assert_eq!(merged[0].header.partition, None);
    }

    #[test]
    fn parts_of_different_partitions_are_an_error() {
        let mut other = of_three(1, "pipe/b");
        other.header.partition = Some(Partition { part: 1, of: 2 });
        let error = unite(vec![of_three(1, "pipe/a"), other]).unwrap_err();
        assert!(matches!(error, MergeError::Contradiction { .. }), "{error}");
    }

    proptest! {
        /// The result depends neither on the part of each trial nor on the order of the parts.
        #[test]
        fn any_partition_results_in_the_same_log(parts_of in vec(0..3_usize, 6)) {
            let cases: Vec<String> = (0..parts_of.len()).map(|n| format!("pipe/{n}")).collect();
            let all: Vec<&str> = cases.iter().map(String::as_str).collect();
            let of = |wanted: usize| {
                let chosen = all.iter().zip(&parts_of).filter(|(_, part)| **part == wanted);
                chosen.map(|(case, _)| *case).collect::<Vec<_>>()
            };
            let parts: Vec<EventLog> = (0..3).map(|n| part("whole", &of(n))).collect();
            prop_assert_eq!(unite(parts), unite(vec![part("whole", &all)]));
        }
    }

    #[test]
    fn a_merged_log_reads_like_the_log_of_a_run() {
        let merged = unite(vec![part("1", &["pipe/b"]), part("2", &["pipe/a"])]).unwrap();
        let events: Vec<Event> = merged.into_iter().flat_map(events).collect();
        let bytes = events.iter().flat_map(|event| {
            let mut line = serde_json::to_vec(event).unwrap();
            line.push(b'\n');
            line
        });
        let bytes: Vec<u8> = bytes.collect();
        assert_eq!(crate::report::json::read(bytes.as_slice()).unwrap(), events);
    }
}
