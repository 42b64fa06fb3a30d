//! `adapter`: help for authors of adapters.

use std::io::Write;
use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};

use super::problem::Problem;
use super::subjects::adapter_of;
use crate::adapter::protocol::schema::MessageDirection;
use crate::corpus::CaseFolder;
use crate::event::ExitCode;

mod check;
mod plans;

/// The arguments of `adapter`.
#[derive(Debug, Args)]
pub(super) struct AdapterArguments {
    #[command(subcommand)]
    command: AdapterCommand,
}

#[derive(Debug, Subcommand)]
enum AdapterCommand {
    /// Tests an adapter before any case runs, and says what to fix.
    Check {
        /// The command that starts the adapter, split into words as a shell does, or the name of an
        /// adapter in harness/adapters/.
        command: String,
    },
    /// Prints the JSON Schema of the protocol messages in one direction.
    Schema {
        /// The direction of the messages.
        direction: DirectionArgument,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DirectionArgument {
    /// Messages from the harness to an adapter.
    ToAdapter,
    /// Messages from an adapter to the harness.
    FromAdapter,
}

pub(super) fn adapter(
    root: Option<&Path>,
    arguments: &AdapterArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    match &arguments.command {
        AdapterCommand::Check { command } => {
            let folder = CaseFolder::open(root)?;
            let adapter = adapter_of(command, folder.root_folder.root())?;
            check::check(&adapter, &folder, out)
        }
        AdapterCommand::Schema { direction } => {
            let direction = match direction {
                DirectionArgument::ToAdapter => MessageDirection::ToAdapter,
                DirectionArgument::FromAdapter => MessageDirection::FromAdapter,
            };
            out.write_all(direction.schema().as_bytes())?;
            Ok(ExitCode::AsExpected)
        }
    }
}
