//! A running adapter: what is said to it and heard from it, each with a deadline.

use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use super::lines::{self, Line};
use super::tail::Tail;
use super::{Adapter, PATIENCE, Unfit};
use crate::adapter::protocol::{Breach, FromAdapter, Hosted, LONGEST_LINE, ToAdapter, VERSION};
use crate::history::Exit;
use crate::os::clock;
use crate::os::inheritance::Births;
use crate::os::supervisor::{self, Group, ROLE, Running};

/// In the environment of an adapter and of all that it starts, a value that no other has: so those
/// are found again that leave its group.
const MARK: &str = "IPC_CONFORMANCE_ADAPTER";

/// How many messages may wait to be looked at; then the adapter waits.
const AHEAD: usize = 1024;

/// How long an adapter that has closed its output may take to exit.
const EXITING: Duration = Duration::from_secs(1);

/// A running adapter. Dropped, all that descends from it is killed.
#[derive(Debug)]
pub struct Process {
    running: Running,
    mark: String,
    /// To the thread that writes; none once the adapter was told to stop.
    to: Option<Sender<Vec<u8>>>,
    from: Receiver<Heard>,
    stderr: Tail,
    /// Closes when nobody has its standard error any more.
    stderr_ends: Receiver<()>,
    is_reaped: bool,
}

/// What came from an adapter.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A message.
    Message(FromAdapter),
    /// Something else; nothing is read behind it.
    Nonsense(Breach),
    /// The end.
    End,
}

/// What an adapter says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// One line for people.
    pub about: String,
    /// What it hosts.
    pub backends: Vec<Hosted>,
}

