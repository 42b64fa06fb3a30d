//! What logs are called where they stand side by side.

use std::collections::BTreeSet;

use crate::event::Log;

/// The shortest of these that tells them apart: where each ran; that and the program's version; that
/// and where the log was read from.
pub(super) fn labels(logs: &[Log]) -> Vec<String> {
    let forms: [fn(&Log) -> String; 3] = [
        |log| log.header.place(),
        |log| format!("{}, {}", log.header.place(), log.header.program),
        |log| format!("{}, {}", log.header.place(), log.path),
    ];
    let told = |form: &fn(&Log) -> String| logs.iter().map(form).collect::<Vec<String>>();
    let tells_apart = |labels: &Vec<String>| {
        let different: BTreeSet<&String> = labels.iter().collect();
        different.len() == labels.len()
    };
    let mut labels = forms.iter().map(told);
    labels.find(tells_apart).unwrap_or_else(|| {
        // One log, given twice.
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
    #[case::by_place(
        [("a", System::Linux, "1"), ("a", System::Linux, "1")],
        ["1: a", "2: a"]
    )]
    fn logs_are_told_apart(#[case] logs: [(&str, System, &str); 2], #[case] expected: [&str; 2]) {
        let logs = logs.map(|(path, system, program)| {
            let mut log = log(path, system, Vec::new());
            log.header.program = program.to_owned();
            log
        });
        assert_eq!(labels(&logs), expected);
    }
}
