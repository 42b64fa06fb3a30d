//! Waits that may end, and deadlines that may be met, are no mistakes.

use super::*;

#[rstest]
#[case::for_one_that_idles_for_ever(
    "[processes.a]
     steps = [{ await = { exited = \"b\" } }]
     [processes.b]
     steps = [{ idle = \"forever\" }]"
)]
#[case::over_another_for_one_that_idles_for_ever(
    "[processes.a]
     steps = [{ barrier = \"x\" }]
     [processes.b]
     steps = [{ await = { exited = \"c\" } }, { barrier = \"x\" }]
     [processes.c]
     steps = [{ idle = \"forever\" }]"
)]
#[case::for_one_that_is_killed(
    "[processes.a]
     steps = [{ await = { exited = \"b\" } }]
     [processes.b]
     exit = \"killed\"
     steps = [{ idle = \"forever\" }]
     [processes.c]
     steps = [{ kill = \"b\" }]"
)]
#[case::for_one_that_the_sweep_kills(
    "[sweep]
     kill = \"b\"
     at = [\"before\"]
     [channels.q]
     kind = \"queue\"
     [processes.a]
     steps = [{ await = { exited = \"b\" } }, { barrier = \"x\" }]
     [processes.b]
     steps = [{ put = { on = \"q\", item = 1 } }, { barrier = \"x\" }]"
)]
#[case::for_a_step_that_may_stay_pending(
    "[channels.q]
     kind = \"queue\"
     [processes.a]
     steps = [{ await = { done = \"got\" } }, { idle = \"30s\" }]
     [processes.b]
     steps = [{ get = { on = \"q\", expect = [\"ok\", \"pending\"], label = \"got\" } }]"
)]
#[case::for_a_child_that_waits_too(
    "[processes.a]
     steps = [{ start = \"b\" }, { barrier = \"x\" }, { join = \"b\" }]
     [processes.b]
     steps = [{ barrier = \"x\" }]"
)]
#[case::for_a_child_whose_join_gives_up_first(
    "[processes.a]
     steps = [{ start = \"b\" }, { join = { of = \"b\", wait = \"1s\", expect = \"timeout\" } }, { barrier = \"x\" }, { join = \"b\" }]
     [processes.b]
     steps = [{ barrier = \"x\" }]"
)]
#[case::for_steps_in_each(
    "[channels.q]
     kind = \"queue\"
     [processes.a]
     steps = [{ put = { on = \"q\", count = 2 } }, { await = { done = \"inner\" } }, { barrier = \"x\" }, { barrier = \"x\" }]
     [processes.b]
     steps = [{ get = { on = \"q\", count = 2, each = [{ put = { on = \"q\", item = \"x\", label = \"inner\" } }, { barrier = \"x\" }] } }]"
)]
#[case::in_every_round(
    "[processes.a]
     steps = [{ repeat = { count = 3, steps = [{ barrier = \"x\" }, { barrier = \"y\" }] } }]
     [processes.b]
     steps = [{ repeat = { count = 3, steps = [{ barrier = \"x\" }, { barrier = \"y\" }] } }]"
)]
#[case::in_threads_of_two(
    "[processes.a]
     steps = [{ threads = [[{ barrier = \"x\" }], [{ barrier = \"y\" }]] }]
     [processes.b]
     steps = [{ threads = [[{ barrier = \"y\" }], [{ barrier = \"x\" }]] }]"
)]
#[case::for_an_end_of_stream_that_others_close(
    "[channels.p]
     kind = \"pipe\"
     [processes.a]
     steps = [{ send = { on = \"p.tx\", item = 1 } }, { barrier = \"x\" }, { close = \"p.tx\" }, { await = { done = \"ended\" } }]
     [processes.b]
     steps = [{ barrier = \"x\" }, { recv = { on = \"p.rx\", until = \"$end\", label = \"ended\" } }]"
)]
#[case::shorter_than_the_deadline_side_by_side(
    "deadline = \"4s\"
     [processes.a]
     steps = [{ idle = \"3s\" }]
     [processes.b]
     steps = [{ idle = \"3s\" }]"
)]
#[case::longer_than_the_deadline_in_one_that_is_killed(
    "[processes.a]
     exit = \"killed\"
     steps = [{ idle = \"60s\" }]
     [processes.b]
     steps = [{ kill = \"a\" }]"
)]
#[case::longer_than_the_deadline_only_for_a_wrong_library(
    "[channels.q]
     kind = \"queue\"
     [processes.a]
     steps = [{ put = { on = \"q\", item = 1 } }, { get = { on = \"q\", wait = \"60s\" } }]"
)]
fn a_wait_that_may_end_in_time_is_no_mistake(#[case] text: &str) {
    assert!(!expand(text).is_empty());
}

#[rstest]
#[case::received_by_a_process_that_may_be_killed(
    "[processes.a]
     exit = \"killed\"
     steps = [{ get = { on = \"q\", count = 9 } }]
     [processes.b]
     steps = [{ kill = \"a\" }]"
)]
#[case::received_after_a_step_that_may_stay_pending(
    "[processes.a]
     steps = [{ get = { on = \"q\", expect = \"pending\" } }, { get = { on = \"q\" } }]"
)]
#[case::sent_for_each_item(
    "[processes.a]
     steps = [{ put = { on = \"q\", count = 2 } }, { get = { on = \"q\", count = 2, each = [{ put = { on = \"q\", item = \"more\" } }] } }, { get = { on = \"q\", count = 2 } }]"
)]
#[case::with_another_outcome(
    "[processes.a]
     steps = [{ get = { on = \"q\", wait = \"never\", expect = [\"ok\", \"empty\"] } }]"
)]
fn items_that_may_never_be_received_need_not_be_sent(#[case] processes: &str) {
    expand(&format!("[channels.q]\nkind = \"queue\"\n{processes}"));
}
