use super::*;

mod depth;
mod needs;
mod rehearsal;
mod sweeps;

use crate::backend::{Capability, Outcome, Side, Wait};
use crate::case::parse;
use crate::plan::{
    Action, Codec, Event, ExpectedExit, GivenEnd, Item, Limit, Piece, Source, Start, Value,
};
use rstest::rstest;

fn expand(text: &str) -> Vec<Permutation> {
    let text = format!("title = \"x\"\nclauses = [\"a\"]\n{text}");
    let case = parse(&text).unwrap_or_else(|e| panic!("{}", e.render("case", &text, false)));
    permutations("area/case", &case)
        .unwrap_or_else(|e| panic!("{}", e.render("case", &text, false)))
}

fn only(text: &str) -> Permutation {
    let [one] = expand(text).try_into().expect("exactly one permutation");
    one
}

/// One process on a queue, with these steps.
fn on_queue(steps: &str) -> Permutation {
    only(&format!(
        "[channels.q]\nkind = \"queue\"\n[processes.p]\nsteps = [{steps}]\n"
    ))
}

/// One process on a one-way pipe, with these steps.
fn on_pipe(steps: &str) -> Permutation {
    only(&format!(
        "[channels.p]\nkind = \"pipe\"\n[processes.p]\nsteps = [{steps}]\n"
    ))
}

#[test]
fn rows_are_multiplied_by_axes_and_the_last_axis_changes_fastest() {
    let all = expand(
        "rows = [{ a = 1, b = \"x\" }, { a = 2, b = \"y\" }]
         [axes]
         c = [true, false]
         [processes.p]
         steps = []",
    );
    let names: Vec<_> = all.iter().map(Permutation::name).collect();
    assert_eq!(
        names,
        [
            "a=1,b=x,c=true",
            "a=1,b=x,c=false",
            "a=2,b=y,c=true",
            "a=2,b=y,c=false"
        ]
    );
}

#[test]
fn a_case_without_axes_is_one_permutation_without_a_name() {
    assert_eq!(only("[processes.p]\nsteps = []").name(), "");
}

#[test]
fn a_printed_text_has_axes_filled_in_and_keeps_references_to_variables() {
    let permutation = only(
        "axes.size = [5]\nvars.v = 1\n[processes.p]\nsteps = [{ print = \"$size of $v, $$\" }]",
    );
    let Action::Print { text } = &permutation.plan.processes[0].steps[0].action else {
        panic!("no print");
    };
    let pieces = [
        Piece::Text("5 of ".into()),
        Piece::Reference("v".into()),
        Piece::Text(", $".into()),
    ];
    assert_eq!(*text, pieces);
}

#[test]
fn a_variable_that_a_get_stores_to_begins_as_none() {
    let permutation =
        on_queue("{ put = { on = \"q\", item = 1 } }, { get = { on = \"q\", into = \"got\" } }");
    assert_eq!(permutation.plan.processes[0].vars["got"], Item::None);
}

