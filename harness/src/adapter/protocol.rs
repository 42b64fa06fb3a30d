//! The adapter protocol: what the harness and an adapter, a program in any language that hosts
//! backends, say to each other.
//!
//! Each message is a line of JSON: an object with one key, the message's name. The harness writes to
//! the adapter's standard input and reads its standard output. Everything else that a run needs is in
//! its [`Plan`]; what the case expects of it is never sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::backend::{Capabilities, Capability, Key};
use crate::history::Exit;
use crate::plan::item::hex;
use crate::plan::{Event, Plan, ProcessIndex, StepId};

pub mod account;
mod breach;
mod operation;
pub mod schema;

pub use breach::Breach;
pub use operation::{Began, Returned, ReturnedError};

/// The version of the protocol; an adapter that knows another one refuses.
pub const VERSION: &str = "0.9";

/// The longest line of either direction in bytes, without its line break.
pub const LONGEST_LINE: usize = 64 << 20;

/// The number of a run; no two runs of one adapter process have the same.
pub type RunNumber = u64;

/// What the harness says to an adapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ToAdapter {
    /// First. Answered by `ready` or `refused`.
    Start {
        /// The protocol's version.
        version: String,
    },
    /// Create the channels, start the processes that no other one starts, and let all of them do
    /// their steps. The next run comes when this one is `done`.
    Run {
        /// The run's number.
        run: RunNumber,
        /// On which of the adapter's backends.
        backend: Key,
        /// What its processes do.
        plan: Plan,
    },
    /// What a process asked for has happened, or can't happen any more.
    Answer {
        /// In which run.
        run: RunNumber,
        /// To which process.
        process: ProcessIndex,
        /// To which of its threads.
        thread: u16,
        /// Whether it has happened; else it can't any more.
        happened: bool,
    },
    /// The run is over: kill what is left of its processes, then say `done`.
    End {
        /// Which run.
        run: RunNumber,
    },
    /// Last: exit with code 0. The end of standard input means the same.
    Stop {},
}

/// What an adapter says to the harness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FromAdapter {
    /// What it is and has; the answer to `start`.
    Ready {
        /// The protocol's version.
        version: String,
        /// The adapter's name.
        name: String,
        /// One line for people: which language and libraries, in which versions.
        about: String,
        /// What it hosts.
        backends: Vec<Hosted>,
    },
    /// It can't work with this harness, or not on this machine; it exits then.
    Refused {
        /// Why, and what to do about it.
        why: String,
    },
    /// A process lives; the first that is said of it.
    Alive {
        /// In which run.
        run: RunNumber,
        /// Which process.
        process: ProcessIndex,
        /// Its number in the operating system. It stays in the adapter's process group.
        pid: u32,
    },
    /// An operation is about to be called.
    Began(Began),
    /// An operation has returned.
    Returned(Returned),
    /// A watched step is done, and so are all its operations.
    StepDone {
        /// In which run.
        run: RunNumber,
        /// In which process.
        process: ProcessIndex,
        /// Which step.
        step: StepId,
    },
    /// A process waits for something that the harness decides or does, in an operation that began.
    Ask {
        /// In which run.
        run: RunNumber,
        /// Which process.
        process: ProcessIndex,
        /// Which of its threads.
        #[serde(default)]
        thread: u16,
        /// For what.
        what: Ask,
    },
    /// A process wrote something.
    Output {
        /// In which run.
        run: RunNumber,
        /// Which process.
        process: ProcessIndex,
        /// Where to.
        stream: Stream,
        /// What: two hexadecimal digits a byte.
        bytes: Bytes,
    },
    /// A process is no more, and all that it did has been told; how it exited isn't known yet.
    Gone {
        /// In which run.
        run: RunNumber,
        /// Which process.
        process: ProcessIndex,
    },
    /// A process has exited, and all that it did has been told.
    Exited {
        /// In which run.
        run: RunNumber,
        /// Which process.
        process: ProcessIndex,
        /// How.
        exit: Exited,
    },
    /// All processes of the run are gone, and all that they did has been told.
    Done {
        /// Which run.
        run: RunNumber,
    },
    /// The backend or the adapter can't do this plan. Nothing else of the run is said but `done`.
    Unsupported {
        /// Which run.
        run: RunNumber,
        /// What it can't do.
        why: String,
    },
    /// The adapter itself went wrong in this run; `done` follows.
    Failed {
        /// Which run.
        run: RunNumber,
        /// What went wrong.
        why: String,
    },
    /// A line was no message, or an unknown one; the adapter goes on.
    Error {
        /// What was wrong with it.
        why: String,
    },
}

