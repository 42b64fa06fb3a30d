//! Uniting event logs: the parts of one run that was spread over machines or processes.
//!
//! Logs of one place are taken for parts of one run. They must be of the same program and the same
//! libraries, and no trial may be in two of them: what is only alike is for `compare`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::event::{BackendInfo, Event, Footer, Header, Log, Partition};
use crate::judge::TrialName;

/// Why logs can't be united.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Trials are in two of them.
    #[error(
        "{one} and {other} both have {what} on {place}; \
         only parts of one run can be merged, and `compare` shows runs side by side"
    )]
    Overlap {
        /// Where they are.
        one: String,
        /// Where they are, too.
        other: String,
        /// Which they are.
        what: String,
        /// Where both ran.
        place: String,
    },
    /// They can't be of the same run.
    #[error(
        "{one} and {other} are no parts of one run on {place}: {what}; \
         `compare` shows them side by side"
    )]
    Contradiction {
        /// One log.
        one: String,
        /// The other.
        other: String,
        /// How they differ.
        what: String,
        /// Where both ran.
        place: String,
    },
    /// Some parts aren't there.
    #[error("of the run on {place}, {missing} is missing")]
    Missing {
        /// Where it ran.
        place: String,
        /// Which parts.
        missing: String,
    },
}

/// One log for each place, of all its parts: in the order of systems, and each one's trials in
/// the order of their names.
///
/// # Errors
/// Where they are no parts of one run, or not all of its parts: see [`MergeError`].
pub fn unite(logs: Vec<Log>) -> Result<Vec<Log>, MergeError> {
    let mut runs: BTreeMap<_, Vec<Log>> = BTreeMap::new();
    for log in logs {
        let of = (log.header.system, log.header.place());
        runs.entry(of).or_default().push(log);
    }
    runs.into_values().map(whole).collect()
}

/// All parts of a run as one log.
fn whole(parts: Vec<Log>) -> Result<Log, MergeError> {
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
    }
    whole.header.partition = None;
    whole.header.backends.sort_by(|a, b| a.key.cmp(&b.key));
    whole.reports.sort_by(|a, b| a.name.cmp(&b.name));
    whole.footer = footer;
    Ok(whole)
}

fn none_is_missing(parts: &[Log]) -> Result<(), MergeError> {
    let mut known = parts
        .iter()
        .filter_map(|log| Some((log, log.header.partition?)));
    let Some((first, Partition { of, .. })) = known.next() else {
        return Ok(());
    };
    if let Some((other, partition)) = known.find(|(_, partition)| partition.of != of) {
        let what = format!("they are of {of} and of {} parts", partition.of);
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
        place: first.header.place(),
        missing: missing.join(", "),
    })
}

fn no_trial_is_twice(parts: &[Log]) -> Result<(), MergeError> {
    let mut home: BTreeMap<&TrialName, &Log> = BTreeMap::new();
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
                place: log.header.place(),
            });
        }
    }
    Ok(())
}

