//! The signals that a case can send to a process.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::{Action, Plan, ProcessIndex};
use crate::backend::with_schema;

/// A signal that the receiving process handles by doing nothing. It interrupts the system call that the
/// process waits in.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// SIGUSR1: for the program's own use.
    Usr1,
    /// SIGINT: Ctrl-C.
    Int,
    /// SIGALRM: a timer.
    Alrm,
    /// SIGCHLD: a child has exited.
    Chld,
}

impl Signal {
    /// Every signal.
    pub const ALL: [Signal; 4] = [Signal::Usr1, Signal::Int, Signal::Alrm, Signal::Chld];

    /// Returns the word for it in case files.
    pub fn word(self) -> &'static str {
        match self {
            Signal::Usr1 => "usr1",
            Signal::Int => "int",
            Signal::Alrm => "alrm",
            Signal::Chld => "chld",
        }
    }
}

impl Plan {
    /// Returns the signals that steps send to this process.
    pub(crate) fn signals_to(&self, process: ProcessIndex) -> impl Iterator<Item = Signal> {
        self.steps()
            .filter_map(move |(_, step)| match &step.action {
                Action::Signal { processes, signal } => {
                    processes.contains(&process).then_some(*signal)
                }
                _ => None,
            })
    }
}
