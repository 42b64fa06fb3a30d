//! The command line.
//!
//! In: the program's arguments, and the backends of a registry. Out: a report on standard output,
//! errors on standard error, files that options name, and an exit code. Each command has a file. A
//! command only connects the other rooms: it runs, judges and formats nothing itself.
//!
//! A crate with its own backends gets the same program for them:
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

use std::path::PathBuf;
use std::process;

use clap::{Parser, Subcommand};

use self::terminal::{print_error, stdout};
use crate::event::ExitCode;
use crate::peer;
use crate::registry::Registry;
use crate::runner::interrupt;

mod adapter;
mod check;
mod compare;
mod descriptions;
mod explain;
mod history;
mod init;
mod judge;
mod list;
mod logs;
mod merge;
mod mutants;
mod problem;
mod record;
mod report;
mod report_file;
mod require;
mod run;
mod self_test;
mod settings;
mod shortage;
mod subjects;
mod terminal;

const EXIT_CODES: &str = "\
Exit codes:
  0    every trial that ran had an expected verdict
  1    a promise was broken, a need isn't met, a divergence is out of date, or logs differ
  2    the command line, a case file, a divergence or a history is wrong; a case contradicts itself
  3    inconclusive: too little evidence, or a golden that needs a review
  4    nothing to run
  5    an adapter failed
  70   the harness failed
  130  interrupted
If several apply, the program exits with the first of 130, 70, 2, 5, 1, 3, 4.";

/// Shows which promises an inter-process queue or pipe keeps on this system, with evidence.
#[derive(Debug, Parser)]
#[command(name = "ipc-conformance", version, after_long_help = EXIT_CODES)]
struct ProgramArguments {
    #[command(subcommand)]
    command: ProgramCommand,
    /// The folder that contains `cases/` and `golden/`.
    ///
    /// Defaults to the folder in IPC_CONFORMANCE_ROOT, or else to the nearest folder with
    /// cases/clauses.toml, from the current folder upwards. Without any, the cases in the program run, and
    /// those in cases/ of the current folder.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum ProgramCommand {
    /// Runs cases on backends, judges the results, and prints a matrix.
    Run(run::RunArguments),
    /// Lists cases, backends, clauses, invariants or divergences.
    List(list::ListArguments),
    /// Explains a clause, a case, a backend or a verdict.
    Explain(explain::ExplainArguments),
    /// Checks case files, goldens and divergences, without running them.
    Check(check::CheckArguments),
    /// Compares event logs of several systems, versions or libraries.
    Compare(compare::CompareArguments),
    /// Merges event logs into one matrix: parts of one run, or runs on several systems.
    Merge(merge::MergeArguments),
    /// Writes a page about event logs, for a browser.
    Report(report::ReportArguments),
    /// Tells which libraries meet your needs, by what event logs show.
    Require(require::RequireArguments),
    /// Judges recorded histories of queues.
    Judge(judge::JudgeArguments),
    /// Generates histories of queues, to test a judge with them.
    History(history::HistoryArguments),
    /// Tests the harness with backends that are wrong on purpose, and with odd but legal ones.
    Mutants(mutants::MutantsArguments),
    /// Tests the harness with random cases, in which no sound backend may break a promise.
    SelfTest(self_test::SelfTestArguments),
    /// Writes a stub for a library of your own, with a toy library that has one bug.
    Init(init::InitArguments),
    /// Helps to write an adapter, which is a program in any language that hosts backends.
    Adapter(adapter::AdapterArguments),
}

/// Runs the program with the backends of this registry.
///
/// The processes that a run starts execute this same program. In such a process, this function does
/// that process's work and never returns. So call it first in `main`.
pub fn main(registry: Registry) -> process::ExitCode {
    peer::hook(&registry);
    let arguments = match ProgramArguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and the version aren't errors, and go to standard output.
            let code = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::AsExpected
            };
            // If even this can't be written, there is no way left to report it.
            let _ = error.print();
            return code.into();
        }
    };
    let root = arguments.root.as_deref();
    let done = match arguments.command {
        ProgramCommand::Run(arguments) => run::run(&registry, root, &arguments),
        ProgramCommand::List(arguments) => list::list(&registry, root, &arguments, &mut stdout()),
        ProgramCommand::Explain(arguments) => {
            explain::explain(&registry, root, &arguments, &mut stdout())
        }
        ProgramCommand::Check(arguments) => {
            check::check(&registry, root, &arguments, &mut stdout())
        }
        ProgramCommand::Compare(arguments) => compare::compare(&arguments, &mut stdout()),
        ProgramCommand::Merge(arguments) => merge::merge(root, &arguments, &mut stdout()),
        ProgramCommand::Report(arguments) => report::report(root, &arguments, &mut stdout()),
        ProgramCommand::Require(arguments) => require::require(root, &arguments, &mut stdout()),
        ProgramCommand::Judge(arguments) => judge::judge(&arguments, &mut stdout()),
        ProgramCommand::History(arguments) => history::history(&arguments, &mut stdout()),
        ProgramCommand::Mutants(arguments) => {
            mutants::mutants(&registry, root, &arguments, &mut stdout())
        }
        ProgramCommand::SelfTest(arguments) => {
            self_test::self_test(&registry, root, &arguments, &mut stdout())
        }
        ProgramCommand::Init(arguments) => init::init(&arguments, &mut stdout()),
        ProgramCommand::Adapter(arguments) => adapter::adapter(root, &arguments, &mut stdout()),
    };
    let code = done.unwrap_or_else(|problem| {
        print_error(&problem.what);
        // The interrupt may be the cause of the problem.
        if interrupt::requested() {
            ExitCode::Interrupted
        } else {
            problem.code
        }
    });
    code.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        ProgramArguments::command().debug_assert();
    }

    #[test]
    fn help_explains_every_exit_code() {
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
    fn help_lists_all_commands() {
        let help = ProgramArguments::command().term_width(100).render_help();
        insta::assert_snapshot!(help);
    }
}
