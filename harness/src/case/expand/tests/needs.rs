//! Tests of the requirements of a case.

use rstest::rstest;

use super::{on_queue, only};
use crate::backend::{Capabilities, Capability, Kind};
use crate::plan::{Action, Permutation, Requirement};

pub(super) fn needs(permutation: &Permutation, capability: Capability) -> bool {
    permutation
        .requires
        .contains(&Requirement::Capability(capability))
}

#[test]
fn a_case_without_channels_needs_only_processes() {
    assert_eq!(
        only("[processes.p]\nsteps = []").requires,
        [Requirement::Kind(Kind::Process)]
    );
}

#[rstest]
#[case::an_end("{ get = { on = \"q\", until = \"$end\" } }", Capability::EndOnClose)]
#[case::an_expected_end("{ get = { on = \"q\", expect = \"end\" } }", Capability::EndOnClose)]
#[case::an_empty_text(
    "{ put = { on = \"q\", items = [\"a\", \"\"] } }",
    Capability::ZeroLength
)]
#[case::an_empty_payload(
    "{ put = { on = \"q\", count = 1, size = 0 } }",
    Capability::ZeroLength
)]
fn a_step_needs_this_capability(#[case] steps: &str, #[case] capability: Capability) {
    assert!(needs(&on_queue(steps), capability));
}

#[rstest]
#[case::an_empty_text_among_others(
    "{ put = { on = \"q\", items = [1, \"\"] } }",
    Capability::ZeroLength
)]
#[case::any_outcome(
    "{ get = { on = \"q\", wait = \"never\", expect = \"any\" } }",
    Capability::EndOnClose
)]
#[case::one_process(
    "{ put = { on = \"q\", item = 1 } }, { put = { on = \"q\", item = 2 } }",
    Capability::SeveralProducers
)]
fn a_step_does_not_need_this_capability(#[case] steps: &str, #[case] capability: Capability) {
    assert!(!needs(&on_queue(steps), capability));
}

