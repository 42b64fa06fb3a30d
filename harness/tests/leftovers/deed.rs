//! What is done to harnesses.

use std::process::{Child, Command, Stdio};

use rustix::process::geteuid;

use crate::adapters;

/// A kind of harness, and what is killed of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deed {
    pub(super) name: &'static str,
    pub(super) victim: Victim,
    with: With,
    /// How many times `cargo test` does it, and how many times the ignored test.
    pub(super) times: [u32; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Victim {
    Harness,
    /// All processes at once.
    Everything,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum With {
    /// Only the program's own backends.
    Backends,
    /// Adapters that leave a file, and processes in a session of their own without any environment.
    Adapters,
    /// Only the program's own backends, and a limit of 30 processes.
    FewProcesses,
}

pub(super) const ALL: &[Deed] = &[
    Deed {
        name: "kills_of_the_harness",
        victim: Victim::Harness,
        with: With::Backends,
        times: [2, 100],
    },
    Deed {
        name: "kills_of_a_harness_with_adapters",
        victim: Victim::Harness,
        with: With::Adapters,
        times: [1, 30],
    },
    Deed {
        name: "kills_of_everything",
        victim: Victim::Everything,
        with: With::Backends,
        times: [2, 10],
    },
    Deed {
        name: "kills_under_a_limit_of_processes",
        victim: Victim::Harness,
        with: With::FewProcesses,
        times: [1, 30],
    },
];

/// A user that no other test has.
const OTHER_USER: u32 = 65_532;

/// Trials with helpers, forked and spawned children, names and kills, and one that never ends.
const OF_BACKENDS: &[&str] = &[
    "run",
    "--jobs=4",
    "--no-adapters",
    "seed/",
    "queue/fan-in",
    "pipe/end-of",
    "endpoint/meet",
    "--backend=queue:broker",
    "--backend=queue:sysv/msg",
    "--backend=queue:posix/mq",
    "--backend=process:os/process",
    "--backend=pipe:std/pipe",
    "--backend=endpoint:std/unix-socket",
];

const OF_ADAPTERS: &[&str] = &[
    "run",
    "--jobs=4",
    "seed/",
    "--backend=cpython-spawn/",
    "--backend=cpython-fork/",
];

impl Deed {
    pub(super) fn arguments(&self) -> Vec<String> {
        let words: &[&str] = match self.with {
            With::Backends | With::FewProcesses => OF_BACKENDS,
            With::Adapters => OF_ADAPTERS,
        };
        let mut arguments: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        if self.with == With::Adapters {
            arguments.push(format!("--adapter={}", adapters::command("scatters")));
        }
        arguments
    }

    /// Starts a command as the user of these harnesses, within their limits.
    pub(super) fn as_its_user(&self, command: Command) -> Child {
        let script = match self.with {
            With::Backends | With::Adapters => "exec \"$@\"".to_owned(),
            With::FewProcesses if geteuid().is_root() => format!(
                "exec prlimit --nproc=30 setpriv --reuid={OTHER_USER} --regid={OTHER_USER} --clear-groups \"$@\""
            ),
            With::FewProcesses => "exec unshare -U prlimit --nproc=30 \"$@\"".to_owned(),
        };
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, "sh"]).arg(command.get_program());
        shell.args(command.get_args());
        shell
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        shell.spawn().expect("the system has a shell")
    }
}
