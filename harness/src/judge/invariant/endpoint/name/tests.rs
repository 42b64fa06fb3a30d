use super::*;
use crate::history::Exit;
use crate::test_support::histories::{Expect, HistoryBuilder, endpoint};
use rstest::rstest;

fn first() -> HistoryBuilder {
    endpoint().process("first").listen().ok(0, 1)
}

/// The first listener was killed.
fn dead() -> HistoryBuilder {
    let listening = first().exits(Exit::Killed);
    listening.process("killer").kill("first").ok(2, 3)
}

fn closed() -> HistoryBuilder {
    first().showing(0o755).close_listener().ok(2, 3)
}

/// A second listener took the name over, and the first closed after that.
fn displaced() -> HistoryBuilder {
    let replaced = first().process("second").replace().ok(2, 3);
    let closed = replaced.process("first").close_listener().ok(4, 5);
    closed.process("second").idle().pending(90).process("c")
}

fn alive(run: HistoryBuilder) -> HistoryBuilder {
    run.process("first").idle().pending(90)
}

fn left(run: HistoryBuilder) -> HistoryBuilder {
    let name = "e".to_owned();
    run.leaves(Residue::Name { name })
}

#[rstest]
#[case::no_process_ever_listened(
    endpoint().process("c").connect("c").gives(Outcome::Absent, 0, 1), ABSENT, Expect::Upheld(1)
)]
#[case::a_connect_succeeds_without_a_listener(
    endpoint().process("c").connect("c").ok(0, 1), ABSENT, Expect::Broken(1)
)]
#[case::the_listener_is_dead(
    dead().process("c").connect("c").gives(Outcome::Absent, 4, 5), ABSENT, Expect::Upheld(1)
)]
#[case::the_listener_is_dead_and_connect_reports_another_error(
    dead().process("c").connect("c").gives(Outcome::Error, 4, 5), ABSENT, Expect::Broken(1)
)]
#[case::the_listener_may_be_dead(
    alive(first()).process("c").connect("c").ok(2, 3), ABSENT, Expect::Untried
)]
#[case::a_live_name_is_taken(
    alive(first()).process("second").listen().gives(Outcome::Taken, 2, 3), LIVE, Expect::Upheld(1)
)]
#[case::a_live_name_is_given_away(
    alive(first()).process("second").listen().ok(2, 3), LIVE, Expect::Broken(1)
)]
#[case::a_failed_listen_removes_a_live_name(
    alive(first())
        .process("second").listen().gives(Outcome::Taken, 2, 3)
        .process("c").connect("c").gives(Outcome::Absent, 4, 5),
    LIVE, Expect::Broken(1)
)]
#[case::a_live_name_still_leads_to_its_owner(
    alive(first())
        .process("second").listen().gives(Outcome::Taken, 2, 3)
        .process("c").connect("c").ok(4, 5),
    LIVE, Expect::Upheld(2)
)]
#[case::a_dead_listeners_name_is_free(
    dead().process("second").listen().ok(4, 5), STALE, Expect::Upheld(1)
)]
#[case::a_dead_listeners_name_is_free_with_the_librarys_option(
    dead().process("second").replace().ok(4, 5), STALE, Expect::Upheld(1)
)]
#[case::a_dead_listeners_name_stays_taken(
    dead().process("second").listen().gives(Outcome::Taken, 4, 5), STALE, Expect::Broken(1)
)]
#[case::a_dead_listeners_name_needs_the_librarys_option(
    dead().declares(Capability::ReplaceName)
        .process("second").listen().gives(Outcome::Taken, 4, 5),
    STALE, Expect::Untried
)]
#[case::the_librarys_option_does_not_help(
    dead().process("second").replace().gives(Outcome::Taken, 4, 5), STALE, Expect::Broken(1)
)]
#[case::a_successors_name_stays(displaced().connect("c").ok(6, 7), OWN_ONLY, Expect::Upheld(1))]
#[case::a_successors_name_goes(
    displaced().connect("c").gives(Outcome::Absent, 6, 7), OWN_ONLY, Expect::Broken(1)
)]
#[case::a_closed_name_is_removed(
    closed().declares(Capability::UnlinksName), DROP, Expect::Upheld(1)
)]
#[case::a_closed_name_is_left(
    left(closed()).declares(Capability::UnlinksName), DROP, Expect::Broken(1)
)]
#[case::the_name_was_no_file(
    first().close_listener().ok(2, 3).declares(Capability::UnlinksName), DROP, Expect::Untried
)]
#[case::a_closed_name_is_left_by_design(left(closed()), DROP, Expect::Untried)]
#[case::a_killed_listeners_name_is_left(
    left(dead()).declares(Capability::UnlinksName), DROP, Expect::Untried
)]
#[case::a_closed_name_is_free(
    closed().declares(Capability::UnlinksName).process("second").listen().ok(4, 5)
        .close_listener().ok(6, 7),
    DROP, Expect::Upheld(2)
)]
#[case::a_closed_name_stays_taken(
    closed().declares(Capability::UnlinksName)
        .process("second").listen().gives(Outcome::Taken, 4, 5),
    DROP, Expect::Broken(1)
)]
#[case::too_long_and_refused(
    endpoint().with_name(None, Some(300)).process("first").listen().gives(Outcome::Refused, 0, 1),
    LENGTH, Expect::Upheld(1)
)]
#[case::too_long_and_truncated_to_another_name(
    endpoint().with_name(None, Some(300)).process("first").listen().gives(Outcome::Taken, 0, 1),
    LENGTH, Expect::Broken(1)
)]
#[case::not_too_long_for_this_library(
    first().with_name(None, Some(300)), LENGTH, Expect::Untried
)]
#[case::the_requested_mode(
    first().with_name(Some(0o600), None).showing(0o600), PERMISSIONS, Expect::Upheld(1)
)]
#[case::a_wider_mode_than_requested(
    first().with_name(Some(0o600), None).showing(0o755), PERMISSIONS, Expect::Broken(1)
)]
#[case::a_name_that_is_no_file(first().with_name(Some(0o600), None), PERMISSIONS, Expect::Untried)]
fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
    run.check(&INVARIANT, clause, expect);
}