/// A backend that an adapter hosts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hosted {
    /// What it implements.
    pub kind: crate::backend::Kind,
    /// Its name among those of its kind, as in `cpython-fork/Queue`.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// What it can do on this system.
    pub capabilities: Declared,
}

impl Hosted {
    /// Its key.
    pub fn key(&self) -> Key {
        Key::new(self.kind, self.name.clone())
    }
}

/// What a backend declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Declared {
    /// What the library itself offers.
    pub native: Vec<Capability>,
    /// What the adapter adds to it.
    pub composed: Vec<Capability>,
    /// The longest message in bytes; none where there is no limit.
    pub largest_message: Option<u64>,
    /// The largest capacity that a channel may have; none where there is no limit.
    pub largest_capacity: Option<u64>,
}

impl From<Declared> for Capabilities {
    /// What is declared both ways counts as the adapter's.
    fn from(declared: Declared) -> Capabilities {
        let mut capabilities = Capabilities::new()
            .native(declared.native)
            .composed(declared.composed);
        capabilities.largest_message = declared.largest_message;
        capabilities.largest_capacity = declared.largest_capacity;
        capabilities
    }
}

/// What a process waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// That this happens.
    Await(Event),
    /// That everyone has come to the barrier with this name.
    Barrier(String),
    /// That these processes are killed, and gone.
    Kill(Vec<ProcessIndex>),
    /// That these processes are stopped.
    Pause(Vec<ProcessIndex>),
    /// That these processes go on.
    Resume(Vec<ProcessIndex>),
}

/// Where a process wrote something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    /// To its standard output.
    Stdout,
    /// To its standard error.
    Stderr,
}

/// How a process exited, as far as whoever waited for it could see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Exited {
    /// With this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// Nobody could see how.
    Unseen,
}

impl From<Exited> for Exit {
    fn from(exited: Exited) -> Exit {
        match exited {
            Exited::Code(code) => Exit::Code(code),
            Exited::Signal(signal) => Exit::Signal(signal),
            Exited::Unseen => Exit::Unseen,
        }
    }
}

/// Bytes, two hexadecimal digits each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Bytes(pub Vec<u8>);

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> String {
        hex::encode(&bytes.0)
    }
}

impl TryFrom<String> for Bytes {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Bytes, Self::Error> {
        hex::decode(&text)
            .map(Bytes)
            .ok_or("expected pairs of hexadecimal digits")
    }
}

impl FromAdapter {
    /// The message that a line is.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(line: &[u8]) -> Result<FromAdapter, Breach> {
        serde_json::from_slice(line).map_err(|error| {
            let start = quoted(line);
            Breach::new(format_args!(
                "wrote a line that is no message, {start}: {error}"
            ))
        })
    }

    /// Its name.
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

/// The beginning of a line, for people.
fn quoted(line: &[u8]) -> String {
    const SHOWN: usize = 60;
    let text = String::from_utf8_lossy(&line[..line.len().min(4 * SHOWN)]);
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

impl ToAdapter {
    /// The line that it is, with its line break.
    pub fn line(&self) -> Vec<u8> {
        let mut line =
            serde_json::to_vec(self).expect("its keys are strings, and nothing else fails");
        line.push(b'\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::start(ToAdapter::Start { version: "0.9".to_owned() }, r#"{"start":{"version":"0.9"}}"#)]
    #[case::end(ToAdapter::End { run: 7 }, r#"{"end":{"run":7}}"#)]
    #[case::stop(ToAdapter::Stop {}, r#"{"stop":{}}"#)]
    fn a_message_is_a_line(#[case] message: ToAdapter, #[case] line: &str) {
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
    fn what_may_be_left_out_is(#[case] line: &str) {
        FromAdapter::parse(line.as_bytes()).unwrap();
    }

    #[rstest]
    #[case::no_json("Hello!", "wrote a line that is no message, \"Hello!\"")]
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
    fn what_is_no_message_is_told(#[case] line: &str, #[case] expected: &str) {
        let breach = FromAdapter::parse(line.as_bytes()).unwrap_err().to_string();
        assert!(breach.contains(expected), "{breach}");
    }

    #[test]
    fn only_the_beginning_of_a_long_line_is_quoted() {
        let breach = FromAdapter::parse(&[b'x'; 10_000]).unwrap_err();
        assert!(breach.to_string().len() < 200, "{breach}");
    }

    #[test]
    fn what_is_both_native_and_composed_is_composed() {
        let declared = Declared {
            native: vec![Capability::Poll],
            composed: vec![Capability::Poll],
            ..Declared::default()
        };
        let support = Capabilities::from(declared).support(Capability::Poll);
        assert_eq!(support, Some(crate::backend::Support::Composed));
    }
}
