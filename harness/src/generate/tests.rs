//! Every recipe makes a case without mistakes, and the drawn cases have everything that a case can have.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::recipe::{Deed, Layout, Move, Origin, Recipe, Size};
use super::{Tally, case, recipe};
use crate::case::model::ChannelKind;
use crate::case::{ClauseStatus, check, expand, parse, write};

fn mistakes(text: &str) -> String {
    let case = match parse(text) {
        Ok(case) => case,
        Err(wrong) => return wrong.render("random", text, false),
    };
    let checked = check(&case, &|_| ClauseStatus::Judged).err();
    let expanded = expand::permutations("random/case", &case).err();
    let wrong = checked.into_iter().chain(expanded);
    wrong.map(|one| one.render("random", text, false)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_recipe_makes_a_case_without_mistakes(recipe in recipe()) {
        let text = write(&case(&recipe));
        let wrong = mistakes(&text);
        prop_assert!(wrong.is_empty(), "{wrong}\n{text}");
    }
}

#[test]
fn thousand_cases_have_everything_that_they_are_to_try() {
    let mut runner = TestRunner::deterministic();
    let mut tally = Tally::default();
    for _ in 0..1000 {
        let drawn = recipe()
            .new_tree(&mut runner)
            .expect("no recipe is rejected");
        tally.add(&case(&drawn.current()));
    }
    let groups = tally.groups();
    let drawn: Vec<String> = groups
        .iter()
        .map(|(group, things)| {
            let things: Vec<&str> = things.iter().map(|(what, _)| *what).collect();
            format!("{group}: {}", things.join(", "))
        })
        .collect();
    insta::assert_snapshot!(drawn.join("\n"));
}

fn origin(starter: Option<u8>, method: u8, early: bool) -> Origin {
    Origin {
        starter,
        method,
        early,
        joined: false,
    }
}

fn a_move(deed: Deed, pick: u8) -> Move {
    Move {
        deed,
        lane: 0,
        pick,
        n: 0,
        size: Size::Number,
        style: 1,
    }
}

/// Returns the text of a case with one channel, from the process `a` to the process `a + 1 + b`.
fn text(kind: ChannelKind, others: &[Origin], a: u8, b: u8, moves: &[Move]) -> String {
    write(&case(&Recipe {
        kind,
        others: others.to_vec(),
        channels: vec![Layout {
            a,
            b,
            more: u8::MAX,
            duplex: false,
            capacity: None,
        }],
        moves: moves.to_vec(),
        pool: None,
        sweep: None,
    }))
}

/// Another start by a copy, before which the starter held the writing end of a later child, may have left no
/// copy of that end.
#[test]
fn no_process_asks_in_vain_where_only_a_copy_by_a_fork_may_be_open() {
    let fork = 4;
    let others = [
        origin(Some(0), fork, true),
        origin(None, 0, true),
        origin(Some(0), fork, false),
    ];
    let asked = |moves: &[Move]| {
        text(ChannelKind::Pipe, &others, 3, 2, moves).contains(r#"expect = "timeout""#)
    };
    let (asks, ends) = (a_move(Deed::AskInVain, 0), a_move(Deed::Exit, 3));
    assert!(asked(&[asks]), "the writer holds its end");
    assert!(!asked(&[ends, asks]), "the writer has exited");
}

/// What was put may still be on its way when the process is killed that put it.
#[test]
fn a_process_is_killed_only_after_what_it_put_was_received() {
    let others = [origin(None, 0, true), origin(None, 0, true)];
    let by_the_third = Move {
        lane: 1,
        ..a_move(Deed::Kill, 1)
    };
    let moves = [a_move(Deed::WaitedGet, 0), by_the_third];
    insta::assert_snapshot!(text(ChannelKind::Queue, &others, 1, 1, &moves));
}