impl Process {
    /// Starts it, and says nothing to it yet.
    ///
    /// # Errors
    /// Where its program isn't there, or can't be started.
    pub fn start(adapter: &Adapter) -> Result<Process, Unfit> {
        let [program, arguments @ ..] = adapter.words.as_slice() else {
            return Err(Unfit::Absent("the adapter has no command".to_owned()));
        };
        let mark = mark();
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_remove(ROLE)
            .env(MARK, &mark)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let births = Births::begin();
        let mut running = supervisor::lead(command).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                Unfit::Absent(format!("the adapter's program `{program}` isn't there"))
            }
            _ => Unfit::Absent(format!(
                "the adapter's program `{program}` can't be started: {error}"
            )),
        })?;
        let (Some(stdin), Some(stdout), Some(stderr)) = running.pipes() else {
            unreachable!("all three were asked for");
        };
        let (to, lines) = mpsc::channel();
        let (heard, from) = mpsc::sync_channel(AHEAD);
        let tail = Tail::default();
        let following = tail.clone();
        // Each ends with its pipe, and nobody waits for that.
        thread::spawn(move || write(stdin, &lines));
        thread::spawn(move || read(stdout, &heard, births));
        let (holds, stderr_ends) = mpsc::channel();
        thread::spawn(move || {
            following.follow(stderr);
            drop::<Sender<()>>(holds);
        });
        Ok(Process {
            running,
            mark,
            to: Some(to),
            from,
            stderr: tail,
            stderr_ends,
            is_reaped: false,
        })
    }

    /// Has it introduce itself.
    ///
    /// # Errors
    /// Where it refuses, or isn't what the protocol says that it is.
    pub fn introduce(&mut self, adapter: &Adapter) -> Result<Ready, Unfit> {
        let version = VERSION.to_owned();
        self.say(&ToAdapter::Start { version });
        match self.answer("`start`")? {
            FromAdapter::Ready { version, .. } if version != VERSION => {
                let what = format!("speaks version {version:?} of the protocol, not {VERSION:?}");
                Err(Breach::new(what).into())
            }
            FromAdapter::Ready {
                about, backends, ..
            } => {
                adapter.check(&backends)?;
                Ok(Ready { about, backends })
            }
            FromAdapter::Refused { why } => {
                Err(Unfit::Absent(format!("the adapter refuses: {why}")))
            }
            other => {
                let what = format!("answered `start` with `{}`", other.name());
                Err(Breach::new(what).into())
            }
        }
    }

    /// Its answer to what was just said, which must come at once.
    ///
    /// # Errors
    /// Where none comes.
    pub fn answer(&mut self, to: &str) -> Result<FromAdapter, Breach> {
        match self.hear(Instant::now() + PATIENCE) {
            Some(Heard::Message(message)) => Ok(message),
            Some(Heard::Nonsense(breach)) => Err(breach),
            Some(Heard::End) => Err(self.gone()),
            None => Err(Breach::new(format_args!(
                "did not answer {to} within {} s",
                PATIENCE.as_secs()
            ))),
        }
    }

    /// Says something. It waits until the adapter reads it.
    pub fn say(&mut self, message: &ToAdapter) {
        self.say_line(message.line());
    }

    /// Says something that may be no message at all; a line break belongs to it.
    pub fn say_line(&mut self, line: Vec<u8>) {
        if let Some(to) = &self.to {
            // Where it reads no more, what it says or doesn't tells.
            let _ = to.send(line);
        }
    }

    /// What it says next; none where that doesn't come until then.
    pub fn hear(&mut self, until: Instant) -> Option<Heard> {
        match self
            .from
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            Ok(heard) => Some(heard),
            Err(RecvTimeoutError::Timeout) => None,
            // It was heard, and nothing comes behind it.
            Err(RecvTimeoutError::Disconnected) => Some(Heard::End),
        }
    }

    /// What it has said already; none where that is nothing.
    pub fn hear_at_once(&mut self) -> Option<Heard> {
        match self.from.try_recv() {
            Ok(heard) => Some(heard),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Heard::End),
        }
    }

    /// How it exited, if it has.
    pub fn exited(&mut self) -> Option<Exit> {
        // Whoever can't be asked is taken for alive, until it doesn't answer.
        self.running.exited().ok().flatten()
    }

    /// What it did that ended its output.
    pub fn gone(&mut self) -> Breach {
        match self.exit_within(EXITING) {
            Some(Exit::Code(code)) => Breach::new(format_args!("exited with code {code}")),
            Some(Exit::Signal(signal)) => {
                Breach::new(format_args!("was killed by signal {signal}"))
            }
            Some(_) => Breach::new("exited"),
            None => Breach::new("closed its standard output and lived on"),
        }
    }

    /// Waits for its exit; none where it doesn't come within this time.
    pub fn exit_within(&mut self, time: Duration) -> Option<Exit> {
        let deadline = Instant::now() + time;
        loop {
            let exit = self.exited();
            if exit.is_some() || Instant::now() >= deadline {
                return exit;
            }
            // There is no wait for a process that has a deadline.
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Its number in the operating system.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// All that descends from it, as far as it doesn't leave this group.
    pub fn group(&self) -> &Group {
        &self.running.group
    }

    /// What it has written to its standard error since the last time.
    pub fn complaints(&self) -> Vec<u8> {
        self.stderr.take()
    }

    /// What it did, with the last lines of its standard error. It is killed for that.
    pub fn last_words(&mut self, breach: &Breach) -> Breach {
        self.kill();
        // Nobody is left to write more, unless somebody left the group and can't be found.
        let _ = self.stderr_ends.recv_timeout(EXITING);
        breach.with_complaints(&self.stderr.quote())
    }

    /// Tells it to exit, and doesn't wait for it.
    pub fn tell_to_stop(&mut self) {
        self.say(&ToAdapter::Stop {});
        self.close();
    }

    /// Ends its standard input.
    pub fn close(&mut self) {
        self.to = None;
    }

    /// Kills all that is left, which may be nothing.
    pub fn kill(&mut self) {
        if self.is_reaped {
            return;
        }
        self.is_reaped = true;
        self.to = None;
        let _ = self.running.exited();
        self.running.group.kill();
        for stray in supervisor::with_variable(MARK, &self.mark) {
            supervisor::kill(stray);
        }
        // It was killed: this doesn't block, and how it exited nobody asks.
        let _ = self.running.reap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A value for [`MARK`].
fn mark() -> String {
    static STARTED: AtomicU64 = AtomicU64::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}-{}", std::process::id(), clock::now())
}

fn write(mut to: impl Write, lines: &Receiver<Vec<u8>>) {
    for line in lines {
        if to.write_all(&line).and_then(|()| to.flush()).is_err() {
            return;
        }
    }
}

/// Hears it out. That it says anything, or nothing any more, shows that it lives.
fn read(from: impl Read, heard: &SyncSender<Heard>, births: Births) {
    let mut from = BufReader::with_capacity(64 << 10, from);
    let mut births = Some(births);
    loop {
        let next = next(&mut from);
        drop(births.take());
        let is_last = !matches!(next, Heard::Message(_));
        if heard.send(next).is_err() || is_last {
            return;
        }
    }
}

fn next(from: &mut BufReader<impl Read>) -> Heard {
    match lines::read(from, LONGEST_LINE) {
        Ok(Line::Whole(line)) => match FromAdapter::parse(&line) {
            Ok(message) => Heard::Message(message),
            Err(breach) => Heard::Nonsense(breach),
        },
        Ok(Line::TooLong) => Heard::Nonsense(Breach::new(format_args!(
            "wrote a line of more than {} MiB",
            LONGEST_LINE >> 20
        ))),
        Ok(Line::Cut(_)) => {
            Heard::Nonsense(Breach::new("ended its output in the middle of a line"))
        }
        Ok(Line::End) => Heard::End,
        Err(error) => Heard::Nonsense(unreadable(&error)),
    }
}

fn unreadable(error: &io::Error) -> Breach {
    Breach::new(format_args!("has an output that can't be read: {error}"))
}