#[test]
fn the_numbers_of_a_replica_follow_those_of_the_one_before() {
    let permutation = only(
        "[channels.q]
         kind = \"queue\"
         [processes.p]
         count = 3
         steps = [
           { put = { on = \"q\", count = 10 } },
           { put = { on = \"q\", count = 5, from = 10 } },
         ]",
    );
    let firsts: Vec<_> = permutation
        .plan
        .steps()
        .filter_map(|(_, step)| match step.action {
            Action::Put {
                source: Source::Count { from, .. },
                ..
            } => Some(from),
            _ => None,
        })
        .collect();
    assert_eq!(firsts, [0, 10, 15, 25, 30, 40]);
}

#[test]
fn only_processes_with_several_replicas_have_numbers() {
    let permutation =
        only("[processes.a]\ncount = 2\nsteps = []\n[processes.b]\ncount = 1\nsteps = []");
    let names: Vec<_> = permutation
        .plan
        .processes
        .iter()
        .map(|p| p.name())
        .collect();
    assert_eq!(names, ["a#0", "a#1", "b"]);
}

#[test]
fn i_is_the_number_of_the_replica() {
    let permutation = only("[processes.a]\ncount = 2\nsteps = [{ print = \"$i\" }]");
    let last = &permutation.plan.processes[1].steps[0].action;
    assert_eq!(
        *last,
        Action::Print {
            text: vec![Piece::Text("1".into())]
        }
    );
}

#[test]
fn a_label_stands_for_the_step_in_every_replica() {
    let permutation = only(
        "[channels.q]
         kind = \"queue\"
         [processes.waiter]
         steps = [{ await = { blocked = \"full\" } }, { await = { exited = \"p\" } }]
         [processes.p]
         count = 2
         steps = [{ put = { on = \"q\", item = 1, label = \"full\" } }]",
    );
    let steps = &permutation.plan.processes[0].steps;
    assert_eq!(
        steps[0].action,
        Action::Await {
            event: Event::Blocked(vec![2, 3])
        }
    );
    assert_eq!(
        steps[1].action,
        Action::Await {
            event: Event::Exited(vec![1, 2])
        }
    );
    let watched: Vec<_> = permutation
        .plan
        .steps()
        .filter(|(_, s)| s.watched)
        .map(|(_, s)| s.id)
        .collect();
    assert_eq!(watched, [2, 3]);
}

#[test]
fn a_step_id_is_an_index_into_the_expected_results() {
    let permutation = on_queue(
        "{ repeat = { count = 2, steps = [{ put = { on = \"q\", item = 1, label = \"inner\" } }] } },
         { get = { on = \"q\", item = 1 } }",
    );
    let ids: Vec<_> = permutation.plan.steps().map(|(_, step)| step.id).collect();
    assert_eq!(ids, [0, 1, 2]);
    assert_eq!(permutation.expected(1).label.as_deref(), Some("inner"));
    assert_eq!(
        permutation.expected(2).items,
        Some(vec![Value::Literal(Item::Int(1))])
    );
}

#[rstest]
#[case::a_put_succeeds("{ send = { on = \"p.tx\", item = 1 } }", vec![Outcome::Ok], false)]
#[case::a_get_of_an_item("{ send = { on = \"p.tx\", item = 1 } }, { recv = { on = \"p.rx\", until = 1 } }", vec![Outcome::Ok], false)]
#[case::a_get_of_the_end("{ recv = { on = \"p.rx\", until = \"$end\", wait = \"1s\" } }", vec![Outcome::End], false)]
#[case::a_get_of_either("{ recv = { on = \"p.rx\", until = [1, \"$end\"], wait = \"1s\" } }", vec![Outcome::Ok, Outcome::End], false)]
#[case::stated("{ recv = { on = \"p.rx\", wait = \"never\", expect = [\"empty\", \"end\"] } }", vec![Outcome::Empty, Outcome::End], true)]
#[case::any_outcome("{ recv = { on = \"p.rx\", wait = \"never\", expect = \"any\" } }", Outcome::ALL.to_vec(), true)]
#[case::a_poll("{ poll = { on = \"p.rx\" } }", vec![Outcome::Ok], false)]
#[case::a_poll_that_is_ready("{ poll = { on = \"p.rx\", expect = [\"ready\", \"end\"] } }", vec![Outcome::Ok, Outcome::End], true)]
#[case::idling_for_ever_never_returns("{ idle = \"forever\" }", vec![Outcome::Pending], false)]
fn a_step_has_these_expected_outcomes(
    #[case] steps: &str,
    #[case] outcomes: Vec<Outcome>,
    #[case] explicit: bool,
) {
    let permutation = on_pipe(steps);
    let last = permutation.expected.last().unwrap();
    assert_eq!((&last.outcomes, last.explicit), (&outcomes, explicit));
}

#[test]
fn the_end_of_stream_is_not_an_awaited_item() {
    let permutation = on_pipe("{ recv = { on = \"p.rx\", until = \"$end\", wait = \"never\" } }");
    let Action::Get { limit, wait, .. } = &permutation.plan.processes[0].steps[0].action else {
        panic!("no get");
    };
    assert_eq!((limit, *wait), (&Limit::Until(vec![]), Wait::Never));
}

#[test]
fn a_number_with_a_size_is_a_payload() {
    let permutation = on_pipe(
        "{ repeat = { count = 3, steps = [{ send = { on = \"p.tx\", item = \"$n\", size = 9 } }] } },
         { recv = { on = \"p.rx\", items = [0, 1], size = 9 } }",
    );
    let sent = Value::Sized {
        number: Box::new(Value::Reference("n".into())),
        size: 9,
    };
    let Action::Repeat { steps, .. } = &permutation.plan.processes[0].steps[0].action else {
        panic!("no repeat");
    };
    assert!(
        matches!(&steps[0].action, Action::Put { source: Source::Items(items), .. } if *items == [sent])
    );
    let payload = |number| Value::Literal(Item::Payload { number, size: 9 });
    assert_eq!(
        permutation.expected(2).items,
        Some(vec![payload(0), payload(1)])
    );
}

#[rstest]
#[case::sized("{ send = { on = \"p.tx\", count = 2, size = 8 } }", Codec::Bytes)]
#[case::bytes(
    "{ send = { on = \"p.tx\", item = { bytes = \"00\" } } }",
    Codec::Bytes
)]
#[case::text("{ send = { on = \"p.tx\", items = [\"a\", \"\"] } }", Codec::Text)]
#[case::numbers("{ send = { on = \"p.tx\", count = 2 } }", Codec::Tagged)]
#[case::text_and_none(
    "{ send = { on = \"p.tx\", items = [\"a\", \"$none\"] } }",
    Codec::Tagged
)]
#[case::text_and_bytes(
    "{ send = { on = \"p.tx\", items = [\"a\", { bytes = \"00\" }] } }",
    Codec::Tagged
)]
#[case::nothing("{ recv = { on = \"p.rx\", expect = \"end\" } }", Codec::Tagged)]
#[case::a_kept_item(
    "{ send = { on = \"p.tx\", item = \"a\" } }, { recv = { on = \"p.rx\", into = \"v\" } }, { send = { on = \"p.tx\", item = \"$v\" } }",
    Codec::Text
)]
#[case::a_round(
    "{ repeat = { count = 2, steps = [{ send = { on = \"p.tx\", item = \"$n\" } }] } }",
    Codec::Tagged
)]
fn the_codec_depends_on_the_items_sent(#[case] steps: &str, #[case] codec: Codec) {
    assert_eq!(on_pipe(steps).plan.channels[0].codec, codec);
}

#[test]
fn items_passed_along_a_chain_of_channels_keep_their_codec() {
    let permutation = only(
        "[channels]
         c = { kind = \"pipe\" }
         b = { kind = \"pipe\" }
         a = { kind = \"pipe\" }
         [processes]
         last   = { steps = [{ recv = { on = \"b.rx\", until = \"$end\", each = [{ send = { on = \"c.tx\", item = \"$item\" } }] } }] }
         middle = { steps = [{ recv = { on = \"a.rx\", until = \"$end\", each = [{ send = { on = \"b.tx\", item = \"$item\" } }] } }] }
         first  = { steps = [{ send = { on = \"a.tx\", items = [\"x\"] } }] }",
    );
    let codecs: Vec<_> = permutation.plan.channels.iter().map(|c| c.codec).collect();
    assert_eq!(codecs, [Codec::Text; 3]);
}

#[test]
fn a_process_receives_the_ends_that_its_steps_name_and_those_it_holds() {
    let permutation = only(
        "[channels.line]
         kind = \"pipe\"
         duplex = true
         [processes.client]
         steps = [{ send = { on = \"line.a\", item = 1 } }, { close = \"line.a\" }]
         [processes.server]
         holds = [\"line.a\"]
         steps = [{ recv = { on = \"line.b\", each = [{ send = { on = \"line.b\", item = \"$item\" } }] } }]",
    );
    let given = |side, puts, gets| GivenEnd {
        end: crate::plan::End { channel: 0, side },
        puts,
        gets,
    };
    let processes = &permutation.plan.processes;
    assert_eq!(processes[0].ends, [given(Side::A, true, false)]);
    assert_eq!(
        processes[1].ends,
        [given(Side::B, true, true), given(Side::A, false, false)]
    );
}

#[test]
fn a_process_that_no_step_starts_has_no_starter() {
    let permutation = only(
        "[processes.main]
         steps = [{ start = \"child\" }, { join = \"child\" }]
         [processes.child]
         count = 2
         start = \"fork\"
         steps = []",
    );
    let starters: Vec<_> = permutation
        .plan
        .processes
        .iter()
        .map(|p| p.starter)
        .collect();
    assert_eq!(starters, [None, Some(0), Some(0)]);
    let starts: Vec<_> = permutation.plan.processes.iter().map(|p| p.start).collect();
    assert_eq!(starts, [Start::Spawn, Start::Fork, Start::Fork]);
    assert!(needs::needs(&permutation, Capability::Fork));
    assert!(!needs::needs(&permutation, Capability::Spawn));
}

#[test]
fn the_plan_names_the_opener_of_a_channel() {
    let permutation = on_pipe("{ open = \"p\" }, { close = \"p.tx\" }");
    assert_eq!(permutation.plan.channels[0].opener, Some(0));
    assert!(needs::needs(&permutation, Capability::OpenInPeer));
}

#[test]
fn a_process_is_expected_to_exit_as_the_case_states() {
    let permutation = only(
        "axes.code = [3]
         [processes]
         a = { steps = [] }
         b = { exit = \"$code\", steps = [{ exit = 3 }] }
         c = { exit = \"killed\", steps = [] }
         d = { exit = \"any\", steps = [] }",
    );
    let expected = [
        ExpectedExit::Code(0),
        ExpectedExit::Code(3),
        ExpectedExit::Killed,
        ExpectedExit::Any,
    ];
    assert_eq!(permutation.exits, expected);
}

#[rstest]
#[case("kill", ExpectedExit::Killed)]
#[case("abort", ExpectedExit::Any)]
#[case("exit", ExpectedExit::Code(1))]
fn a_process_that_crashes_is_expected_to_exit_accordingly(
    #[case] how: &str,
    #[case] exit: ExpectedExit,
) {
    let one = on_pipe(&format!("{{ crash = \"{how}\" }}"));
    assert_eq!(one.exits, [exit]);
    assert_eq!(one.expected[0].outcomes, [Outcome::Pending]);
}

#[test]
fn a_step_has_its_position_in_the_file() {
    let text = "title = \"x\"\nclauses = [\"a\"]\n[processes.p]\nsteps = [{ print = \"here\" }]\n";
    let all = permutations("area/case", &parse(text).unwrap()).unwrap();
    assert_eq!(
        &text[all[0].expected(0).span.clone()],
        "{ print = \"here\" }"
    );
}

#[test]
fn a_stated_deadlock_is_not_a_mistake() {
    on_queue("{ get = { on = \"q\", until = \"$none\", expect = \"pending\" } }");
    on_queue("{ get = { on = \"q\", until = \"$none\", wait = \"1s\", expect = \"timeout\" } }");
}
