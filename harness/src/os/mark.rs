//! A mark on the processes of a session and on all that descend from them.
//!
//! Descendants inherit the mark, and keep it when they leave their process group and session, execute
//! another program or empty their environment. So the harness finds them and kills them, and removes
//! the shared memory whose names only they used. Only Linux has such a mark: the limit of file locks,
//! which no kernel has applied since 2003. Elsewhere these functions do nothing; on Windows, a job
//! object holds all descendants.

use std::fs::File;
use std::io::{self, Read, Write};
use std::process::Command;
use std::time::{Duration, SystemTime};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

/// The part of the number that differs between the processes of one session.
const OF_PROCESS: u64 = (1 << 20) - 1;
/// That part for helpers. Peers have 0.
const HELPERS: u64 = 1;

/// How much earlier than the clock a file system dates a new file at most.
const COARSE: Duration = Duration::from_millis(20);

/// The mark of some processes: all of a session, its helpers, or one adapter with its descendants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    number: u64,
    /// Shared memory that is older belongs to others.
    since: SystemTime,
}

impl Mark {
    /// Returns a new mark for the processes of a session. It covers helpers and adapters too.
    pub(crate) fn of_session() -> Mark {
        Mark::of_number(fastrand::u64(1 << 40..1 << 62) & !OF_PROCESS)
    }

    /// Returns the mark with this number of a session that begins.
    pub(crate) fn of_number(number: u64) -> Mark {
        let since = SystemTime::now() - COARSE;
        Mark { number, since }
    }

    pub(crate) fn number(self) -> u64 {
        self.number
    }

    /// Returns the mark of this session's helpers.
    pub(crate) fn of_helpers(self) -> Mark {
        let number = self.number | HELPERS;
        Mark { number, ..self }
    }

    /// Returns the mark of this session's adapter with this number.
    pub(crate) fn of_adapter(self, adapter: u64) -> Mark {
        let number = self.number | (HELPERS + 1 + adapter % (OF_PROCESS - HELPERS));
        Mark { number, ..self }
    }

    /// Marks a process of this user, which must not have started others yet.
    pub(crate) fn put_on(self, pid: u32) {
        system::put_on(pid, self.number);
    }

    /// Marks the process of a command before it executes its program.
    pub(crate) fn put_on_at_birth(self, command: &mut Command) {
        system::put_on_at_birth(command, self.number);
    }

    /// Writes the mark of a session into a new file.
    ///
    /// # Errors
    /// If the file can't be written.
    pub(crate) fn write(self, mut file: &File) -> io::Result<()> {
        file.write_all(self.number.to_string().as_bytes())
    }

    /// Reads the mark of a session from the file into which it was written. Returns none if it wasn't.
    pub(crate) fn read(file: &File) -> Option<Mark> {
        let mut number = String::new();
        file.take(20).read_to_string(&mut number).ok()?;
        let since = file.metadata().ok()?.modified().ok()? - COARSE;
        let number = number.parse().ok()?;
        Some(Mark { number, since })
    }

    /// Kills the processes with this mark, and removes the names of shared memory that they used. Those
    /// that ignore SIGTERM are killed last, and only if they don't exit by themselves.
    pub(crate) fn end(self) {
        system::end(&|number| self.covers(number), self.since);
    }

    /// Does the same, but leaves the helpers of the session alone.
    pub(crate) fn end_all_but_helpers(self) {
        let helpers = self.of_helpers().number;
        system::end(
            &|number| self.covers(number) && number != helpers,
            self.since,
        );
    }

    /// Returns the processes with this mark whose parent doesn't have it.
    pub(crate) fn orphans(self) -> Vec<u32> {
        system::orphans(&|number| self.covers(number))
    }

    fn covers(self, number: u64) -> bool {
        let is_of_all = self.number & OF_PROCESS == 0;
        number == self.number || (is_of_all && number & !OF_PROCESS == self.number)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use super::*;
    use rstest::rstest;

    /// A pair of marks of the same session.
    type Pair = fn(Mark) -> (Mark, Mark);

    #[rstest]
    #[case::all_and_a_peer((|it| (it, it)) as Pair, true)]
    #[case::all_and_a_helper((|it| (it, it.of_helpers())) as Pair, true)]
    #[case::all_and_an_adapter((|it| (it, it.of_adapter(7))) as Pair, true)]
    #[case::an_adapter_and_itself((|it| (it.of_adapter(7), it.of_adapter(7))) as Pair, true)]
    #[case::an_adapter_and_another((|it| (it.of_adapter(7), it.of_adapter(8))) as Pair, false)]
    #[case::an_adapter_and_a_peer((|it| (it.of_adapter(7), it)) as Pair, false)]
    #[case::an_adapter_and_a_helper((|it| (it.of_adapter(u64::MAX), it.of_helpers())) as Pair, false)]
    #[case::another_session((|it| (it, Mark::of_session())) as Pair, false)]
    fn a_mark_covers_its_processes(#[case] pair: Pair, #[case] expected: bool) {
        let (one, other) = pair(Mark::of_session());
        assert_eq!(one.covers(other.number), expected);
    }

    #[test]
    fn a_mark_that_was_written_is_read() {
        let mut file = tempfile::tempfile().unwrap();
        assert_eq!(Mark::read(&file), None);
        let mark = Mark::of_session();
        mark.write(&file).unwrap();
        file.rewind().unwrap();
        assert_eq!(Mark::read(&file).unwrap().number, mark.number);
    }
}
