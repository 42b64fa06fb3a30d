//! What the harness and the processes of a run say to each other over a [`crate::os::link`].

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::backend::{End, Handle, Key, Parcel};
use crate::history::Exit;
use crate::os::link::Frame;
use crate::plan::item::hex;
use crate::plan::{Event, ProcessIndex, StepId};

/// From the harness to a process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The first: everything that the process needs. Handles: the log, the plan's file, standard
    /// output and error, then those of `ends`, then link, standard output and standard error of
    /// each child.
    Give(Give),
    /// To a helper process: its parcel, and which backend's it is. The first of its handles is its
    /// lease, which it has as long as it lives.
    Help {
        /// Whose helper it is.
        backend: Key,
        /// What it needs.
        parcel: ParcelNote,
    },
    /// Ends of channels that another process opened; with their handles.
    Ends(Vec<EndNote>),
    /// What a thread of the process asked for has happened.
    Happened {
        /// Which asked.
        thread: u16,
    },
    /// What a thread of the process asked for can't happen any more.
    Impossible {
        /// Which asked.
        thread: u16,
    },
}

/// Everything that a process needs; the plan itself comes as a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Give {
    /// The executable that processes started by this one execute.
    pub program: PathBuf,
    /// Which process of the plan this is.
    pub process: ProcessIndex,
    /// What every channel is an instance of; none for a case without channels.
    pub backend: Key,
    /// A folder of the run's own, for names and files.
    pub folder: PathBuf,
    /// Its ends' parcels, but for those of channels that a process opens.
    pub ends: Vec<EndNote>,
    /// The processes that it may start.
    pub children: Vec<ProcessIndex>,
}

/// An end that comes with a frame.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndNote {
    /// Which end.
    pub end: End,
    /// Its parcel.
    pub parcel: ParcelNote,
}

/// A parcel without its handles, which come with the frame.
#[derive(Debug, Serialize, Deserialize)]
pub struct ParcelNote {
    data: String,
    handles: usize,
}

impl ParcelNote {
    /// Notes a parcel, and leaves its handles to the frame.
    pub fn of(parcel: Parcel, handles: &mut Vec<Handle>) -> ParcelNote {
        let note = ParcelNote {
            data: hex::encode(&parcel.data),
            handles: parcel.handles.len(),
        };
        handles.extend(parcel.handles);
        note
    }

    /// The parcel again, its handles taken from what came with the frame.
    ///
    /// # Errors
    /// Where the note isn't one, or handles are missing.
    pub fn parcel(&self, handles: &mut impl Iterator<Item = Handle>) -> std::io::Result<Parcel> {
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

/// From a process to the harness: a [`Word`], and which of its threads says it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Said<W> {
    /// 0 outside `threads`; what is asked is answered to this one.
    pub thread: u16,
    /// What it says.
    pub word: W,
}

impl<W> Said<W> {
    /// Said by a process as a whole.
    pub fn by_process(word: W) -> Said<W> {
        Said { thread: 0, word }
    }
}

/// What a process has to say.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// A process that another one started lives.
    Alive {
        /// Its number in the operating system.
        pid: u32,
    },
    /// A watched step starts its first operation.
    Started(StepId),
    /// A watched step is done.
    Done(StepId),
    /// To be told when this has happened.
    Ask(Event),
    /// To be told when all processes with this barrier have come to it.
    Barrier(String),
    /// Kill these processes, and say when they are gone.
    Kill(Vec<ProcessIndex>),
    /// Stop these processes, and say when they are stopped.
    Pause(Vec<ProcessIndex>),
    /// Have these stopped processes go on.
    Resume(Vec<ProcessIndex>),
    /// The operation has begun inside which the plan's fault is to come.
    Exposed,
    /// The plan's fault is due: stop this process, have it go on when nothing else moves any more,
    /// and say so.
    Due,
    /// A process was started by this one.
    Spawned {
        /// Which.
        process: ProcessIndex,
        /// Its number in the operating system.
        pid: u32,
    },
    /// A process that was started by this one has exited.
    Exited {
        /// Which.
        process: ProcessIndex,
        /// How.
        exit: Exit,
    },
    /// Ends of a channel that this process opened, for others; with their handles.
    Deposit(Vec<Deposit>),
    /// The process can't do what it was told, and exits: not the library's fault, or the
    /// library's before any operation.
    Trouble(String),
}

/// An end on its way from the process that opened the channel to the one that is given it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deposit {
    /// For which process.
    pub process: ProcessIndex,
    /// The end.
    pub end: EndNote,
}

/// A message in a frame.
pub fn frame(message: &impl Serialize, handles: Vec<Handle>) -> Frame {
    let body = serde_json::to_vec(message).expect("messages have string keys and no failing parts");
    Frame { body, handles }
}

/// The message of a frame.
///
/// # Errors
/// Where it isn't one.
pub fn message<'a, T: Deserialize<'a>>(body: &'a [u8]) -> std::io::Result<T> {
    serde_json::from_slice(body).map_err(std::io::Error::from)
}
