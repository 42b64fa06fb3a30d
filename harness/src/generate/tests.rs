//! Every recipe makes a case without mistakes, and the drawn cases have everything that a case can have.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::{Tally, case, recipe};
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
