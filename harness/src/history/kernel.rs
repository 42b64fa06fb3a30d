//! What the operating system said of threads that didn't move.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::ProcessIndex;

/// What a thread of a process was doing, as the operating system saw it just before the harness
/// ended the run. For people only: nothing is judged by it, and not every system tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelView {
    /// Whose thread.
    pub process: ProcessIndex,
    /// Which thread of it: 0 for the process's first, else the number of one that a `threads` step
    /// started. None for one of the library's own.
    pub thread: Option<u16>,
    /// The name that the thread has there.
    pub name: String,
    /// The system call that it was in, as in `read`; none where that isn't known.
    pub call: Option<String>,
    /// The descriptors that the call was given to wait for.
    pub on: Vec<Descriptor>,
    /// The kernel's function that it slept in, as in `pipe_read`; none where that isn't told.
    pub function: Option<String>,
}

/// A descriptor that a call waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Its number.
    pub number: u32,
    /// What it is open on, as in `a pipe`.
    pub object: String,
    /// The plan's processes that had the other end of it open; none where that isn't known.
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
    #[case::of_several(
        Some("poll"), vec![pipe(5), pipe(7)], None, "in poll(2) on fd 5, a pipe and fd 7, a pipe"
    )]
    #[case::of_none(Some("futex"), vec![], Some("futex_wait"), "in futex(2)")]
    #[case::only_the_function(None, vec![], Some("pipe_read"), "in the kernel's pipe_read")]
    #[case::nothing(None, vec![], None, "in no system call that is known")]
    fn it_reads(
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
