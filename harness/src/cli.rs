//! The command line.
//!
//! A crate that has backends of its own gets the same program for them:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use ipc_conformance::registry::Registry;
//!
//! fn main() -> ExitCode {
//!     ipc_conformance::cli::main(Registry::builtin())
//! }
//! ```

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process;
use std::sync::Arc;

use anstream::AutoStream;
use clap::{Parser, Subcommand, ValueEnum};

use crate::corpus::FaultyFile;
use crate::corpus::case_folder::{CaseFolder, CaseFolderError};
use crate::event::exit_code::ExitCode;
use crate::os::supervisor::Program;
use crate::peer;
use crate::registry::Registry;
use crate::runner::{Options, RunError, interrupt};

mod adapter;
mod check;
mod compare;
mod history;
mod judge;
mod list;
mod logs;
mod merge;
mod mutants;
mod record;
mod run;
mod subjects;

/// What a command prints: for people, or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    everything that ran came out as expected
  1    a promise was broken, or a divergence is out of date; logs differ (compare --exit-code)
  2    the command line, a case file, a divergence or a history is wrong
  3    inconclusive: too little evidence, or a golden that nobody has reviewed
  4    nothing to run
  5    an adapter did not do its part
  70   the harness itself went wrong
  130  interrupted
Where several apply: 130 before 70, 2, 5, 1, 3, 4.";

/// Tells, with evidence, which promises an inter-process queue or pipe keeps on this system.
#[derive(Debug, Parser)]
#[command(name = "ipc-conformance", version, after_long_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The folder with `cases/` and `golden/` in it.
    ///
    /// Without it, the folder that IPC_CONFORMANCE_ROOT names, else the nearest one above the
    /// current folder that has cases/clauses.toml.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs cases on backends, judges what happened, and shows what holds.
    Run(run::Arguments),
    /// Lists what there is.
    List(list::Arguments),
    /// Reads case files, and shows everything that is wrong with them.
    Check(check::Arguments),
    /// Shows event logs side by side: what differs between systems, versions and libraries.
    Compare(compare::Arguments),
    /// Makes one matrix of event logs: of the parts of a run, or of runs on several systems.
    Merge(merge::Arguments),
    /// Judges histories of queues that others recorded.
    Judge(judge::Arguments),
    /// Makes up histories to try a judge on.
    History(history::Arguments),
    /// Proves that the harness bites: kills backends that are wrong on purpose, and accuses none
    /// that is merely odd.
    Mutants(mutants::Arguments),
    /// Helps to write an adapter: a program in any language that hosts backends.
    Adapter(adapter::Arguments),
}

/// The whole program, with these backends.
///
/// Processes that a run starts execute this same program: it becomes one of them here where it was
/// started as one, so nothing may happen in `main` before this.
pub fn main(registry: Registry) -> process::ExitCode {
    peer::hook(&registry);
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and the version are no errors, and go to standard output.
            let code = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::AsExpected
            };
            // Nobody is left to tell where even this can't be written.
            let _ = error.print();
            return code.into();
        }
    };
    let root = arguments.root.as_deref();
    let done = match arguments.command {
        Command::Run(arguments) => run::run(&registry, root, &arguments),
        Command::List(arguments) => list::list(&registry, root, &arguments, &mut stdout()),
        Command::Check(arguments) => check::check(&registry, root, &arguments, &mut stdout()),
        Command::Compare(arguments) => compare::compare(&arguments, &mut stdout()),
        Command::Merge(arguments) => merge::merge(root, &arguments, &mut stdout()),
        Command::Judge(arguments) => judge::judge(&arguments, &mut stdout()),
        Command::History(arguments) => history::history(&arguments, &mut stdout()),
        Command::Mutants(arguments) => mutants::mutants(&registry, root, &arguments, &mut stdout()),
        Command::Adapter(arguments) => adapter::adapter(root, &arguments, &mut stdout()),
    };
    let code = done.unwrap_or_else(|problem| {
        complain(&problem.what);
        // It may have come of that.
        if interrupt::requested() {
            ExitCode::Interrupted
        } else {
            problem.code
        }
    });
    code.into()
}

/// What ends the program early.
#[derive(Debug)]
struct Problem {
    code: ExitCode,
    what: String,
}

impl Problem {
    fn new(code: ExitCode, what: impl Display) -> Problem {
        let what = what.to_string();
        Problem { code, what }
    }
}

impl From<CaseFolderError> for Problem {
    fn from(error: CaseFolderError) -> Problem {
        Problem::new(error.code, error.what)
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Problem {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        let what = format!("{error}{}", cause.unwrap_or_default());
        Problem::new(ExitCode::Harness, what)
    }
}

/// How to run with what nobody has said otherwise, until somebody interrupts it.
fn options(library: &CaseFolder) -> Result<Options, Problem> {
    let trouble =
        |error: io::Error| Problem::new(ExitCode::Harness, format_args!("can't start: {error}"));
    interrupt::listen().map_err(trouble)?;
    let program = Program::current().map_err(trouble)?;
    Ok(Options::new(program, Arc::clone(&library.catalogue)))
}

/// Tells of case files that are wrong; how many they are.
fn tell_faults(faults: &[FaultyFile]) -> usize {
    let coloured = io::stderr().is_terminal();
    faults
        .iter()
        .for_each(|fault| tell(&(fault.render(coloured) + "\n")));
    faults.len()
}

/// Standard output that can't be written to any more: somebody has read enough, or the disk is
/// full.
impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Problem {
        match error.kind() {
            // As in `… | head`: those who have stopped reading don't want to hear of it.
            io::ErrorKind::BrokenPipe => Problem::new(ExitCode::AsExpected, ""),
            _ => Problem::new(ExitCode::Harness, format_args!("can't write: {error}")),
        }
    }
}

/// Standard output, with colours only where they are seen.
fn stdout() -> AutoStream<io::StdoutLock<'static>> {
    AutoStream::auto(io::stdout()).lock()
}

/// One line on standard error, behind the program's name.
fn complain(what: &str) {
    if !what.is_empty() {
        tell(&format!("ipc-conformance: {what}\n"));
    }
}

/// Text on standard error, with colours only where they are seen.
fn tell(text: &str) {
    // Nobody is left to tell where even this can't be written.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_exit_code_is_explained_in_help() {
        for code in [
            ExitCode::AsExpected,
            ExitCode::Broken,
            ExitCode::Usage,
            ExitCode::Inconclusive,
            ExitCode::NothingToRun,
            ExitCode::Adapter,
            ExitCode::Harness,
            ExitCode::Interrupted,
        ] {
            let line = format!("\n  {:<4} ", code.number());
            assert!(EXIT_CODES.contains(&line), "{code:?}");
        }
    }

    #[test]
    fn help_says_what_there_is() {
        let help = Arguments::command().term_width(100).render_help();
        insta::assert_snapshot!(help);
    }
}
