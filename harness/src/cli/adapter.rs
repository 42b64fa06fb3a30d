//! `adapter`: for those who write one.

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};

use super::Problem;
use crate::exit_code::ExitCode;
use crate::protocol::schema::Direction;

/// `adapter`'s arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
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

pub(super) fn adapter(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, Problem> {
    match arguments.command {
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