/// Whether both can be of the same run, as far as their headers tell.
fn agree(one: &Log, other: &Log) -> Result<(), MergeError> {
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

/// Adds the columns of a part to those of the whole.
fn join_backends(whole: &mut Log, part: &Log) -> Result<(), MergeError> {
    for info in &part.header.backends {
        let BackendInfo { key, about, .. } = info;
        let known = whole.header.backends.iter().find(|known| known.key == *key);
        match known {
            None => whole.header.backends.push(info.clone()),
            Some(known) if known.about != *about => {
                let what = format!(
                    "{key} is `{}` in one and `{about}` in the other",
                    known.about
                );
                return Err(contradiction(whole, part, what));
            }
            Some(known) if known.capabilities != info.capabilities => {
                let what = format!("{key} declares other capabilities in one than in the other");
                return Err(contradiction(whole, part, what));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn contradiction(one: &Log, other: &Log, what: String) -> MergeError {
    MergeError::Contradiction {
        one: one.path.clone(),
        other: other.path.clone(),
        what,
        place: other.header.place(),
    }
}

/// The events of a log, as a run would have emitted them.
pub fn events(log: Log) -> impl Iterator<Item = Event> {
    let Log {
        header,
        reports,
        footer,
        ..
    } = log;
    let trials = reports.into_iter().flat_map(|report| {
        let name = report.name.clone();
        [Event::Started { name }, Event::Finished(Box::new(report))]
    });
    [Event::Header(header)]
        .into_iter()
        .chain(trials)
        .chain([Event::Footer(footer)])
}

/// What all of these runs came to, or all parts of one.
pub fn total(logs: &[Log]) -> Footer {
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

    /// The part of a run on Linux that has these trials of a pipe.
    fn part(path: &str, cases: &[&str]) -> Log {
        let reports = cases.iter().map(|case| report(case, "std/pipe", &[]));
        log(path, System::Linux, reports.collect())
    }

    fn names(log: &Log) -> Vec<&str> {
        log.reports.iter().map(|r| r.name.case.as_str()).collect()
    }

    #[test]
    fn disjoint_parts_are_one_run() {
        let parts = vec![part("1", &["pipe/c", "pipe/a"]), part("2", &["pipe/b"])];
        let united = unite(parts).unwrap();
        let [whole] = &united[..] else {
            panic!("{united:?}");
        };
        assert_eq!(names(whole), ["pipe/a", "pipe/b", "pipe/c"]);
        assert_eq!(whole.header.trials, 3);
        assert_eq!(whole.footer.counts, [(Verdict::Pass, 3)]);
    }

    #[test]
    fn each_system_has_a_log_of_its_own() {
        let mut elsewhere = part("w", &["pipe/a"]);
        elsewhere.header.system = System::Windows;
        let united = unite(vec![elsewhere, part("l", &["pipe/a"])]).unwrap();
        let systems: Vec<System> = united.iter().map(|log| log.header.system).collect();
        assert_eq!(systems, [System::Linux, System::Windows]);
    }

    #[test]
    fn what_stands_in_for_a_system_is_no_part_of_its_run() {
        let mut genuine = part("w", &["pipe/a"]);
        genuine.header.system = System::Windows;
        let mut wine = genuine.clone();
        wine.header.emulation = Some(Emulation::Wine);
        assert_eq!(unite(vec![genuine, wine]).unwrap().len(), 2);
    }

    #[test]
    fn what_two_logs_have_is_told_with_both() {
        let parts = vec![
            part("1", &["pipe/a", "pipe/b"]),
            part("2", &["pipe/c"]),
            part("3", &["pipe/b"]),
        ];
        let error = unite(parts).unwrap_err().to_string();
        insta::assert_snapshot!(error, @"1 and 3 both have the trial pipe/b@pipe:std/pipe on Linux x86_64; only parts of one run can be merged, and `compare` shows runs side by side");
    }

    #[rstest]
    #[case::program(|log: &mut Log| log.header.program = "9.0.0".to_owned(), "one is of version 0.0.0, the other of 9.0.0")]
    #[case::seed(|log: &mut Log| log.header.seed = 9, "one has seed 0, the other 9")]
    #[case::library(|log: &mut Log| log.header.backends[0].about = "2.0".to_owned(), "pipe:std/pipe is `a backend` in one and `2.0` in the other")]
    fn what_contradicts_is_told(#[case] change: fn(&mut Log), #[case] expected: &str) {
        let mut other = part("2", &["pipe/b"]);
        change(&mut other);
        let error = unite(vec![part("1", &["pipe/a"]), other]).unwrap_err();
        let MergeError::Contradiction { what, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(what, expected);
    }

    fn of_three(part_number: u64, case: &str) -> Log {
        let mut log = part(&part_number.to_string(), &[case]);
        log.header.partition = Some(Partition {
            part: part_number,
            of: 3,
        });
        log
    }

    #[test]
    fn a_part_that_is_missing_is_told() {
        let error = unite(vec![of_three(2, "pipe/a")]).unwrap_err().to_string();
        assert_eq!(error, "of the run on Linux x86_64, 1/3, 3/3 is missing");
    }

    #[test]
    fn the_whole_is_no_part() {
        let parts = [1, 2, 3].map(|number| of_three(number, &format!("pipe/{number}")));
        let united = unite(parts.to_vec()).unwrap();
        assert_eq!(united[0].header.partition, None);
    }

    #[test]
    fn parts_of_other_sizes_contradict() {
        let mut other = of_three(1, "pipe/b");
        other.header.partition = Some(Partition { part: 1, of: 2 });
        let error = unite(vec![of_three(1, "pipe/a"), other]).unwrap_err();
        assert!(matches!(error, MergeError::Contradiction { .. }), "{error}");
    }

    proptest! {
        /// However trials are dealt out, and in whichever order the parts come.
        #[test]
        fn any_parts_are_the_same_run(places in vec(0..3_usize, 6)) {
            let cases: Vec<String> = (0..places.len()).map(|n| format!("pipe/{n}")).collect();
            let all: Vec<&str> = cases.iter().map(String::as_str).collect();
            let of = |wanted: usize| {
                let dealt = all.iter().zip(&places).filter(|(_, place)| **place == wanted);
                dealt.map(|(case, _)| *case).collect::<Vec<_>>()
            };
            let parts: Vec<Log> = (0..3).map(|n| part("whole", &of(n))).collect();
            prop_assert_eq!(unite(parts), unite(vec![part("whole", &all)]));
        }
    }

    #[test]
    fn a_united_log_reads_as_a_run_wrote_it() {
        let united = unite(vec![part("1", &["pipe/b"]), part("2", &["pipe/a"])]).unwrap();
        let events: Vec<Event> = united.into_iter().flat_map(events).collect();
        let bytes = events.iter().flat_map(|event| {
            let mut line = serde_json::to_vec(event).unwrap();
            line.push(b'\n');
            line
        });
        let bytes: Vec<u8> = bytes.collect();
        assert_eq!(crate::report::json::read(bytes.as_slice()).unwrap(), events);
    }
}
