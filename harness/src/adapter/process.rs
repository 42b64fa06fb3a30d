//! A running adapter: its process, and the messages to and from it.

mod descendants;

use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError};
use std::time::{Duration, Instant};

use super::command::Adapter;
use super::introduction::{AdapterIntroduction, Unusable};
use super::lines::{self, LineRead};
use super::tail::Tail;
use crate::adapter::protocol::{Breach, FromAdapter, LONGEST_LINE, MOST_OUTPUT, ToAdapter};
use crate::history::Exit;
use crate::os::mark::Mark;
use crate::os::patience::{self, Patience, PatienceLeft};
use crate::os::service_thread::ServiceThread;
use crate::os::spawn_lock::Births;
use crate::os::supervisor::{self, ProcessGroup, ROLE, Running};

/// How long an adapter may take for something that it can do at once: to answer `start`, to end a run.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The environment variable with the folder for temporary files.
const TEMPORARY: &str = if cfg!(windows) { "TEMP" } else { "TMPDIR" };

/// How many received messages may wait until the harness uses them. Then the adapter's writes block.
const AHEAD: usize = 1024;

/// How long an adapter that has closed its output may take to exit.
const EXITING: Duration = Duration::from_secs(1);

/// A running adapter. Dropping it kills the adapter and all its descendants.
#[derive(Debug)]
pub struct AdapterProcess {
    running: Running,
    /// Only this adapter and the processes that descend from it have the mark.
    mark: Mark,
    /// The lines for the thread that writes; `None` once standard input is to be closed.
    to: Option<Sender<Vec<u8>>>,
    from: Receiver<AdapterOutput>,
    /// How many bytes the adapter has written since its last run began.
    written: Arc<AtomicUsize>,
    /// The threads that write to it and read from it.
    threads: Vec<ServiceThread>,
    stderr: Tail,
    /// Closes at the end of the adapter's standard error.
    stderr_ends: Receiver<()>,
    /// Since when it has been stopped, if it is.
    stopped: Option<Instant>,
    is_reaped: bool,
    /// The version of the protocol that it is spoken to in.
    version: &'static str,
}

/// The next output of an adapter.
#[derive(Clone, Debug, PartialEq)]
pub enum AdapterOutput {
    /// A message.
    Message(FromAdapter),
    /// Something that isn't a message. The harness reads nothing after it.
    Nonsense(Breach),
    /// The end of the output.
    End,
}

