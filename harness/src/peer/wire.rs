//! The messages between the harness and the processes of a run, over a [`crate::os::link`].

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::backend::{Handle, Key, Parcel};
use crate::history::Exit;
use crate::os::link::Frame;
use crate::plan::{End, Event, Plan, ProcessIndex, Signal, StepId, hex};

/// A message from the harness to a process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ToPeer {
    /// The first message to a process of the plan. Its handles are the log, the plan's file, those of
    /// `ends`, then the link, the standard output and the standard error of each child.
    Give(Give),
    /// The second message: from now on, only the processes hold their ends.
    Begin,
    /// The only message to a helper process. Its first handle is the lease, which the helper keeps
    /// open until it exits; the parcel's handles follow.
    Help {
        /// The backend that the helper belongs to.
        backend: Key,
        /// What the backend gives to its helper.
        parcel: ParcelNote,
    },
    /// Ends of channels that another process opened, with their handles.
    Ends(Vec<EndNote>),
    /// The event that a thread requested has happened.
    Happened {
        /// The thread that requested it.
        thread: u16,
    },
    /// The event that a thread requested can't happen any more.
    Impossible {
        /// The thread that requested it.
        thread: u16,
    },
}

/// Everything that a process needs, except the plan, which comes as a file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Give {
    /// The process's number in the plan.
    pub process: ProcessIndex,
    /// The backend of all channels.
    pub backend: Key,
    /// The run's folder, for names and files.
    pub folder: PathBuf,
    /// The parcels of the process's ends, except those of channels that a process opens.
    pub ends: Vec<EndNote>,
    /// The processes that this one may start.
    pub children: Vec<ProcessIndex>,
}

/// An end that a frame carries.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EndNote {
    /// The end.
    pub end: End,
    /// The parcel to attach with.
    pub parcel: ParcelNote,
}

/// A parcel whose handles are in the frame.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ParcelNote {
    data: String,
    handles: usize,
}

impl ParcelNote {
    /// Describes a parcel, and moves its handles to those of the frame.
    pub(crate) fn of(parcel: Parcel, handles: &mut Vec<Handle>) -> ParcelNote {
        let note = ParcelNote {
            data: hex::encode(&parcel.data),
            handles: parcel.handles.len(),
        };
        handles.extend(parcel.handles);
        note
    }

    /// Rebuilds the parcel with the next handles of the frame.
    ///
    /// # Errors
    /// If the data isn't valid, or handles are missing.
    pub(crate) fn parcel(
        &self,
        handles: &mut impl Iterator<Item = Handle>,
    ) -> std::io::Result<Parcel> {
        let data = hex::decode(&self.data).ok_or(std::io::ErrorKind::InvalidData)?;
        let handles: Vec<Handle> = handles.take(self.handles).collect();
        if handles.len() < self.handles {
            return Err(std::io::Error::other(
                "a parcel's handles didn't come with it",
            ));
        }
        Ok(Parcel { data, handles })
    }
}

/// A [`FromPeer`] with the thread that sends it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FromThread<W> {
    /// The thread, which receives the reply; 0 outside `threads` steps.
    pub thread: u16,
    /// The message.
    pub word: W,
}

impl<W> FromThread<W> {
    /// A message from a process's first thread.
    pub(crate) fn by_process(word: W) -> FromThread<W> {
        FromThread { thread: 0, word }
    }
}

