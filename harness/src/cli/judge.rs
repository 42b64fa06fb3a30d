//! `judge`: histories that others recorded.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::{Format, Problem, complain, tell};
use crate::event::exit_code::ExitCode;
use crate::linearizable::recorded::{MOST_MISTAKES, Mistake, Reading, Recorded};
use crate::linearizable::{Claims, Empty, Order, Verdict};
use crate::report::judged::JudgedFile;

const FORM: &str = "\
A history has one operation a line, in any order, each a JSON object:
  {\"peer\":\"p1\",\"channel\":\"q\",\"op\":\"put\",\"item\":3,\"start\":10,\"end\":14,\"outcome\":\"ok\"}
  peer, channel  who did it, and on which queue: a text or a number
  op             put, get or close
  item           what was put or got: a number, a text, true or false; as it is
                 written, so that 1 and 1.0 are two items; no item is put twice
                 on a channel, unless all puts but one had no effect for certain
  start, end     integers: a clock that all peers share, read before the call
                 and after it; operations with equal stamps count as concurrent
  outcome        ok, full (a put), empty (a get), timeout (had no effect),
                 end (a get: nothing will ever come again) or error
  definite       with error only: true if it had no effect for certain, false
                 if it may have had one
An operation that never returned, for it hung or was killed, has no end and no
outcome, or null. Each channel is judged by itself.

Exit codes:
  0    every history could be one of such a queue
  1    one couldn't
  2    the command line or a file is wrong; the other files were judged
  3    inconclusive: no operation, or no telling within the steps that are tried
Where several apply: 2 before 1, 3.";

/// `judge`'s arguments.
#[derive(Debug, Args)]
#[command(after_long_help = FORM)]
pub(super) struct Arguments {
    /// The order that the queue claims.
    #[arg(long, value_enum, value_name = "MODEL", default_value_t = Model::Fifo)]
    model: Model,
    /// The most items that the queue claims to hold: a put waits, or comes to `full`, where there
    /// are so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    capacity: Option<u64>,
    /// Which outcomes of a get claim that the queue was empty at some moment of the call.
    ///
    /// Without it `strict` for the model fifo, and none for the others: what is on its way in a
    /// queue that isn't one FIFO queue can't be got yet.
    #[arg(long, value_enum, value_name = "OUTCOMES")]
    empty: Option<Said>,
    /// What is printed: a page for people, or one JSON object a line for each file.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The histories; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Model {
    /// One FIFO queue: linearizable.
    Fifo,
    /// What one producer puts comes in its order, over all consumers.
    PerProducer,
    /// Any order; whatever is put comes once, and nothing else.
    Unordered,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Said {
    /// `empty`.
    Strict,
    /// `empty` and `timeout`.
    Timeout,
}

impl Arguments {
    fn claims(&self) -> Claims {
        let order = match self.model {
            Model::Fifo => Order::Fifo,
            Model::PerProducer => Order::PerProducer,
            Model::Unordered => Order::Unordered,
        };
        let empty = match (self.empty, order) {
            (Some(Said::Strict), _) | (None, Order::Fifo) => Some(Empty::Strict),
            (Some(Said::Timeout), _) => Some(Empty::Timeout),
            (None, _) => None,
        };
        Claims {
            order,
            capacity: self.capacity,
            empty,
        }
    }
}

pub(super) fn judge(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, Problem> {
    let claims = arguments.claims();
    let mut code = ExitCode::AsExpected;
    for path in &arguments.files {
        let (file, of_this) = one(path, &claims);
        match arguments.format {
            Format::Text => file.write_text(out)?,
            Format::Json => file.write_json(out)?,
        }
        out.flush()?;
        code = code.worse(of_this);
    }
    Ok(code)
}

fn one(path: &Path, claims: &Claims) -> (JudgedFile, ExitCode) {
    let mut file = JudgedFile {
        file: path.display().to_string(),
        judged: None,
        read: Default::default(),
        judging: Default::default(),
    };
    let started = Instant::now();
    let recorded = read(path, claims);
    file.read = started.elapsed();
    let Some(recorded) = recorded else {
        return (file, ExitCode::Usage);
    };
    let started = Instant::now();
    let judged = recorded.judge(claims);
    file.judging = started.elapsed();
    let code = match judged.verdict {
        Verdict::Pass => ExitCode::AsExpected,
        Verdict::Fail => ExitCode::Broken,
        Verdict::Unknown => ExitCode::Inconclusive,
    };
    file.judged = Some(judged);
    (file, code)
}

/// What a file says; if that can't be told, says why.
fn read(path: &Path, claims: &Claims) -> Option<Recorded> {
    let name = path.display().to_string();
    let reading = match path.to_str() {
        Some("-") => from(io::stdin().lock(), Reading::keeping(MOST_KEPT, *claims)),
        _ => from_file(path, claims),
    };
    let reading = match reading {
        Ok(reading) => reading,
        Err(error) => {
            complain(&format!("can't read {name}: {error}"));
            return None;
        }
    };
    match reading.finish() {
        Ok(recorded) => Some(recorded),
        Err(mistakes) => {
            tell_mistakes(&name, &mistakes);
            None
        }
    }
}

fn tell_mistakes(name: &str, mistakes: &[Mistake]) {
    let coloured = io::stderr().is_terminal();
    for mistake in mistakes {
        tell(&(mistake.render(name, coloured) + "\n\n"));
    }
    let count = match mistakes.len() {
        1 => "a mistake".to_owned(),
        MOST_MISTAKES => format!("{MOST_MISTAKES} mistakes or more, of which no more are told"),
        some => format!("{some} mistakes"),
    };
    complain(&format!("{name} isn't judged: it has {count}"));
}

/// So much is read at a time.
const PIECE: usize = 1 << 18;

/// So many operations are kept, in less than a gigabyte; where there are more, they are judged as
/// they come if they can be.
const MOST_KEPT: usize = 10_000_000;

fn from_file(path: &Path, claims: &Claims) -> io::Result<Reading> {
    let mut file = File::open(path)?;
    let reading = from(&file, Reading::keeping(MOST_KEPT, *claims))?;
    if reading.is_unfit() && file.rewind().is_ok() {
        // However much memory that takes.
        return from(&file, Reading::new());
    }
    Ok(reading)
}

fn from(mut source: impl Read, mut reading: Reading) -> io::Result<Reading> {
    let mut piece = vec![0; PIECE];
    while !reading.is_hopeless() {
        match source.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => reading.feed(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(reading)
}