#[test]
fn several_processes_at_one_end_need_a_capability() {
    let permutation = only(
        "[channels.q]
         kind = \"queue\"
         [processes.p]
         count = 2
         steps = [{ put = { on = \"q\", count = 3 } }]
         [processes.c]
         steps = [{ get = { on = \"q\", count = 6 } }]",
    );
    assert!(needs(&permutation, Capability::SeveralProducers));
    assert!(!needs(&permutation, Capability::SeveralConsumers));
}

/// A pipe whose sending end two processes use, one of them after these steps.
fn second_sender(first: &str, second: &str) -> Permutation {
    only(&format!(
        "[channels.p]
         kind = \"pipe\"
         [processes.first]
         steps = [{first}]
         [processes.second]
         steps = [{second}, {{ send = {{ on = \"p.tx\", item = 2 }} }}]
         [processes.r]
         steps = [{{ recv = {{ on = \"p.rx\", count = 2 }} }}]"
    ))
}

#[rstest]
#[case::after_its_exit("$", "{ await = { exited = \"first\" } }", false)]
#[case::after_its_send("$sent", "{ await = { done = \"sent\" } }", false)]
#[case::once_it_has_begun("$sent", "{ await = { started = \"sent\" } }", true)]
#[case::after_a_barrier("$, { barrier = \"b\" }", "{ barrier = \"b\" }", false)]
#[case::at_once_after_a_barrier("{ barrier = \"b\" }, $", "{ barrier = \"b\" }", true)]
#[case::before_it_is_started("{ start = \"second\" }, $", "{ set = { x = 1 } }", true)]
#[case::started_by_it("$, { start = \"second\" }", "{ set = { x = 1 } }", false)]
#[case::after_something_else("$", "{ await = { exited = \"r\" } }", true)]
fn processes_that_send_in_turn_are_not_several(
    #[case] first: &str,
    #[case] second: &str,
    #[case] several: bool,
) {
    let send = |label| format!("{{ send = {{ on = \"p.tx\", item = 1{label} }} }}");
    let first = first.replace("$sent", &send(", label = \"sent\""));
    let permutation = second_sender(&first.replace('$', &send("")), second);
    assert_eq!(needs(&permutation, Capability::SeveralProducers), several);
}

#[test]
fn a_process_that_only_polls_is_no_receiver() {
    let permutation = only(
        "[channels.p]
         kind = \"pipe\"
         [processes.w]
         steps = [{ send = { on = \"p.tx\", item = 1 } }]
         [processes.looks]
         steps = [{ poll = { on = \"p.rx\" } }]
         [processes.r]
         steps = [{ recv = { on = \"p.rx\", item = 1 } }]",
    );
    assert!(!needs(&permutation, Capability::SeveralConsumers));
}

/// Two consumers with these steps.
fn two_consumers(steps: &str) -> Permutation {
    only(&format!(
        "[channels.q]
         kind = \"queue\"
         [processes.p]
         steps = [{{ put = {{ on = \"q\", count = 2 }} }}, {{ put = {{ on = \"q\", items = [\"$none\", \"$none\"] }} }}, {{ close = \"q\" }}]
         [processes.c]
         count = 2
         steps = [{steps}]"
    ))
}

#[rstest]
#[case::a_number("{ get = { on = \"q\", count = 2 } }", true)]
#[case::until_an_item("{ get = { on = \"q\", until = \"$none\" } }", true)]
#[case::until_the_end("{ get = { on = \"q\", until = \"$end\" } }", false)]
#[case::and_the_end_again(
    "{ get = { on = \"q\", until = \"$end\" } }, { get = { on = \"q\", expect = \"end\" } }",
    false
)]
fn consumers_that_divide_the_items_need_shared_items(#[case] steps: &str, #[case] needed: bool) {
    let permutation = two_consumers(steps);
    assert!(needs(&permutation, Capability::SeveralConsumers));
    assert_eq!(needs(&permutation, Capability::SharedItems), needed);
}

#[rstest]
#[case::a_try("wait = \"never\"", true)]
#[case::a_time("wait = \"1s\"", true)]
#[case::any_outcome("wait = \"never\", expect = [\"ok\", \"full\"]", false)]
#[case::without_a_limit("expect = \"ok\"", false)]
fn a_put_that_must_find_room_at_once_needs_room(#[case] how: &str, #[case] needed: bool) {
    let put = format!("{{ put = {{ on = \"q\", item = 1, {how} }} }}");
    let needed_now = needs(&on_queue(&put), Capability::RoomWithoutConsumers);
    assert_eq!(needed_now, needed);
}

#[rstest]
#[case("1, \"a\", \"$none\", true", &[Capability::PlainValues])]
#[case("9007199254740992, -9007199254740992", &[Capability::PlainValues])]
#[case("9007199254740993", &[Capability::LargeIntegers])]
#[case("{ int = \"18446744073709551616\" }", &[Capability::LargeIntegers])]
#[case("\"a\\u0000\", 1", &[Capability::PlainValues, Capability::TextWithNul])]
#[case("1.5", &[Capability::Floats])]
#[case("[[1.5]]", &[Capability::Floats, Capability::NestedValues])]
#[case("{ map = { key = \"$none\" } }", &[Capability::PlainValues, Capability::NestedValues])]
#[case("{ bytes = \"00\" }, 1", &[Capability::PlainValues])]
fn a_value_needs_its_kind(#[case] items: &str, #[case] kinds: &[Capability]) {
    let permutation = on_queue(&format!("{{ put = {{ on = \"q\", items = [{items}] }} }}"));
    for kind in Capability::ALL
        .into_iter()
        .filter(|one| one.is_kind_of_value())
    {
        assert_eq!(needs(&permutation, kind), kinds.contains(&kind), "{kind}");
    }
}

#[rstest]
#[case::all(&[Capability::Values], None)]
#[case::none_declared(&[Capability::Poll], None)]
#[case::this_one(&[Capability::PlainValues, Capability::Floats], None)]
#[case::others(&[Capability::PlainValues], Some("no floats"))]
fn a_kind_of_value_is_missing_only_if_others_are_declared(
    #[case] declared: &[Capability],
    #[case] missing: Option<&str>,
) {
    let capabilities = Capabilities::new().native(declared.iter().copied());
    let floats = Requirement::Capability(Capability::Floats);
    assert_eq!(
        floats.missing(Kind::Queue, &capabilities).as_deref(),
        missing
    );
}

#[test]
fn the_longest_message_and_the_largest_capacity_are_required() {
    let permutation = only(
        "[channels.q]
         kind = \"queue\"
         capacity = 7
         [processes.p]
         steps = [{ put = { on = \"q\", count = 3, size = 100 } }, { put = { on = \"q\", item = 3, size = 50 } }]",
    );
    assert!(permutation.requires.contains(&Requirement::Message(100)));
    assert!(permutation.requires.contains(&Requirement::CapacityOf(7)));
    assert!(needs(&permutation, Capability::Capacity));
}

#[rstest]
#[case::a_mode("mode = \"0600\"", Some(Capability::AccessMode))]
#[case::a_backlog("backlog = 2", Some(Capability::Backlog))]
#[case::a_length("length = 300", None)]
fn an_option_of_an_endpoint_needs_this_capability(
    #[case] option: &str,
    #[case] needed: Option<Capability>,
) {
    let permutation = only(&format!(
        "[channels.e]
         kind = \"endpoint\"
         {option}
         [processes.p]
         steps = [{{ listen = \"e\" }}]"
    ));
    for capability in [Capability::AccessMode, Capability::Backlog] {
        let expected = needed == Some(capability);
        assert_eq!(needs(&permutation, capability), expected, "{capability}");
    }
}

/// Two threads on a queue, with these steps.
fn threads(first: &str, second: &str) -> Permutation {
    on_queue(&format!("{{ threads = [[{first}], [{second}]] }}"))
}

const PUT: &str = "{ put = { on = \"q\", item = 1 } }";
const GET: &str = "{ get = { on = \"q\", item = 1 } }";
const TWO_PUT_AND_GET: &str =
    "{ put = { on = \"q\", items = [1, 1] } }, { get = { on = \"q\", item = 1 } }";

#[rstest]
#[case::one_puts_and_one_gets(PUT, GET, &[Capability::Threads])]
#[case::both_put(PUT, PUT, &[Capability::Threads, Capability::SeveralProducers])]
#[case::both_get(TWO_PUT_AND_GET, GET, &[Capability::Threads, Capability::SeveralConsumers])]
#[case::only_one_uses_it(PUT, "{ print = \"x\" }", &[])]
fn threads_at_one_end_need_these_capabilities(
    #[case] first: &str,
    #[case] second: &str,
    #[case] needed: &[Capability],
) {
    let permutation = threads(first, second);
    for capability in [
        Capability::Threads,
        Capability::SeveralProducers,
        Capability::SeveralConsumers,
    ] {
        let expected = needed.contains(&capability);
        assert_eq!(needs(&permutation, capability), expected, "{capability}");
    }
}

#[rstest]
#[case::that_wait_for_the_end("expect = \"end\"", false)]
#[case::that_may_get_something("expect = [\"ok\", \"end\"]", true)]
#[case::that_get_until_the_end("until = \"$end\"", true)]
fn several_readers_need_a_capability_only_if_one_can_take_from_another(
    #[case] expect: &str,
    #[case] needed: bool,
) {
    let text = format!(
        "[channels.p]
         kind = \"pipe\"
         [processes.r]
         count = 2
         steps = [{{ recv = {{ on = \"p.rx\", {expect} }} }}]
         [processes.w]
         steps = [{{ close = \"p.tx\" }}]"
    );
    assert_eq!(needs(&only(&text), Capability::SeveralConsumers), needed);
}

#[rstest]
#[case::none_anywhere("", "", None, false)]
#[case::the_endpoints("key = \"ours\"", "", Some("ours"), true)]
#[case::another("key = \"ours\"", ", key = \"theirs\"", Some("theirs"), true)]
#[case::no_key_at_an_endpoint_with_one("key = \"ours\"", ", key = \"$none\"", None, true)]
#[case::a_key_at_an_endpoint_without_one("", ", key = \"theirs\"", Some("theirs"), true)]
#[case::a_dollar("key = \"$$5\"", "", Some("$5"), true)]
fn a_connect_uses_its_own_key_or_else_that_of_the_endpoint(
    #[case] of_endpoint: &str,
    #[case] of_connect: &str,
    #[case] known: Option<&str>,
    #[case] needed: bool,
) {
    let permutation = only(&format!(
        "[channels.e]
         kind = \"endpoint\"
         {of_endpoint}
         [processes.p]
         steps = [{{ connect = {{ on = \"e\", into = \"c\", expect = \"any\"{of_connect} }} }}]"
    ));
    let action = &permutation.plan.processes[0].steps[0].action;
    let Action::Connect { key, .. } = action else {
        panic!("not a connect: {action:?}");
    };
    assert_eq!(key.as_deref(), known);
    assert_eq!(needs(&permutation, Capability::Authentication), needed);
}

#[test]
fn several_channels_in_one_process_and_polls_of_several_ends_are_needed() {
    let ends = |on: &str| {
        only(&format!(
            "[channels]
             p = {{ kind = \"pipe\" }}
             q = {{ kind = \"pipe\" }}
             [processes.r]
             steps = [{{ poll = {{ on = {on} }} }}]"
        ))
    };
    let both = ends("[\"p.rx\", \"q.rx\"]");
    assert!(needs(&both, Capability::PollSeveral) && needs(&both, Capability::SeveralChannels));
    assert!(!needs(&both, Capability::Poll));
    let one = ends("\"p.rx\"");
    assert!(!needs(&one, Capability::PollSeveral) && !needs(&one, Capability::SeveralChannels));
    assert!(needs(&one, Capability::Poll));
}
