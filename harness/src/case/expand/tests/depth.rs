//! Tests of the depth that a queue without a capacity must have.

use rstest::rstest;

use super::only;
use crate::backend::{Capabilities, Kind, LargestDepth};
use crate::plan::{Permutation, Requirement};

fn case(producer: &str, consumer: &str) -> Permutation {
    only(&format!(
        "[channels.q]\nkind = \"queue\"\n[processes.p]\nsteps = [{producer}]\n\
         [processes.c]\nsteps = [{consumer}]\n"
    ))
}

fn items(permutation: &Permutation) -> u64 {
    let mut requires = permutation.requires.iter();
    let depth = requires.find_map(|one| match one {
        Requirement::Depth { items, .. } => Some(*items),
        _ => None,
    });
    depth.unwrap_or(0)
}

const PUT: &str = "{ put = { on = \"q\", count = 20, label = \"put\" } }";
const GET: &str = "{ get = { on = \"q\", count = 20 } }";

#[rstest]
#[case::got_meanwhile("PUT", "GET", 0)]
#[case::got_after_the_exit("PUT", "{ await = { exited = \"p\" } }, GET", 20)]
#[case::got_when_all_is_put("PUT", "{ await = { done = \"put\" } }, GET", 20)]
#[case::got_when_it_has_begun("PUT", "{ await = { started = \"put\" } }, GET", 0)]
#[case::got_after_a_barrier("PUT, { barrier = \"b\" }", "{ barrier = \"b\" }, GET", 20)]
#[case::some_got_before(
    "PUT",
    "{ get = { on = \"q\", count = 5 } }, { await = { exited = \"p\" } }, \
     { get = { on = \"q\", count = 15 } }",
    0
)]
#[case::some_never_got("PUT", "{ get = { on = \"q\", count = 5 } }", 15)]
#[case::none_ever_got("PUT", "{ await = { exited = \"p\" } }", 20)]
#[case::got_until_one_comes("PUT", "{ get = { on = \"q\", until = 19 } }", 0)]
#[case::put_again_and_again(
    "{ repeat = { count = 3, steps = [{ put = { on = \"q\", item = \"x\" } }] } }",
    "{ await = { exited = \"p\" } }, { get = { on = \"q\", count = 3 } }",
    3
)]
#[case::put_only_if_there_is_room(
    "{ put = { on = \"q\", item = 1, wait = \"never\", expect = \"any\" } }",
    "{ await = { exited = \"p\" } }",
    0
)]
fn this_number_of_items_must_fit(
    #[case] producer: &str,
    #[case] consumer: &str,
    #[case] expected: u64,
) {
    let steps = |text: &str| text.replace("PUT", PUT).replace("GET", GET);
    assert_eq!(items(&case(&steps(producer), &steps(consumer))), expected);
}

#[test]
fn items_put_before_the_consumer_starts_must_fit() {
    let permutation = only(
        "[channels.q]
         kind = \"queue\"
         [processes.main]
         steps = [{ start = \"p\" }, { join = \"p\" }, { start = \"c\" }, { join = \"c\" }]
         [processes.p]
         start = \"spawn\"
         steps = [{ put = { on = \"q\", count = 7 } }]
         [processes.c]
         start = \"spawn\"
         steps = [{ get = { on = \"q\", count = 7 } }]",
    );
    assert_eq!(items(&permutation), 7);
}

#[test]
fn a_join_that_may_give_up_shows_no_exit() {
    let of_join = |join: &str| {
        let case = "[channels.q]
             kind = \"queue\"
             [processes.main]
             steps = [{ start = \"p\" }, { join = JOIN }, { get = { on = \"q\", count = 7 } }]
             [processes.p]
             start = \"spawn\"
             steps = [{ put = { on = \"q\", count = 7 } }]";
        items(&only(&case.replace("JOIN", join)))
    };
    assert_eq!(of_join("\"p\""), 7);
    assert_eq!(of_join("{ of = \"p\", wait = \"1s\" }"), 7);
    let either = "{ of = \"p\", wait = \"1s\", expect = [\"ok\", \"timeout\"] }";
    assert_eq!(of_join(either), 0);
}

#[test]
fn a_queue_with_a_capacity_needs_no_depth() {
    let permutation = only(
        "[channels.q]
         kind = \"queue\"
         capacity = 9
         [processes.p]
         steps = [{ put = { on = \"q\", count = 9 } }]",
    );
    assert_eq!(items(&permutation), 0);
}

#[rstest]
#[case::all_fits(Some(20), Some(20_000), None)]
#[case::no_limit(None, None, None)]
#[case::too_many(Some(19), None, Some("no more than 19 items at once"))]
#[case::too_long(Some(20), Some(19_999), Some("no more than 19999 bytes at once"))]
fn a_backend_that_is_too_shallow_reports_its_largest_depth(
    #[case] items: Option<u64>,
    #[case] bytes: Option<u64>,
    #[case] expected: Option<&str>,
) {
    let permutation = case(
        "{ put = { on = \"q\", count = 20, size = 1000 } }",
        "{ await = { exited = \"p\" } }, { get = { on = \"q\", count = 20 } }",
    );
    let mut has = Capabilities::new();
    has.largest_depth = LargestDepth { items, bytes };
    let mut depths = permutation
        .requires
        .iter()
        .filter(|one| matches!(one, Requirement::Depth { .. }));
    let missing = depths.next().unwrap().missing(Kind::Queue, &has);
    assert_eq!(missing.as_deref(), expected);
}
