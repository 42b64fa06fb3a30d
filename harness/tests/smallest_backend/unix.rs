//! The documented program, as a test.

use std::env;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

/// The program, as the documentation shows it.
mod program {
    include!("program.rs");

    pub(crate) fn run() -> ExitCode {
        main()
    }
}

/// Set in the process that is the program, and in the processes that it starts.
const PROGRAM: &str = "SMALLEST_BACKEND";

pub(crate) fn main() -> ExitCode {
    if env::var_os(PROGRAM).is_some() {
        return program::run();
    }
    let test = Trial::test("the_documented_backend_passes_the_cases", passes);
    libtest_mimic::run(&Arguments::from_args(), vec![test]).exit_code()
}

/// Runs the program on every case that its backend can do.
fn passes() -> Result<(), Failed> {
    let output = Command::new(env::current_exe()?)
        // The name of the backend, so that no adapter of this package takes part.
        .arg("@queue:example/datagrams")
        .env(PROGRAM, "1")
        .output()?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let seed = "test seed/queue@queue:example/datagrams ";
    let has_passed = |line: &str| line.starts_with(seed) && line.ends_with("... ok");
    let is_seen = !cfg!(target_os = "linux") || stdout.lines().any(has_passed);
    if output.status.success() && is_seen {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}\n{stdout}\n{stderr}", output.status).into())
}
