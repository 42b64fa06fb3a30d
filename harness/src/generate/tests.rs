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

/// Another start by a copy, before which the starter held the writing end of a later child, may have left no
/// copy of that end.
#[test]
fn no_process_asks_in_vain_where_only_a_copy_by_a_fork_may_be_open() {
    let origin = |starter, method, early| Origin {
        starter,
        method,
        early,
        joined: false,
    };
    let a_move = |deed, pick| Move {
        deed,
        lane: 0,
        pick,
        n: 0,
        size: Size::Number,
        style: 0,
    };
    let fork = 4;
    let of = |moves| Recipe {
        kind: ChannelKind::Pipe,
        others: vec![
            origin(Some(0), fork, true),
            origin(None, 0, true),
            origin(Some(0), fork, false),
        ],
        channels: vec![Layout {
            a: 3,
            b: 2,
            more: u8::MAX,
            duplex: false,
            capacity: None,
        }],
        moves,
        pool: None,
        sweep: None,
    };
    let asked = |moves| write(&case(&of(moves))).contains(r#"expect = "empty""#);
    let (asks, ends) = (a_move(Deed::AskInVain, 0), a_move(Deed::Exit, 3));
    assert!(asked(vec![asks]), "the writer holds its end");
    assert!(!asked(vec![ends, asks]), "the writer has exited");
}
