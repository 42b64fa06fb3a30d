//! What the operating system reports about threads that didn't move.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::ProcessIndex;

/// What a thread of a process was doing just before the harness ended the run, as the operating
/// system reports it. Reports show it; nothing is judged by it, and not every system has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelView {
    /// The thread's process.
    pub process: ProcessIndex,
    /// The thread: 0 for the process's first, else its number in a `threads` step. None for a thread of
    /// the library.
    pub thread: Option<u16>,
    /// The thread's name in the system.
    pub name: String,
    /// The system call that it was in, as in `read`; none if unknown.
    pub call: Option<String>,
    /// The descriptors that the call waits for.
    pub on: Vec<Descriptor>,
    /// The kernel function that it slept in, as in `pipe_read`; none if the system doesn't report it.
    pub function: Option<String>,
}

/// A descriptor that a call waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Its number.
    pub number: u32,
    /// The object that it refers to, as in `a pipe`.
    pub object: String,
    /// The plan's processes that had the other end open; none if unknown.
    pub facing: Option<Vec<ProcessIndex>>,
}

/// As reports say it, without the processes: `in read(2) on fd 5, a pipe`.
impl fmt::Display for KernelView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.call, &self.function) {
            (Some(call), _) => write!(f, "in {call}(2)")?,
            (None, Some(function)) => write!(f, "in the kernel's {function}")?,
            (None, None) => f.write_str("in no system call that is known")?,
        }
        for (place, descriptor) in self.on.iter().enumerate() {
            let joint = if place == 0 { " on" } else { " and" };
            let Descriptor { number, object, .. } = descriptor;
            write!(f, "{joint} fd {number}, {object}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn pipe(number: u32) -> Descriptor {
        Descriptor {
            number,
            object: "a pipe".to_owned(),
            facing: None,
        }
    }

    #[rstest]
    #[case::a_call(Some("read"), vec![pipe(5)], None, "in read(2) on fd 5, a pipe")]
    #[case::several_descriptors(
        Some("poll"), vec![pipe(5), pipe(7)], None, "in poll(2) on fd 5, a pipe and fd 7, a pipe"
    )]
    #[case::no_descriptor(Some("futex"), vec![], Some("futex_wait"), "in futex(2)")]
    #[case::only_the_function(None, vec![], Some("pipe_read"), "in the kernel's pipe_read")]
    #[case::unknown(None, vec![], None, "in no system call that is known")]
    fn a_view_reads(
        #[case] call: Option<&str>,
        #[case] on: Vec<Descriptor>,
        #[case] function: Option<&str>,
        #[case] expected: &str,
    ) {
        let view = KernelView {
            process: 0,
            thread: Some(0),
            name: "peer".to_owned(),
            call: call.map(str::to_owned),
            on,
            function: function.map(str::to_owned),
        };
        assert_eq!(view.to_string(), expected);
    }
}