impl AdapterProcess {
    /// Starts an adapter. Doesn't send anything to it yet. `temporary` is its folder for temporary files,
    /// if that isn't the usual one. It is to speak this version of the protocol.
    ///
    /// # Errors
    /// If its program doesn't exist or can't be started.
    pub(crate) fn start(
        adapter: &Adapter,
        temporary: Option<&Path>,
        mark: Mark,
        version: &'static str,
    ) -> Result<AdapterProcess, Unusable> {
        let [program, arguments @ ..] = adapter.words.as_slice() else {
            return Err(Unusable::Absent("the adapter has no command".to_owned()));
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_remove(ROLE)
            .envs(temporary.map(|folder| (TEMPORARY, folder)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        mark.put_on_at_birth(&mut command);
        let births = Births::begin();
        let mut running =
            supervisor::lead(command).map_err(|error| Unusable::cant_start(program, &error))?;
        let (Some(stdin), Some(stdout), Some(stderr)) = running.pipes() else {
            unreachable!("all three are piped");
        };
        let (to, lines) = mpsc::channel();
        let (heard, from) = mpsc::sync_channel(AHEAD);
        let written = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&written);
        let stderr_tail = Tail::default();
        let following = stderr_tail.clone();
        let (holds, stderr_ends) = mpsc::channel();
        let mut process = AdapterProcess {
            running,
            mark,
            to: Some(to),
            from,
            written: Arc::clone(&written),
            threads: Vec::new(),
            stderr: stderr_tail,
            stderr_ends,
            stopped: None,
            is_reaped: false,
            version,
        };
        // Each thread ends with its pipe, and is never joined. If one can't be started, the process is
        // killed, which ends the others.
        let begun = || -> io::Result<Vec<ServiceThread>> {
            let writing = ServiceThread::begin(move || write(stdin, &lines))?;
            let reading = ServiceThread::begin(move || read(stdout, &heard, births, &counted))?;
            ServiceThread::begin(move || {
                following.follow(stderr);
                drop::<Sender<()>>(holds);
            })?;
            Ok(vec![writing, reading])
        };
        process.threads = begun().map_err(|error| Unusable::cant_start(program, &error))?;
        Ok(process)
    }

    /// Sends `start` and waits for the answer.
    ///
    /// # Errors
    /// If the adapter refuses, or its answer violates the protocol.
    pub fn introduce(&mut self, adapter: &Adapter) -> Result<AdapterIntroduction, Unusable> {
        let ours = self.version;
        let version = ours.to_owned();
        self.say(&ToAdapter::Start { version });
        match self.answer("`start`")? {
            FromAdapter::Ready { version, .. } if version != ours => {
                let what = format!("speaks version {version:?} of the protocol, not {ours:?}");
                Err(Breach::new(what).into())
            }
            FromAdapter::Ready {
                about,
                runtime,
                backends,
                ..
            } => {
                adapter.check(&backends)?;
                Ok(AdapterIntroduction {
                    about,
                    runtime,
                    backends,
                })
            }
            FromAdapter::Refused { why } => Err(Unusable::Absent(format!(
                "{why}; so the adapter refuses to start"
            ))),
            other => {
                let what = format!("answered `start` with `{}`", other.name());
                Err(Breach::new(what).into())
            }
        }
    }

    /// Waits for the answer to the message that was just sent, for at most [`PATIENCE`].
    ///
    /// # Errors
    /// If no message arrives in time.
    pub fn answer(&mut self, to: &str) -> Result<FromAdapter, Breach> {
        let what = format!("did not answer {to} within {} s", PATIENCE.as_secs());
        // The command may be a script that starts the adapter.
        let mut patience = Patience::start(PATIENCE, self.group().members());
        loop {
            match self.hear(patience.next_look()) {
                Some(AdapterOutput::Message(message)) => return Ok(message),
                Some(AdapterOutput::Nonsense(breach)) => return Err(breach),
                Some(AdapterOutput::End) => return Err(self.gone()),
                None => {
                    self.check_running()?;
                    patience_left(&mut patience, self.group().members(), &what)?;
                }
            }
        }
    }

    /// Counts the adapter's output from now on: a run begins.
    pub(crate) fn count_anew(&self) {
        self.written.store(0, Ordering::Relaxed);
    }

    /// Sends a message. Doesn't wait until the adapter reads it.
    pub fn say(&mut self, message: &ToAdapter) {
        self.say_line(message.line());
    }

    /// Sends a line, which needn't be a message. It must end with a line break.
    pub fn say_line(&mut self, line: Vec<u8>) {
        if let Some(to) = &self.to {
            // If the adapter doesn't read any more, its output shows that.
            let _ = to.send(line);
        }
    }

    /// Waits for the next output. Returns `None` if there is none until then.
    pub fn hear(&mut self, until: Instant) -> Option<AdapterOutput> {
        match self
            .from
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            Ok(heard) => Some(heard),
            Err(RecvTimeoutError::Timeout) => None,
            // The thread that reads ends only after the last output.
            Err(RecvTimeoutError::Disconnected) => Some(AdapterOutput::End),
        }
    }

    /// Returns the next output that has already arrived, if any.
    pub fn hear_at_once(&mut self) -> Option<AdapterOutput> {
        match self.from.try_recv() {
            Ok(heard) => Some(heard),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(AdapterOutput::End),
        }
    }

    /// Returns how the adapter exited, if it has.
    pub fn exited(&mut self) -> Option<Exit> {
        // If this fails, the adapter counts as running until it misses a deadline.
        self.running.exited().ok().flatten()
    }

    /// Returns the reason for the end of the adapter's output, as a breach.
    pub fn gone(&mut self) -> Breach {
        match self.exit_within(EXITING) {
            Some(Exit::Code(code)) => Breach::new(format_args!("exited with code {code}")),
            Some(Exit::Signal(signal)) => {
                Breach::new(format_args!("was killed by signal {signal}"))
            }
            Some(_) => Breach::new("exited"),
            None => Breach::new("closed its standard output and didn't exit"),
        }
    }

    /// Waits until the adapter exits. Returns `None` if it doesn't within this time, or is stopped.
    pub fn exit_within(&mut self, time: Duration) -> Option<Exit> {
        let pid = self.pid();
        let mut exit = None;
        patience::wait_until(
            time,
            || [pid],
            || {
                exit = self.exited();
                exit.is_some() || supervisor::is_stopped(pid)
            },
        );
        exit
    }

    /// Returns the adapter's process id.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// Whether the adapter, or a thread of the harness that reads or writes for it, uses a processor or waits
    /// for one.
    pub(crate) fn is_busy(&self) -> bool {
        supervisor::is_busy(self.pid()) || self.threads.iter().any(ServiceThread::is_busy)
    }

    /// Returns the adapter's process group: its descendants, except those that leave the group.
    pub fn group(&self) -> &ProcessGroup {
        &self.running.group
    }

    /// Returns what the adapter has written to its standard error since the last call.
    pub fn complaints(&self) -> Vec<u8> {
        self.stderr.take()
    }

    /// Kills the adapter, and adds the last lines of its standard error to the breach.
    pub fn last_words(&mut self, breach: &Breach) -> Breach {
        self.kill();
        // Times out only if a process left the group, can't be found, and keeps the pipe open.
        let _ = self.stderr_ends.recv_timeout(EXITING);
        breach.with_stderr(&self.stderr.quote())
    }

    /// Sends `stop`, and closes the adapter's standard input. Doesn't wait for the exit.
    pub fn tell_to_stop(&mut self) {
        self.say(&ToAdapter::Stop {});
        self.close();
    }

    /// Closes the adapter's standard input after the lines that were sent.
    pub fn close(&mut self) {
        self.to = None;
    }

    /// Kills the adapter and its descendants, if any are left.
    pub fn kill(&mut self) {
        if self.is_reaped {
            return;
        }
        self.is_reaped = true;
        self.to = None;
        let _ = self.running.exited();
        self.mark.end();
        self.running.group.kill();
        // This doesn't block, because the process was killed.
        let _ = self.running.reap();
    }
}

impl Drop for AdapterProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Looks at the processes that the harness waits for.
///
/// # Errors
/// The limit is reached; `what` says of what, and continues "the adapter …".
pub(crate) fn patience_left(
    patience: &mut Patience,
    processes: impl IntoIterator<Item = u32>,
    what: &str,
) -> Result<(), Breach> {
    match patience.look(processes) {
        PatienceLeft::Some => Ok(()),
        PatienceLeft::Over => Err(Breach::new(what)),
        PatienceLeft::TooSlow => Err(Breach::too_slow(what, &patience.figures())),
    }
}

fn write(mut to: impl Write, lines: &Receiver<Vec<u8>>) {
    for line in lines {
        if to.write_all(&line).and_then(|()| to.flush()).is_err() {
            return;
        }
    }
}

/// Reads all output. The first output, or its end, shows that the adapter's program is running.
fn read(from: impl Read, heard: &SyncSender<AdapterOutput>, births: Births, written: &AtomicUsize) {
    let mut from = BufReader::with_capacity(64 << 10, from);
    let mut births = Some(births);
    loop {
        let next = next(&mut from, written);
        drop(births.take());
        let is_last = !matches!(next, AdapterOutput::Message(_));
        if heard.send(next).is_err() || is_last {
            return;
        }
    }
}

fn next(from: &mut BufReader<impl Read>, written: &AtomicUsize) -> AdapterOutput {
    match lines::read(from, LONGEST_LINE) {
        Ok(LineRead::Whole(line))
            if written.fetch_add(line.len(), Ordering::Relaxed) + line.len() > MOST_OUTPUT =>
        {
            AdapterOutput::Nonsense(Breach::new(format_args!(
                "wrote more than {} MiB in one run",
                MOST_OUTPUT >> 20
            )))
        }
        Ok(LineRead::Whole(line)) => match FromAdapter::parse(&line) {
            Ok(message) => AdapterOutput::Message(message),
            Err(breach) => AdapterOutput::Nonsense(breach),
        },
        Ok(LineRead::TooLong) => AdapterOutput::Nonsense(Breach::new(format_args!(
            "wrote a line of more than {} MiB",
            LONGEST_LINE >> 20
        ))),
        Ok(LineRead::Cut(_)) => {
            AdapterOutput::Nonsense(Breach::new("ended its output in the middle of a line"))
        }
        Ok(LineRead::End) => AdapterOutput::End,
        Err(error) => AdapterOutput::Nonsense(unreadable(&error)),
    }
}

fn unreadable(error: &io::Error) -> Breach {
    Breach::new(format_args!(
        "has an output that the harness can't read: {error}"
    ))
}
