//! `adapter`: for those who write one.

use std::io::Write;
use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};

use super::Problem;
use super::subjects::meant;
use crate::adapter::protocol::schema::Direction;
use crate::corpus::case_folder::CaseFolder;
use crate::event::exit_code::ExitCode;

mod check;
mod plans;

/// `adapter`'s arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tries an adapter out before anything is judged, and tells what to mend.
    Check {
        /// The program and its arguments, split into words as a shell would; or the name of one of
        /// harness/adapters/.
        command: String,
    },
    /// Prints the JSON Schema of the protocol's messages in one direction.
    Schema {
        /// Which.
        direction: Which,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Which {
    /// What the harness says to an adapter.
    ToAdapter,
    /// What an adapter says to the harness.
    FromAdapter,
}

pub(super) fn adapter(
    root: Option<&Path>,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    match &arguments.command {
        Command::Check { command } => {
            let library = CaseFolder::open(root)?;
            let adapter = meant(command, library.corpus.root())?;
            check::check(&adapter, &library, out)
        }
        Command::Schema { direction } => {
            let direction = match direction {
                Which::ToAdapter => Direction::ToAdapter,
                Which::FromAdapter => Direction::FromAdapter,
            };
            out.write_all(direction.schema().as_bytes())?;
            Ok(ExitCode::AsExpected)
        }
    }
}
