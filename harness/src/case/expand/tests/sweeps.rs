use proptest::prelude::*;

use super::*;
use crate::plan::trace::trace;
use crate::plan::{Injection, Moment};

/// A producer of three messages that closes, and a consumer with these steps.
fn swept(sweep: &str, consumer: &str) -> Vec<Permutation> {
    expand(&format!(
        "[sweep]\n{sweep}\n[channels.p]\nkind = \"pipe\"\n[processes.producer]\nsteps = [
           {{ send = {{ on = \"p.tx\", count = 3 }} }}, {{ close = \"p.tx\" }}]
         [processes.consumer]\nsteps = [{consumer}]\n"
    ))
}

const READS: &str = "{ recv = { on = \"p.rx\", until = \"$end\" } }";

fn names(permutations: &[Permutation]) -> Vec<String> {
    permutations.iter().map(Permutation::name).collect()
}

#[test]
fn a_sweep_covers_each_operation_at_each_moment() {
    let all = swept("kill = \"producer\"\nat = [\"before\", \"after\"]", READS);
    let expected = [
        "kill=before-1",
        "kill=after-1",
        "kill=before-2",
        "kill=after-2",
        "kill=before-3",
        "kill=after-3",
        "kill=before-4",
        "kill=after-4",
    ];
    assert_eq!(names(&all), expected);
    let point = all[3].plan.fault.expect("it has a fault");
    assert_eq!((point.process, point.operation), (0, 1));
    assert_eq!(
        (point.moment, point.fault),
        (Moment::After, Injection::Kill)
    );
}

#[test]
fn a_sweep_skips_the_inside_of_a_close() {
    let all = swept("pause = \"producer\"\nat = [\"inside\"]", READS);
    assert_eq!(
        names(&all),
        ["pause=inside-1", "pause=inside-2", "pause=inside-3"]
    );
}

#[test]
fn a_get_until_the_end_has_one_more_operation_than_there_are_messages() {
    let all = swept("kill = \"consumer\"\nat = [\"before\"]", READS);
    assert_eq!(all.len(), 4);
}

#[test]
fn the_victim_is_expected_to_be_killed_and_the_others_may_receive_less() {
    let steps = format!("{READS}, {{ recv = {{ on = \"p.rx\", expect = \"end\" }} }}");
    let all = swept("kill = \"producer\"\nat = [\"before\", \"inside\"]", &steps);
    let [before, inside, ..] = &all[..] else {
        panic!("{:?}", names(&all));
    };
    assert_eq!(before.exits[0], ExpectedExit::Killed);
    // It may never block there.
    assert_eq!(inside.exits[0], ExpectedExit::Any);
    let outcomes = |step: usize| &before.expected[step].outcomes[..];
    assert_eq!(outcomes(0), [Outcome::Ok], "the victim's own");
    assert_eq!(outcomes(2), Outcome::ALL, "derived");
    assert_eq!(outcomes(3), [Outcome::End], "as the case says");
}

#[test]
fn a_pause_changes_no_expected_result() {
    let whole = swept("pause = \"producer\"\nat = [\"before\"]", READS);
    assert_eq!(whole[0].expected[2].outcomes, [Outcome::End]);
    assert_eq!(whole[0].exits, [ExpectedExit::Code(0); 2]);
}

#[test]
fn a_sweep_can_name_one_of_several_replicas() {
    let all = expand(
        "[sweep]\nkill = \"p#1\"\nat = [\"before\"]\n[channels.q]\nkind = \"queue\"
         [processes.p]\ncount = 2\nsteps = [{ put = { on = \"q\", count = 2 } }]\n",
    );
    let struck = all.iter().map(|one| one.plan.fault.unwrap().process);
    assert_eq!(struck.collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_sweep_is_multiplied_by_axes() {
    let all = expand(
        "[sweep]\npause = \"p\"\nat = [\"after\"]\n[axes]\nmany = [1, 3]
         [channels.q]\nkind = \"queue\"
         [processes.p]\nsteps = [{ put = { on = \"q\", count = \"$many\" } }]\n",
    );
    let expected = [
        "many=1,pause=after-1",
        "many=3,pause=after-1",
        "many=3,pause=after-2",
        "many=3,pause=after-3",
    ];
    assert_eq!(names(&all), expected);
}

/// Steps that put, and the number of items that they put.
fn puts() -> impl Strategy<Value = (String, u64)> {
    let put = prop_oneof![
        (0..4_u64).prop_map(|n| (format!("{{ put = {{ on = \"q\", count = {n} }} }}"), n)),
        Just((
            "{ put = { on = \"q\", items = [\"a\", \"b\"] } }".to_owned(),
            2
        )),
        (0..4_u64).prop_map(|n| {
            let put = "{ put = { on = \"q\", item = \"$n\" } }";
            (
                format!("{{ repeat = {{ count = {n}, steps = [{put}, {put}] }} }}"),
                2 * n,
            )
        }),
    ];
    prop::collection::vec(put, 0..4).prop_map(|puts| {
        let text: String = puts.iter().map(|(text, _)| format!("{text},\n")).collect();
        (text, puts.iter().map(|(_, count)| count).sum())
    })
}

proptest! {
    /// Puts are counted by their steps; gets, and what they pass on, by the items put.
    #[test]
    fn a_trace_has_as_many_operations_as_the_process_does(
        (puts, total) in puts(),
        first in 0..4_u64,
    ) {
        let first = first.min(total);
        let case = format!(
            "[channels.q]\nkind = \"queue\"\n[channels.r]\nkind = \"queue\"
             [processes.producer]\nsteps = [{puts} {{ put = {{ on = \"q\", item = \"$none\" }} }}]
             [processes.between]\nsteps = [
               {{ get = {{ on = \"q\", count = {first} }} }},
               {{ get = {{ on = \"q\", until = \"$none\", each = [{{ put = {{ on = \"r\", item = \"$item\" }} }}] }} }},
             ]
             [processes.last]\nsteps = [{{ get = {{ on = \"r\", until = \"$end\" }} }}]\n"
        );
        let one = only(&case);
        let count = |process| trace(&one.plan, &one.expected, process).map(|all| all.len() as u64);
        let passed_on = total - first;
        prop_assert_eq!(count(0), Ok(total + 1));
        prop_assert_eq!(count(1), Ok(first + 2 * passed_on + 1));
        prop_assert_eq!(count(2), Ok(passed_on + 1));
    }

    /// Every permutation of a sweep equals the case's own, except for one fault, which differs each time.
    #[test]
    fn a_sweep_adds_a_fault_and_nothing_else((puts, total) in puts()) {
        let case = format!(
            "[channels.q]\nkind = \"queue\"
             [processes.producer]\nsteps = [{puts} {{ put = {{ on = \"q\", item = \"$none\" }} }}]
             [processes.consumer]\nsteps = [{{ get = {{ on = \"q\", until = \"$none\" }} }}]\n"
        );
        let whole = only(&case);
        let all = expand(&format!("[sweep]\nkill = \"producer\"\nat = [\"before\", \"after\"]\n{case}"));
        prop_assert_eq!(all.len() as u64, 2 * (total + 1));
        let mut points = std::collections::BTreeSet::new();
        for mut one in all {
            let point = one.plan.fault.take().expect("it has a fault");
            prop_assert!(points.insert((point.operation, point.moment)));
            prop_assert!(point.operation <= total);
            prop_assert_eq!(&one.plan, &whole.plan);
        }
    }
}
