//! `history`: generates histories to test a judge with.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::problem::Problem;
use crate::event::ExitCode;
use crate::linearizable::History;
use crate::linearizable::generate::{Hazard, Recipe, generate};
use crate::linearizable::recorded::write_line;
use crate::linearizable::spoil::{Spoiling, spoil};

/// The arguments of `history`.
#[derive(Debug, Args)]
pub(super) struct HistoryArguments {
    #[command(subcommand)]
    command: HistoryCommand,
}

#[derive(Debug, Subcommand)]
enum HistoryCommand {
    /// Generates a history of a FIFO queue, with or without a fault, as input for `judge`.
    Generate(GenerateArguments),
}

#[derive(Debug, Args)]
struct GenerateArguments {
    /// The number of operations. The history has slightly fewer if no peer can continue.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    operations: u32,
    /// The number of peers at any time. Half of them put, and half of them get.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=MOST_PEERS))]
    peers: u32,
    /// The share of time that a peer spends in operations, from 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = share)]
    overlap: f64,
    /// The most items that the queue holds. Without it, there is no limit.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    capacity: Option<u64>,
    /// The seed of all random choices. The same seed results in the same history.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Some calls don't wait, and return `empty` or `full`.
    #[arg(long)]
    empties: bool,
    /// Some calls time out.
    #[arg(long)]
    timeouts: bool,
    /// Some calls return an error, with or without an effect.
    #[arg(long)]
    errors: bool,
    /// Some peers are killed during a call, and other peers replace them.
    #[arg(long)]
    pending: bool,
    /// Peers that put close the queue at the end, and peers that get see the end.
    #[arg(long)]
    ends: bool,
    /// A fault to add to the history, once.
    #[arg(long, value_name = "FAULT", default_value = "none", value_parser = fault_parser())]
    fault: AddedFault,
    /// The name of the channel.
    #[arg(long, value_name = "NAME", default_value = "q")]
    channel: String,
    /// The file to write. Without it, the history goes to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const MOST_PEERS: i64 = 1 << 16;

/// A fault to add, if any.
#[derive(Clone, Copy, Debug)]
struct AddedFault(Option<Spoiling>);

fn fault_parser() -> impl TypedValueParser<Value = AddedFault> {
    let words = ["none"]
        .into_iter()
        .chain(Spoiling::ALL.map(Spoiling::word));
    PossibleValuesParser::new(words)
        .map(|word| AddedFault(Spoiling::ALL.into_iter().find(|wrong| wrong.word() == word)))
}

fn share(text: &str) -> Result<f64, String> {
    let share: Option<f64> = text.parse().ok();
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "it must be a number from 0 to 1".to_owned())
}

impl GenerateArguments {
    fn recipe(&self) -> Recipe {
        let faults = [
            (self.empties, Hazard::Tries),
            (self.timeouts, Hazard::Timeouts),
            (self.errors, Hazard::Errors),
            (self.pending, Hazard::Kills),
            (self.ends, Hazard::Ends),
        ];
        let asked = faults.into_iter().filter(|(asked, _)| *asked);
        Recipe {
            operations: self.operations,
            peers: self.peers,
            overlap: self.overlap,
            capacity: self.capacity,
            faults: asked.map(|(_, fault)| fault).collect(),
            seed: self.seed,
        }
    }
}

pub(super) fn history(
    arguments: &HistoryArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let HistoryCommand::Generate(arguments) = &arguments.command;
    let mut history = generate(&arguments.recipe());
    if let AddedFault(Some(wrong)) = arguments.fault
        && !spoil(&mut history, wrong, arguments.seed)
    {
        let what = format!(
            "no operation in this history can be made wrong by `{}`: \
             try more operations, another seed, or fewer kinds of calls",
            wrong.word()
        );
        return Err(Problem::new(ExitCode::Usage, what));
    }
    match &arguments.output {
        None => write(&history, &arguments.channel, out)?,
        Some(path) => {
            let written = File::create(path)
                .and_then(|mut file| write(&history, &arguments.channel, &mut file));
            written.map_err(|error| {
                let what = format!("can't write {}: {error}", path.display());
                Problem::new(ExitCode::Usage, what)
            })?;
        }
    }
    Ok(ExitCode::AsExpected)
}

/// The number of bytes that are written at a time.
const PIECE: usize = 1 << 16;

fn write(history: &History, channel: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    for operation in &history.operations {
        write_line(operation, channel, &mut text);
        if text.len() >= PIECE {
            out.write_all(text.as_bytes())?;
            text.clear();
        }
    }
    out.write_all(text.as_bytes())?;
    out.flush()
}
