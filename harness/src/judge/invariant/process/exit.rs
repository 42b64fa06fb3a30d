//! Each process exits as its case expects: with this code, or killed.

use crate::history::Exit;
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::process_witness;
use crate::plan::ExpectedExit;

const STATUS: &str = "proc.exit.status-reported";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "exit",
    about: "each process exits as its case expects, and its exit status says so",
    clauses: &[STATUS],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (process, expected) in evidence.permutation.exits.iter().enumerate() {
        // A process that the harness ended, or whose exit wasn't seen, shows nothing.
        let Some(exit @ (Exit::Code(_) | Exit::Killed | Exit::Signal(_))) = evidence.exit(process)
        else {
            continue;
        };
        let wanted = match expected {
            ExpectedExit::Any => continue,
            ExpectedExit::Code(code) => Exit::Code(*code),
            ExpectedExit::Killed => Exit::Killed,
        };
        if exit == wanted {
            tally.upheld(STATUS, 1);
        } else if evidence.completed() {
            tally.broken(STATUS, || {
                let name = evidence.process(process);
                let expected = format!("{name} exits {}", word(wanted));
                process_witness(Some(process), expected, format!("it exited {}", word(exit)))
            });
        }
    }
    tally.findings()
}

fn word(exit: Exit) -> String {
    match exit {
        Exit::Code(code) => format!("with code {code}"),
        Exit::Killed => "by the kill".to_owned(),
        Exit::Signal(signal) => {
            format!("by signal {signal}, which neither the case nor the harness sent")
        }
        Exit::Unseen => "unseen".to_owned(),
        Exit::Ended => "when the harness ended it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Ending;
    use crate::test_support::histories::{Expect, queue};
    use rstest::rstest;

    #[rstest]
    #[case::as_expected(ExpectedExit::Code(3), Exit::Code(3), Expect::Upheld(1))]
    #[case::another_code(ExpectedExit::Code(0), Exit::Code(101), Expect::Broken(1))]
    #[case::killed(ExpectedExit::Killed, Exit::Killed, Expect::Upheld(1))]
    #[case::by_itself(ExpectedExit::Killed, Exit::Code(0), Expect::Broken(1))]
    #[case::by_a_signal(ExpectedExit::Code(0), Exit::Signal(6), Expect::Broken(1))]
    #[case::any_exit(ExpectedExit::Any, Exit::Signal(6), Expect::Untried)]
    #[case::unseen(ExpectedExit::Code(0), Exit::Unseen, Expect::Untried)]
    #[case::ended(ExpectedExit::Code(0), Exit::Ended, Expect::Untried)]
    fn judges(#[case] expected: ExpectedExit, #[case] exit: Exit, #[case] expect: Expect) {
        let run = queue().process("p").exit_expected(expected).exits(exit);
        run.check(&INVARIANT, STATUS, expect);
    }

    #[test]
    fn exits_in_a_stalled_run_are_not_judged() {
        let run = queue().process("p").exits(Exit::Code(1));
        let run = run.ending(Ending::Stalled);
        run.check(&INVARIANT, STATUS, Expect::Untried);
    }
}
