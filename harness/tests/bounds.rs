//! Case files that ask for more than a run can have are refused in time, with the limit.

use std::fs;
use std::process::Command;

use rstest::rstest;
use tempfile::TempDir;

/// Returns the numbers up to this one.
fn numbers(most: usize) -> String {
    let numbers: Vec<String> = (0..most).map(|number| number.to_string()).collect();
    numbers.join(", ")
}

/// Returns a case with these lines, and a producer with this step.
fn case(top: &str, step: &str) -> String {
    format!(
        r#"
title   = "too much"
clauses = ["pipe.order.single-writer"]
{top}
[channels.p]
kind = "pipe"
[processes.producer]
steps = [{step}]
[processes.consumer]
steps = [{{ recv = {{ on = "p.rx", until = "$end" }} }}]
"#
    )
}

const SEND: &str = r#"{ send = { on = "p.tx", count = 3 } }"#;
const SWEEP: &str = "[sweep]\nkill = \"producer\"\nat = [\"before\", \"after\"]";

/// A queue to which more items are put before the first get than a number holds.
const QUEUE: &str = r#"
title   = "too much"
clauses = ["queue.mpmc.exactly-once"]
[channels.q]
kind = "queue"
[processes.producer]
steps = [
  { put = { on = "q", count = COUNT } },
  { put = { on = "q", count = COUNT } },
  { put = { on = "q", items = [1, 2], label = "last" } },
]
[processes.consumer]
steps = [
  { await = { done = "last" } },
  { get = { on = "q", count = 2 } },
]
"#;

fn counted(count: u64) -> String {
    format!(r#"{{ send = {{ on = "p.tx", count = {count} }} }}"#)
}

#[rstest]
#[case::count(case("", &counted(1_000_000_000)), "at most 10000000 operations")]
#[case::largest_count(case("", &counted(i64::MAX as u64)), "at most 10000000 operations")]
#[case::largest_counts_of_a_queue(QUEUE.replace("COUNT", "9223372036854775807"), "at most 10000000 operations")]
#[case::sweep(case(SWEEP, &counted(1_000_000_000)), "at most 10000000 operations")]
#[case::points_of_a_sweep(case(SWEEP, &counted(5_000)), "there are more than a thousand")]
#[case::axis(
    case(&format!("[axes]\na = [{}]", numbers(100_000)), SEND),
    "at most 10000 permutations, and this has 100000"
)]
#[case::items_of_all_permutations(
    case(
        &format!("[axes]\na = [{}]", numbers(10_000)),
        &format!("{{ send = {{ on = \"p.tx\", items = [{}] }} }}", numbers(20_000))
    ),
    "permutations, and this has 10000"
)]
#[case::file(case(&format!("# {}", "x".repeat(2 << 20)), SEND), "and at most 1048576 are allowed")]
fn a_case_that_asks_for_too_much_is_refused(#[case] text: String, #[case] expected: &str) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("much.toml");
    fs::write(&file, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(["run", "--no-adapters", "--file"])
        .arg(&file)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(expected), "{said}");
}
