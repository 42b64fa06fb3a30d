//! The life of a golden: the reference alone proposes one if a case has none or another, and a person
//! accepts it.
//!
//! Each test copies the cases and goldens, changes the copy, and runs the test program `conformance`
//! on it. With [`suite::VARIABLE`] set, this program is that program, so nothing has to be built.

use std::env;
use std::process::ExitCode;

use libtest_mimic::Trial;

mod life;
mod listing;
mod logs;
mod sandbox;
mod suite;

use crate::named::{self, Named};

/// Pairs each test function with its name.
macro_rules! facts {
    ($($module:ident :: $name:ident),+ $(,)?) => {
        [$((stringify!($name), $module::$name as fn())),+]
    };
}

const FACTS: &[Named] = &facts![
    life::a_new_case_fails_and_says_how_to_accept_its_golden,
    life::a_golden_that_differs_is_shown_as_a_line_diff,
    life::a_pending_golden_keeps_unchanged_permutations,
    life::only_the_reference_proposes_a_golden,
    life::a_wrong_backend_that_runs_first_proposes_no_golden,
    life::a_wrong_backend_that_runs_last_proposes_no_golden,
    life::a_reference_that_breaks_a_clause_proposes_no_golden,
    life::an_unreadable_golden_is_reported_with_its_file,
    life::a_reviewed_break_passes,
    life::a_stale_divergence_fails,
    life::a_misspelt_divergence_is_a_failed_test_that_names_the_line,
    listing::a_new_case_file_is_found_without_a_rebuild,
    listing::a_malformed_case_file_is_a_failed_test_that_names_the_line,
    listing::each_permutation_can_be_a_separate_test,
    listing::not_applicable_trials_are_ignored_with_a_reason,
    listing::test_runners_can_list_the_tests_and_run_one_by_name,
    logs::logs_of_tests_in_separate_processes_merge_into_one_run,
    logs::a_not_applicable_trial_is_logged_if_ignored_tests_run,
    logs::a_test_whose_log_cannot_be_written_fails,
];

/// Tests that need cargo-insta, which may not be installed.
const WITH_INSTA: &[Named] = &facts![life::a_new_case_passes_once_its_golden_is_accepted];

/// Runs the test program `conformance` if the environment asks for it.
pub(crate) fn of_this_process() -> Option<ExitCode> {
    env::var_os(suite::VARIABLE).map(|suite| suite::main(&suite))
}

/// Returns the tests of all modules.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |test| named::trial("goldens", test);
    let mut tests: Vec<Trial> = FACTS.iter().map(trial).collect();
    // In CI these tests run in any case, and fail without cargo-insta.
    let left_out = env::var_os("CI").is_none() && !sandbox::has_insta();
    let with_insta = WITH_INSTA.iter().map(trial);
    tests.extend(with_insta.map(|test| test.with_ignored_flag(left_out)));
    tests
}