/// A message from a process to the harness.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FromPeer {
    /// This process, which another process of the plan started, is running.
    Alive {
        /// Its process id.
        pid: u32,
    },
    /// This process handles from now on the signals that steps send to it.
    HandlesSignals,
    /// A watched step has begun its first operation.
    Started(StepId),
    /// A watched step is done.
    Done(StepId),
    /// Reply when this event has happened.
    Ask(Event),
    /// Reply when all processes of this barrier have reached it.
    Barrier(String),
    /// Kill these processes, and reply when they are gone.
    Kill(Vec<ProcessIndex>),
    /// End these processes by SIGTERM, and reply when they are gone.
    Terminate(Vec<ProcessIndex>),
    /// Stop these processes, and reply when they are stopped.
    Pause(Vec<ProcessIndex>),
    /// Resume these stopped processes, and reply.
    Resume(Vec<ProcessIndex>),
    /// Send this signal to these processes, and reply.
    Signal(Vec<ProcessIndex>, Signal),
    /// The operation has begun during which the plan's fault is due.
    Exposed,
    /// The plan's fault is due now: stop this process, resume it when nothing else makes progress any
    /// more, and reply.
    Due,
    /// This process has started another one. Reply when a spawned one has begun, or is gone.
    Spawned {
        /// The started process.
        process: ProcessIndex,
        /// Its process id.
        pid: u32,
    },
    /// A process that this one started has exited.
    Exited {
        /// The process that has exited.
        process: ProcessIndex,
        /// How it exited.
        exit: Exit,
    },
    /// Ends of a channel that this process opened, with their handles, for other processes.
    Deposit(Vec<Deposit>),
    /// The backend can't attach to an end of this process, which exits.
    Refused(String),
    /// This process can't do its task, and exits. The cause isn't the library.
    Trouble(String),
    /// This process can't do its task, and exits, because the machine ran out of something. This says
    /// what, and what to do.
    Lacks(String),
}

/// An end that is sent from the process that opened the channel to another process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deposit {
    /// The process that is given the end.
    pub process: ProcessIndex,
    /// The end.
    pub end: EndNote,
}

/// Encodes a message into a frame.
pub(crate) fn frame(message: &impl Serialize, handles: Vec<Handle>) -> Frame {
    let body = serde_json::to_vec(message).expect("messages have string keys and no failing parts");
    Frame { body, handles }
}

/// Decodes a plan. Its values may be nested deeper than serde_json reads by default, and no deeper than
/// the case language allows.
///
/// # Errors
/// If it isn't a plan.
pub(crate) fn plan(body: &[u8]) -> std::io::Result<Plan> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    reader.disable_recursion_limit();
    let plan = Plan::deserialize(&mut reader)?;
    reader.end()?;
    Ok(plan)
}

/// Decodes the message of a frame.
///
/// # Errors
/// If it isn't a message of this type.
pub(crate) fn message<'a, T: Deserialize<'a>>(body: &'a [u8]) -> std::io::Result<T> {
    serde_json::from_slice(body).map_err(std::io::Error::from)
}

#[cfg(test)]
mod tests {
    use crate::plan::{Item, Permutation};

    /// The plan of a case with an item that is nested this deep, inside steps that are nested eight deep.
    fn nested(depth: usize) -> Permutation {
        let item = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let head = "title = \"x\"\nclauses = [\"a\"]\n[channels.q]\nkind = \"queue\"\n[vars]\n";
        let repeat = "{ repeat = { count = 1, steps = [".repeat(7);
        let steps = format!(
            "{repeat} {{ set = {{ x = {item} }} }} {}",
            "] } }".repeat(7)
        );
        let text = format!("{head}x = 0\n[processes.p]\nsteps = [{steps}]\n");
        let case = crate::case::parse(&text).expect("valid TOML");
        let permutations = crate::case::expand::permutations("area/case", &case);
        permutations.expect("a valid case").remove(0)
    }

    #[test]
    fn the_deepest_plan_is_read_as_it_was_written() {
        let plan = nested(40).plan;
        let body = serde_json::to_vec(&plan).unwrap();
        assert_eq!(super::plan(&body).unwrap(), plan);
    }

    #[test]
    fn the_deepest_item_is_read_as_it_was_written() {
        let mut plan = nested(1).plan;
        let deepest = (0..64).fold(Item::None, |item, _| Item::List(vec![item]));
        plan.processes[0].vars.insert("x".to_owned(), deepest);
        let body = serde_json::to_vec(&plan).unwrap();
        assert_eq!(super::plan(&body).unwrap(), plan);
    }
}
