//! A thread of a peer: its state, and its messages to the harness.
//!
//! The other files of this room add the steps that a thread can do.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::Arc;

use super::bindings::Bindings;
use super::delays::Delays;
use super::fault_trigger::FaultTrigger;
use super::log_and_link::LogAndLink;
use super::resources::ProcessResources;
use super::trouble::{LACKS, TROUBLE, print_error};
use crate::backend::{Attached, Backend, Failure, Handle};
use crate::os::shortage::Shortage;
use crate::peer::wire::{FromPeer, FromThread};
use crate::plan::{End, Plan, ProcessIndex, StepId};

/// A thread that runs steps: the first one of a process, or one of a `threads` step.
pub(super) struct Thread<'p> {
    pub(super) log_and_link: LogAndLink<'p>,
    /// Where `print` steps write. The standard output itself may become a channel's end.
    pub(super) stdout: Arc<File>,
    pub(super) plan: Arc<Plan>,
    pub(super) me: ProcessIndex,
    /// 0 for the first thread, otherwise counted from 1.
    pub(super) number: u16,
    pub(super) backend: Arc<dyn Backend>,
    pub(super) ends: BTreeMap<End, Attached>,
    pub(super) bindings: Bindings,
    pub(super) delays: Delays,
    /// The message that the last get received.
    pub(super) buffer: Vec<u8>,
    pub(super) fault_trigger: FaultTrigger,
    /// The watched step whose first operation isn't reported yet.
    pub(super) unannounced: Option<StepId>,
    /// `None` for the threads of a `threads` step.
    pub(super) resources: Option<ProcessResources>,
}

/// Why a thread stops running steps.
pub(super) enum Halt {
    /// A step exits with this code.
    Exit(i32),
    /// A step can't be done, and the cause isn't the library.
    Trouble(String),
    /// The backend failed outside any operation.
    Refused(String),
    /// A step can't be done, because the machine ran out of something.
    Lacks(String),
}

impl Halt {
    /// Returns the halt for an error whose number, if it has one, is `code`.
    pub(super) fn of(why: String, code: Option<i32>) -> Halt {
        match code.and_then(Shortage::of_start) {
            None => Halt::Trouble(why),
            Some(shortage) => Halt::Lacks(shortage.sentence(why)),
        }
    }

    /// Returns the exit code. Prints trouble to the standard error, and reports it by `tell`.
    pub(super) fn code(self, tell: impl FnOnce(FromPeer)) -> i32 {
        let (why, word, code): (String, fn(String) -> FromPeer, i32) = match self {
            Halt::Exit(code) => return code,
            Halt::Trouble(why) => (why, FromPeer::Trouble, TROUBLE),
            Halt::Refused(why) => (why, FromPeer::Refused, TROUBLE),
            Halt::Lacks(why) => (why, FromPeer::Lacks, LACKS),
        };
        print_error(&why);
        tell(word(why));
        code
    }
}

/// The library failed before the first operation, or its failure isn't an operation's.
impl From<(&str, Failure)> for Halt {
    fn from((what, failure): (&str, Failure)) -> Halt {
        let code = failure.raw.and_then(|raw| raw.code);
        match Halt::of(failure.said_at(what), code) {
            Halt::Trouble(why) => Halt::Refused(why),
            halt => halt,
        }
    }
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Halt {
        Halt::of(error.to_string(), error.raw_os_error())
    }
}

impl From<String> for Halt {
    fn from(why: String) -> Halt {
        Halt::Trouble(why)
    }
}

pub(super) type StepResult<T = ()> = Result<T, Halt>;

impl Thread<'_> {
    /// Returns the resources of the process.
    pub(super) fn resources(&mut self) -> io::Result<&mut ProcessResources> {
        let first = || io::Error::other("only the first thread of a process can do this");
        self.resources.as_mut().ok_or_else(first)
    }

    /// Returns the exit code for a halt. Reports trouble to the harness and on the standard error.
    pub(super) fn code_of(&mut self, halt: Halt) -> i32 {
        halt.code(|word| {
            // This fails only if the harness is gone.
            let _ = self.tell(&word);
        })
    }

    /// Sends a request to the harness, and waits for the reply.
    pub(super) fn tell_and_wait(&mut self, word: &FromPeer) -> Result<(), Failure> {
        self.tell(word)?;
        self.wait_for_answer()
    }

    /// Waits for the reply to this thread's request.
    pub(super) fn wait_for_answer(&mut self) -> Result<(), Failure> {
        self.log_and_link.wait_for_answer(self.number)
    }

    /// Sends a message to the harness.
    pub(super) fn tell(&mut self, word: &FromPeer) -> io::Result<()> {
        self.tell_with(word, Vec::new())
    }

    /// Sends a message with handles to the harness.
    pub(super) fn tell_with(&mut self, word: &FromPeer, handles: Vec<Handle>) -> io::Result<()> {
        let thread = self.number;
        self.log_and_link
            .tell(&FromThread { thread, word }, handles)
    }
}
