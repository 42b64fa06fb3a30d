//! Short names for compared logs.

use std::collections::BTreeSet;

use crate::event::EventLog;

/// Returns a label for each log, all different: the platform; if that isn't enough, the platform
/// with the program's version; if that isn't enough, the platform with the path.
pub(super) fn labels(logs: &[EventLog]) -> Vec<String> {
    let forms: [fn(&EventLog) -> String; 3] = [
        |log| log.header.machine(),
        |log| format!("{}, {}", log.header.machine(), log.header.program),
        |log| format!("{}, {}", log.header.machine(), log.path),
    ];
    let of_form = |form: &fn(&EventLog) -> String| logs.iter().map(form).collect::<Vec<String>>();
    let are_different = |labels: &Vec<String>| {
        let different: BTreeSet<&String> = labels.iter().collect();
        different.len() == labels.len()
    };
    let mut labels = forms.iter().map(of_form);
    labels.find(are_different).unwrap_or_else(|| {
        // The same log is given twice.
        let numbered = (1..).zip(logs);
        numbered
            .map(|(n, log)| format!("{n}: {}", log.path))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::System;
    use crate::test_support::logs::log;
    use rstest::rstest;

    #[rstest]
    #[case::by_system(
        [("a", System::Linux, "1"), ("b", System::Windows, "2")],
        ["Linux x86_64", "Windows x86_64"]
    )]
    #[case::by_version(
        [("a", System::Linux, "1"), ("b", System::Linux, "2")],
        ["Linux x86_64, 1", "Linux x86_64, 2"]
    )]
    #[case::by_file(
        [("a", System::Linux, "1"), ("b", System::Linux, "1")],
        ["Linux x86_64, a", "Linux x86_64, b"]
    )]
    #[case::by_number(
        [("a", System::Linux, "1"), ("a", System::Linux, "1")],
        ["1: a", "2: a"]
    )]
    fn labels_are_different(#[case] logs: [(&str, System, &str); 2], #[case] expected: [&str; 2]) {
        let logs = logs.map(|(path, system, program)| {
            let mut log = log(path, system, Vec::new());
            log.header.program = program.to_owned();
            log
        });
        assert_eq!(labels(&logs), expected);
    }
}
