//! Parts of messages.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use crate::backend::with_schema;
use crate::history::Exit;
use crate::plan::{Event, ProcessIndex, Signal, hex};

/// The number of a run. No two runs of one adapter process have the same.
pub type RunNumber = u64;

/// What a process waits for.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// This event.
    Await(Event),
    /// All processes of the barrier with this name have reached it.
    Barrier(String),
    /// The harness has killed these processes, and they are gone.
    Kill(Vec<ProcessIndex>),
    /// The harness has ended these processes by SIGTERM.
    Terminate(Vec<ProcessIndex>),
    /// The harness has stopped these processes.
    Pause(Vec<ProcessIndex>),
    /// The harness has resumed these processes.
    Resume(Vec<ProcessIndex>),
    /// The harness has sent a signal to these processes.
    Signal {
        /// The processes.
        processes: Vec<ProcessIndex>,
        /// The signal.
        signal: Signal,
    },
}

/// Where a process writes its output.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputStream {
    /// Its standard output.
    Stdout,
    /// Its standard error.
    Stderr,
}

/// How a process exited, according to the process that waited for it.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exited {
    /// It exited with this code.
    Code(i32),
    /// This signal killed it.
    Signal(i32),
    /// The adapter couldn't see how.
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

/// Bytes, as two hexadecimal digits each.
#[apply(with_schema)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(test, schemars(with = "String"))]
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
