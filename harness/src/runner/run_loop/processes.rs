//! What the loop needs from the processes of a run: what they report, and what can be done to them.

use std::borrow::Cow;
use std::io;
use std::time::Instant;

use super::coordination::{EventReply, WaitingThread};
use crate::adapter::protocol::Ask;
use crate::history::{Ending, Operation};
use crate::os::supervisor::Member;
use crate::plan::{ProcessIndex, StepId};

/// The processes of one run. Numbers of processes are those of the plan.
pub(in crate::runner) trait Processes {
    /// Why the run fails. An error of the system is the machine's, not the adapter's.
    type Error: From<io::Error>;

    /// What the processes had done when the harness decided to end the run.
    type Snapshot;

    /// Waits until messages arrive, and until this moment at most; [`Self::next_notice`] then returns
    /// what they say. Returns whether the messages themselves show that the run moves.
    fn wait(&mut self, until: Instant) -> Result<bool, Self::Error>;

    /// Returns the next notice of the messages that the last wait brought. Doesn't block.
    fn next_notice(&mut self) -> Result<Option<Notice>, Self::Error>;

    /// Replies to a thread that waits.
    fn reply(&mut self, to: WaitingThread, reply: EventReply);

    /// Returns whether nothing more can happen in this run.
    fn is_over(&self) -> bool;

    /// Returns whether a process has exited, or will never be started.
    fn is_gone(&self, process: ProcessIndex) -> bool;

    /// Returns the process id of a process that is alive.
    fn pid(&self, process: ProcessIndex) -> Option<u32>;

    /// Returns a process to which the harness may send signals: one that is alive, not one that has exited
    /// and whose exit isn't known yet.
    fn signalled(&self, process: ProcessIndex) -> Option<Member>;

    /// Returns whether the process handles the signals that steps send to it. Before, they would end it.
    fn handles_signals(&self, process: ProcessIndex) -> bool;

    /// Returns whether the process is a child of the harness itself.
    fn is_child(&self, process: ProcessIndex) -> bool;

    /// Reads what a process has done since the last call. Returns whether that is anything.
    fn refresh(&mut self, process: ProcessIndex) -> Result<bool, Self::Error>;

    /// Returns the operations in which a process was at the last [`Self::refresh`].
    fn pending(&self, process: ProcessIndex) -> impl Iterator<Item = &Operation>;

    /// Returns all operations of a process up to now.
    fn operations(&self, process: ProcessIndex) -> Result<Cow<'_, [Operation]>, Self::Error>;

    /// Returns the process ids of other processes that the run needs: helpers of its backend, or its
    /// adapter.
    fn others(&self) -> Vec<u32>;

    /// Returns whether the adapter that starts the processes, or what serves it, uses a processor, or waits
    /// for one.
    fn is_adapter_busy(&self) -> bool {
        false
    }

    /// Returns whether a process is being started and isn't known to be alive yet.
    fn is_one_starting(&self) -> bool {
        false
    }

    /// Returns whether any process is busy that may be starting one of the plan, as a fork server
    /// does. Asked only while [`Self::is_one_starting`].
    fn is_starter_busy(&self) -> bool {
        false
    }

    /// Records what the processes have done up to now, because the run is about to be ended.
    fn snapshot(&mut self) -> Result<Self::Snapshot, Self::Error>;

    /// Begins to end the run. [`Self::wait_for_end`] waits until it is over.
    fn end(&mut self, ending: Ending, snapshot: Self::Snapshot) -> Result<(), Self::Error>;

    /// Waits until messages arrive after [`Self::end`].
    ///
    /// # Errors
    /// The end takes too long.
    fn wait_for_end(&mut self) -> Result<(), Self::Error>;
}

/// Something in a run that the loop has to know.
#[derive(Debug)]
pub(in crate::runner) enum Notice {
    /// Every process is alive that no other process of the plan starts.
    AllStarted,
    /// A process is gone.
    Gone(ProcessIndex),
    /// An operation of this step has begun.
    StepStarted(StepId),
    /// A watched step is done.
    StepDone(StepId),
    /// The operation has begun inside which the plan's fault is to happen.
    FaultExposed,
    /// The plan's fault is due: this process asks to be stopped, and waits for a reply when it
    /// continues.
    FaultDue(ProcessIndex),
    /// A thread asks for something, and waits for the reply.
    Asked {
        /// The thread.
        by: WaitingThread,
        /// What it asks for.
        what: Ask,
    },
}
