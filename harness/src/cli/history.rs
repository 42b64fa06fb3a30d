//! `history`: histories to try a judge on.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::Problem;
use crate::event::exit_code::ExitCode;
use crate::linearizable::History;
use crate::linearizable::generate::{Fault, Recipe, generate};
use crate::linearizable::recorded::write_line;
use crate::linearizable::spoil::{Wrong, spoil};

/// `history`'s arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes up a history of a true FIFO queue, or one with something wrong, for `judge`.
    Generate(Generate),
}

#[derive(Debug, Args)]
struct Generate {
    /// How many operations; a few fewer where nobody could go on.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    operations: u32,
    /// How many peers are at work at any time: every other one puts, the rest gets.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=MOST_PEERS))]
    peers: u32,
    /// How much of its time a peer spends in operations, from 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = share)]
    overlap: f64,
    /// The most items that the queue holds; any number without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    capacity: Option<u64>,
    /// What chance is drawn from: the same seed gives the same history.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Some calls don't wait, and say `empty` or `full`.
    #[arg(long)]
    empties: bool,
    /// Some calls run out of time.
    #[arg(long)]
    timeouts: bool,
    /// Some calls fail, with an effect or without.
    #[arg(long)]
    errors: bool,
    /// Some peers are killed in the middle of a call, and others take their places.
    #[arg(long)]
    pending: bool,
    /// Who puts closes at last, and who gets is told the end.
    #[arg(long)]
    ends: bool,
    /// What is made wrong, once.
    #[arg(long, value_name = "FAULT", default_value = "none", value_parser = made())]
    fault: Made,
    /// What the channel is called.
    #[arg(long, value_name = "NAME", default_value = "q")]
    channel: String,
    /// Where the history is written; standard output without it.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const MOST_PEERS: i64 = 1 << 16;

/// What is made wrong, if anything.
#[derive(Clone, Copy, Debug)]
struct Made(Option<Wrong>);

fn made() -> impl TypedValueParser<Value = Made> {
    let words = ["none"].into_iter().chain(Wrong::ALL.map(Wrong::word));
    PossibleValuesParser::new(words)
        .map(|word| Made(Wrong::ALL.into_iter().find(|wrong| wrong.word() == word)))
}

fn share(text: &str) -> Result<f64, String> {
    let share: Option<f64> = text.parse().ok();
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "it is a number from 0 to 1".to_owned())
}

impl Generate {
    fn recipe(&self) -> Recipe {
        let faults = [
            (self.empties, Fault::Tries),
            (self.timeouts, Fault::Timeouts),
            (self.errors, Fault::Errors),
            (self.pending, Fault::Kills),
            (self.ends, Fault::Ends),
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

pub(super) fn history(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, Problem> {
    let Command::Generate(arguments) = &arguments.command;
    let mut history = generate(&arguments.recipe());
    if let Made(Some(wrong)) = arguments.fault
        && !spoil(&mut history, wrong, arguments.seed)
    {
        let what = format!(
            "nothing in this history can be made wrong by `{}`: \
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

/// So much is written at a time.
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
