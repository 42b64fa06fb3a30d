//! The messages of both directions.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::breach::Breach;
use super::hosted::Hosted;
use super::operation::{OperationBegan, OperationReturned};
use super::parts::{Ask, Bytes, Exited, OutputStream, RunNumber};
use crate::backend::{Key, with_schema};
use crate::plan::{Plan, ProcessIndex, StepId};
use crate::printable;

/// The version of the protocol.
pub const VERSION: &str = "0.10";

/// The version before, which the harness speaks with adapters that refuse the present one. What is new since
/// then depends on capabilities that such an adapter doesn't declare.
pub const EARLIER_VERSION: &str = "0.9";

/// The longest line in either direction in bytes, without its line break.
pub const LONGEST_LINE: usize = 64 << 20;

/// How much an adapter may write in one run in bytes, and before its first.
pub(crate) const MOST_OUTPUT: usize = 64 << 20;

/// A message from the harness to an adapter.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ToAdapter {
    /// The first message. The adapter answers `ready` or `refused`.
    Start {
        /// The version of the protocol.
        version: String,
    },
    /// Create the channels, start the processes that no other process starts, and let all of them run
    /// their steps. The next run follows after this one's `done`.
    Run {
        /// The number of the run.
        run: RunNumber,
        /// The adapter's backend to run on.
        backend: Key,
        /// The channels, and the steps of the processes.
        plan: Plan,
    },
    /// The reply to an `ask`.
    Answer {
        /// The number of the run.
        run: RunNumber,
        /// The process that asked.
        process: ProcessIndex,
        /// The thread that asked.
        thread: u16,
        /// Whether it has happened. If not, it can't happen any more.
        happened: bool,
    },
    /// End the run: kill the processes that are left, then send `done`.
    End {
        /// The number of the run.
        run: RunNumber,
    },
    /// The last message: exit with code 0. The end of standard input means the same.
    Stop {},
}

/// A message from an adapter to the harness.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FromAdapter {
    /// The answer to `start`: the adapter can work.
    Ready {
        /// The version of the protocol.
        version: String,
        /// The name of the adapter.
        name: String,
        /// A line for people: which language and libraries, in which versions.
        about: String,
        /// The language runtime with its version, such as `CPython 3.12.3`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        runtime: Option<String>,
        /// The backends that the adapter hosts.
        backends: Vec<Hosted>,
    },
    /// The answer to `start`: the adapter can't work with this harness or on this machine. It then
    /// exits.
    Refused {
        /// The reason, and what to do about it.
        why: String,
    },
    /// A process is running. This is the first message about a process.
    Alive {
        /// The number of the run.
        run: RunNumber,
        /// The process.
        process: ProcessIndex,
        /// Its process id. The process stays in the adapter's process group.
        pid: u32,
    },
    /// An operation is about to be called.
    Began(OperationBegan),
    /// An operation has returned.
    Returned(OperationReturned),
    /// A watched step is done, and all its operations have returned.
    StepDone {
        /// The number of the run.
        run: RunNumber,
        /// The process.
        process: ProcessIndex,
        /// The step.
        step: StepId,
    },
    /// A process waits, in an operation that began, for something that the harness decides or does.
    Ask {
        /// The number of the run.
        run: RunNumber,
        /// The process that waits.
        process: ProcessIndex,
        /// The thread that waits.
        #[serde(default)]
        thread: u16,
        /// What it waits for.
        what: Ask,
    },
    /// A process wrote to its standard output or standard error.
    Output {
        /// The number of the run.
        run: RunNumber,
        /// The process.
        process: ProcessIndex,
        /// Where it wrote to.
        stream: OutputStream,
        /// What it wrote, as two hexadecimal digits for each byte.
        bytes: Bytes,
    },
    /// A process has exited; how isn't known yet. Everything that it did has been reported. Also a
    /// process that never became alive and can't any more, because its starter has exited.
    Gone {
        /// The number of the run.
        run: RunNumber,
        /// The process.
        process: ProcessIndex,
    },
    /// A process has exited. Everything that it did has been reported.
    Exited {
        /// The number of the run.
        run: RunNumber,
        /// The process.
        process: ProcessIndex,
        /// How it exited.
        exit: Exited,
    },
    /// All processes of the run are gone. Everything that they did has been reported.
    Done {
        /// The number of the run.
        run: RunNumber,
    },
    /// The backend or the adapter can't run this plan. Only `done` follows about this run.
    Unsupported {
        /// The number of the run.
        run: RunNumber,
        /// What isn't supported.
        why: String,
    },
    /// The adapter itself failed in this run. `done` follows.
    Failed {
        /// The number of the run.
        run: RunNumber,
        /// What failed.
        why: String,
    },
    /// A line of the harness isn't a message that the adapter knows. The adapter continues.
    Error {
        /// What is wrong with the line.
        why: String,
    },
}

impl FromAdapter {
    /// Parses a line.
    ///
    /// # Errors
    /// If the line isn't a message.
    pub fn parse(line: &[u8]) -> Result<FromAdapter, Breach> {
        let parsed: Result<FromAdapter, _> = serde_json::from_slice(line);
        parsed.map(FromAdapter::shown).map_err(|error| {
            let start = quoted(line);
            Breach::new(format_args!(
                "wrote a line that isn't a message, {start}: {error}"
            ))
        })
    }

