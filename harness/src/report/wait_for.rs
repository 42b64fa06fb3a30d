//! The causes of a hang and the waiting processes, as a failure page shows them.

use std::fmt::Write as _;
use std::time::Duration;

use super::style::{BAD, FAINT, paint};
use crate::judge::{PendingOperation, WaitFor};

/// Returns the causes and then the waiting operations. Every line ends with a line break.
pub(super) fn draw(report: &WaitFor) -> String {
    let mut text = String::new();
    for cause in &report.causes {
        let hang = paint(BAD, cause.hang);
        let _ = writeln!(text, "  {hang}: {}", cause.what);
    }
    for waiting in &report.waits {
        let _ = writeln!(text, "    {}", sentence(waiting));
        for seen in &waiting.seen {
            let _ = writeln!(
                text,
                "      {}",
                paint(FAINT, format_args!("kernel: {seen}"))
            );
        }
    }
    text
}

fn sentence(waiting: &PendingOperation) -> String {
    let PendingOperation {
        process,
        text,
        place,
        lasted,
        whom,
        ..
    } = waiting;
    // Tenths of a second are enough to see which process began to wait first.
    let lasted = Duration::from_nanos(*lasted).as_secs_f64();
    format!("{process} waits in {text}{whom}; its operation number {place}, for {lasted:.1} s")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::OperationId;
    use crate::judge::{Hang, HangCause};
    use anstream::adapter::strip_str;

    #[test]
    fn causes_come_before_waiting_operations() {
        let waiting = |process: &str, index, whom: &str, seen: &[&str]| PendingOperation {
            process: process.to_owned(),
            operation: OperationId {
                process: index,
                index: 3,
            },
            text: "get q".to_owned(),
            place: 4,
            since: 12_000_000,
            lasted: 4_060_000_000,
            awaited: Vec::new(),
            whom: whom.to_owned(),
            kernel: Vec::new(),
            seen: seen.iter().map(|line| (*line).to_owned()).collect(),
        };
        let report = WaitFor {
            causes: vec![HangCause {
                hang: Hang::DeadPeer,
                what: "first was killed in get q; second waits in get q".to_owned(),
                operations: Vec::new(),
            }],
            waits: vec![
                waiting(
                    "second",
                    1,
                    ", for producer to put",
                    &["in poll(2) on fd 7, a pipe"],
                ),
                waiting("third", 2, "", &[]),
            ],
        };
        insta::assert_snapshot!(strip_str(&draw(&report)).to_string(), @"
        dead peer: first was killed in get q; second waits in get q
          second waits in get q, for producer to put; its operation number 4, for 4.1 s
            kernel: in poll(2) on fd 7, a pipe
          third waits in get q; its operation number 4, for 4.1 s
        ");
    }
}
