//! The life of a golden: offered where a case has none or another, by the reference and by nobody
//! else, and accepted by a person.
//!
//! Each test copies the cases and goldens, changes the copy, and runs the test program `conformance`
//! on it. This program is that one too if a variable says so, so nothing is built meanwhile.

use std::env;
use std::process::ExitCode;

use libtest_mimic::Trial;

mod life;
mod listing;
mod logs;
mod sandbox;
mod suite;

use crate::named::{self, Named};

/// A list of test functions, each under its own name.
macro_rules! facts {
    ($($module:ident :: $name:ident),+ $(,)?) => {
        [$((stringify!($name), $module::$name as fn())),+]
    };
}

const FACTS: &[Named] = &facts![
    life::a_new_case_fails_and_says_how_to_accept_its_golden,
    life::a_golden_that_differs_is_shown_line_by_line,
    life::a_pending_golden_keeps_the_permutations_that_did_not_differ,
    life::a_golden_is_offered_by_the_reference_alone,
    life::a_wrong_backend_that_runs_first_offers_nothing,
    life::a_wrong_backend_that_runs_last_offers_nothing,
    life::a_reference_that_breaks_a_promise_offers_nothing,
    life::a_golden_that_cannot_be_read_is_told_with_its_file,
    life::what_breaks_as_was_reviewed_passes,
    life::what_holds_although_it_always_diverges_fails,
    life::a_misspelt_divergence_is_a_test_that_fails_and_points_at_the_line,
    listing::a_new_case_file_is_seen_without_recompiling,
    listing::a_faulty_case_file_is_a_test_that_fails_and_points_at_the_line,
    listing::each_permutation_can_be_a_test_of_its_own,
    listing::what_does_not_apply_is_ignored_and_says_why,
    listing::runners_can_list_the_tests_and_run_each_by_its_name,
    logs::logs_of_tests_in_processes_of_their_own_are_one_run,
    logs::what_does_not_apply_has_a_log_where_it_is_asked_for,
    logs::a_test_whose_log_cannot_be_written_fails,
];

/// Those that need cargo-insta, which not everybody has who runs the tests.
const WITH_INSTA: &[Named] = &facts![life::a_new_case_passes_once_its_golden_is_accepted];

/// Runs the test program `conformance` if that is what this process is.
pub(crate) fn of_this_process() -> Option<ExitCode> {
    env::var_os(suite::VARIABLE).map(|suite| suite::main(&suite))
}

/// The tests of all files here.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |test| named::trial("goldens", test);
    let mut tests: Vec<Trial> = FACTS.iter().map(trial).collect();
    // Where everything is checked it isn't left out: there it fails without.
    let left_out = env::var_os("CI").is_none() && !sandbox::has_insta();
    let with_insta = WITH_INSTA.iter().map(trial);
    tests.extend(with_insta.map(|test| test.with_ignored_flag(left_out)));
    tests
}
