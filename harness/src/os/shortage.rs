//! What a machine can run out of, and how that shows: in the numbers of errors, and in the words of
//! other programs.

use std::fmt;
use std::io::{self, ErrorKind};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// Something of which the machine, or a limit that the user has set, had no more to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shortage {
    /// A process has as many file descriptors or handles as it may have.
    Descriptors,
    /// All processes together have as many as the system allows.
    DescriptorsOfSystem,
    /// The user has as many processes and threads as allowed.
    Processes,
    /// Memory.
    Memory,
    /// A disk, or a folder that is kept in memory, has no room or no inodes left.
    Disk,
    /// The user's share of a disk.
    Quota,
}

use Shortage::{Descriptors, DescriptorsOfSystem, Disk, Memory, Processes, Quota};

impl Shortage {
    /// Returns what an error with this number means, whatever call returned it.
    pub(crate) fn of_code(code: i32) -> Option<Shortage> {
        let known = [
            (system::DESCRIPTORS, Descriptors),
            (system::DESCRIPTORS_OF_SYSTEM, DescriptorsOfSystem),
            (system::MEMORY, Memory),
            (system::DISK, Disk),
            (system::QUOTA, Quota),
        ];
        let mut known = known.into_iter();
        let (_, shortage) = known.find(|(codes, _)| codes.contains(&code))?;
        Some(shortage)
    }

    /// Returns what an error with this number means if a call returned it that starts a process or a
    /// thread. The number alone may also mean that an operation would block.
    pub(crate) fn of_start(code: i32) -> Option<Shortage> {
        Shortage::of_code(code).or((system::NO_PROCESS == Some(code)).then_some(Processes))
    }

    /// Returns what an error means that the harness itself sees. None of its calls is one that would
    /// block, so a number that may mean this means that a process or a thread couldn't be started.
    pub(crate) fn of_error(error: &io::Error) -> Option<Shortage> {
        match (error.raw_os_error(), error.kind()) {
            (Some(code), _) => Shortage::of_start(code),
            (None, ErrorKind::OutOfMemory) => Some(Memory),
            (None, ErrorKind::StorageFull) => Some(Disk),
            (None, ErrorKind::QuotaExceeded) => Some(Quota),
            (None, _) => None,
        }
    }

    /// Returns what a text of another program reports, and the line that reports it.
    pub(crate) fn in_text(text: &str) -> Option<(Shortage, &str)> {
        text.lines().find_map(|line| {
            let mut known = TEXTS.iter().filter(|(words, _)| line.contains(words));
            known.next().map(|(_, shortage)| (*shortage, line.trim()))
        })
    }

    /// Returns what a text of another program reports that may have failed to start a process or a
    /// thread.
    pub(crate) fn in_text_of_start(text: &str) -> Option<(Shortage, &str)> {
        Shortage::in_text(text).or_else(|| {
            let mut lines = text.lines();
            let line = lines.find(|line| line.contains(TRY_AGAIN))?;
            Some((Processes, line.trim()))
        })
    }

    /// Returns a sentence for people: what ran out, how it showed, and what to do.
    pub(crate) fn sentence(self, shown: impl fmt::Display) -> String {
        let (what, to_do) = self.words();
        format!("the machine ran out of {what}: {shown}; {to_do}")
    }

    /// Returns an error that says in one sentence what was done when `error` came, and what ran out, if
    /// that is the reason.
    pub(crate) fn explained(error: &io::Error, what: String) -> io::Error {
        let text = match Shortage::of_error(error) {
            None => what,
            Some(shortage) => shortage.sentence(what),
        };
        io::Error::new(error.kind(), text)
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Descriptors => (
                "file descriptors",
                "raise the limit (`ulimit -n`), or run fewer trials at once (`--jobs`)",
            ),
            DescriptorsOfSystem => (
                "file descriptors for all processes",
                "end other programs, or run fewer trials at once (`--jobs`)",
            ),
            Processes => (
                "processes",
                "raise the limit (`ulimit -u`), or run fewer trials at once (`--jobs`)",
            ),
            Memory => (
                "memory",
                "end other programs, or run fewer trials at once (`--jobs`)",
            ),
            Disk => (
                "room for files",
                "free space and inodes, or set TMPDIR to a folder on another disk",
            ),
            Quota => (
                "disk quota",
                "remove files of this user, or set TMPDIR to a folder on another disk",
            ),
        }
    }
}

/// How many runs may take place at once under the limits of this process.
pub(crate) fn runs_at_once() -> usize {
    system::runs_at_once()
}

/// The words that systems and language runtimes have for it. A longer text stands before one that is
/// a part of it.
const TEXTS: &[(&str, Shortage)] = &[
    ("Too many open files in system", DescriptorsOfSystem),
    ("Too many open files", Descriptors),
    ("No space left on device", Disk),
    ("Disk quota exceeded", Quota),
    ("Cannot allocate memory", Memory),
    ("can't start new thread", Processes),
    ("failed to spawn thread", Processes),
    ("failed to create new OS thread", Processes),
    ("unable to create native thread", Processes),
];

/// What a system says if it can start no more processes; also if an operation would block.
const TRY_AGAIN: &str = "Resource temporarily unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::python("OSError: [Errno 24] Too many open files", Some(Descriptors))]
    #[case::of_all(
        "Too many open files in system (os error 23)",
        Some(DescriptorsOfSystem)
    )]
    #[case::later_line(
        "Traceback:\n  OSError: [Errno 28] No space left on device",
        Some(Disk)
    )]
    #[case::python_thread("RuntimeError: can't start new thread", Some(Processes))]
    #[case::would_block("BlockingIOError: [Errno 11] Resource temporarily unavailable", None)]
    #[case::other("BrokenPipeError: [Errno 32] Broken pipe", None)]
    fn a_text_reports_what_ran_out(#[case] text: &str, #[case] expected: Option<Shortage>) {
        assert_eq!(Shortage::in_text(text).map(|(what, _)| what), expected);
    }

    #[test]
    fn an_attempt_to_start_a_process_that_would_have_to_wait_lacks_processes() {
        let text = "in fork\nBlockingIOError: [Errno 11] Resource temporarily unavailable";
        let (shortage, line) = Shortage::in_text_of_start(text).unwrap();
        assert_eq!(shortage, Processes);
        assert!(line.starts_with("BlockingIOError"), "{line}");
    }

    #[cfg(unix)]
    #[rstest]
    #[case::descriptors(libc::EMFILE, Some(Descriptors), Some(Descriptors))]
    #[case::disk(libc::ENOSPC, Some(Disk), Some(Disk))]
    #[case::quota(libc::EDQUOT, Some(Quota), Some(Quota))]
    #[case::memory(libc::ENOMEM, Some(Memory), Some(Memory))]
    #[case::processes(libc::EAGAIN, None, Some(Processes))]
    #[case::other(libc::EPIPE, None, None)]
    fn only_at_a_start_an_error_that_may_mean_blocking_is_a_shortage(
        #[case] code: i32,
        #[case] anywhere: Option<Shortage>,
        #[case] at_a_start: Option<Shortage>,
    ) {
        assert_eq!(Shortage::of_code(code), anywhere);
        assert_eq!(Shortage::of_start(code), at_a_start);
        let error = io::Error::from_raw_os_error(code);
        assert_eq!(Shortage::of_error(&error), at_a_start);
    }
}