    /// Makes the texts that reports show short and printable.
    fn shown(mut self) -> FromAdapter {
        let texts: Vec<&mut String> = match &mut self {
            FromAdapter::Ready {
                version,
                name,
                about,
                runtime,
                backends,
            } => {
                let of_backends = backends.iter_mut().flat_map(Hosted::texts);
                let texts = [version, name, about].into_iter().chain(runtime);
                texts.chain(of_backends).collect()
            }
            FromAdapter::Refused { why }
            | FromAdapter::Unsupported { why, .. }
            | FromAdapter::Failed { why, .. }
            | FromAdapter::Error { why } => vec![why],
            FromAdapter::Returned(OperationReturned {
                error: Some(error), ..
            }) => (error.kind.iter_mut().chain(&mut error.message)).collect(),
            _ => Vec::new(),
        };
        for text in texts {
            *text = printable::cut(printable::line(text));
        }
        self
    }

    /// Returns the message's name.
    pub fn name(&self) -> &'static str {
        match self {
            FromAdapter::Ready { .. } => "ready",
            FromAdapter::Refused { .. } => "refused",
            FromAdapter::Alive { .. } => "alive",
            FromAdapter::Began(_) => "began",
            FromAdapter::Returned(_) => "returned",
            FromAdapter::StepDone { .. } => "step-done",
            FromAdapter::Ask { .. } => "ask",
            FromAdapter::Output { .. } => "output",
            FromAdapter::Gone { .. } => "gone",
            FromAdapter::Exited { .. } => "exited",
            FromAdapter::Done { .. } => "done",
            FromAdapter::Unsupported { .. } => "unsupported",
            FromAdapter::Failed { .. } => "failed",
            FromAdapter::Error { .. } => "error",
        }
    }
}

/// Quotes the beginning of a line.
fn quoted(line: &[u8]) -> String {
    const SHOWN: usize = 60;
    let text = String::from_utf8_lossy(&line[..line.len().min(4 * SHOWN)]);
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    format!("\"{}\"", printable::line(&shown))
}

impl ToAdapter {
    /// Encodes the message as a line, with its line break.
    pub fn line(&self) -> Vec<u8> {
        let mut line =
            serde_json::to_vec(self).expect("all keys are strings, so encoding can't fail");
        line.push(b'\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::start(ToAdapter::Start { version: "0.10".to_owned() }, r#"{"start":{"version":"0.10"}}"#)]
    #[case::end(ToAdapter::End { run: 7 }, r#"{"end":{"run":7}}"#)]
    #[case::stop(ToAdapter::Stop {}, r#"{"stop":{}}"#)]
    fn a_message_is_encoded_as_a_line(#[case] message: ToAdapter, #[case] line: &str) {
        assert_eq!(message.line(), format!("{line}\n").into_bytes());
    }

    #[rstest]
    #[case::as_short_as_can_be(
        r#"{"returned":{"run":1,"process":0,"operation":2,"at":9,"outcome":"ok"}}"#
    )]
    #[case::an_error(
        r#"{"returned":{"run":1,"process":0,"operation":2,"at":9,"outcome":"end","item":null,
            "error":{"kind":"EOFError","code":null,"message":"","definite":true}}}"#
    )]
    #[case::an_ask(r#"{"ask":{"run":1,"process":0,"what":{"await":{"done":[3]}}}}"#)]
    #[case::an_exit(r#"{"exited":{"run":1,"process":0,"exit":"unseen"}}"#)]
    fn optional_fields_may_be_left_out(#[case] line: &str) {
        FromAdapter::parse(line.as_bytes()).unwrap();
    }

    #[rstest]
    #[case::no_json("Hello!", "wrote a line that isn't a message, \"Hello!\"")]
    #[case::unknown(r#"{"hello":{}}"#, "unknown variant `hello`")]
    #[case::misspelt(r#"{"done":{"run":1,"rnu":1}}"#, "unknown field `rnu`")]
    #[case::no_hex(
        r#"{"output":{"run":1,"process":0,"stream":"stdout","bytes":"0"}}"#,
        "pairs of hexadecimal digits"
    )]
    #[case::harness_word(
        r#"{"exited":{"run":1,"process":0,"exit":"killed"}}"#,
        "unknown variant `killed`"
    )]
    fn a_line_that_is_not_a_message_is_a_breach(#[case] line: &str, #[case] expected: &str) {
        let breach = FromAdapter::parse(line.as_bytes()).unwrap_err().to_string();
        assert!(breach.contains(expected), "{breach}");
    }

    #[test]
    fn long_texts_are_cut() {
        let why = "x".repeat(10_000);
        let line = format!(r#"{{"refused":{{"why":"{why}"}}}}"#);
        let FromAdapter::Refused { why } = FromAdapter::parse(line.as_bytes()).unwrap() else {
            panic!("it refuses");
        };
        assert!(why.len() < 5000 && why.ends_with("… (cut; it has 10000 bytes)"));
    }

    #[test]
    fn only_the_beginning_of_a_long_line_is_quoted() {
        let breach = FromAdapter::parse(&[b'x'; 10_000]).unwrap_err();
        assert!(breach.to_string().len() < 200, "{breach}");
    }
}
