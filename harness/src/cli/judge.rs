//! `judge`: judges histories of queues that other programs recorded.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::problem::Problem;
use super::terminal::{OutputFormat, print_error, print_note};
use crate::event::ExitCode;
use crate::linearizable::recorded::{MOST_MISTAKES, Mistake, Reading, RecordedFile};
use crate::linearizable::{Claims, Empty, Order, Verdict};
use crate::report::judged::JudgedFile;

const FORM: &str = "\
A history has one operation per line, in any order, as a JSON object:
  {\"peer\":\"p1\",\"channel\":\"q\",\"op\":\"put\",\"item\":3,\"start\":10,\"end\":14,\"outcome\":\"ok\"}
  peer, channel  the caller and the queue: a string or a number
  op             put, get or close
  item           a number, a string, true or false. Its text counts, so 1 and 1.0
                 are different items. Put each item only once on a channel, unless
                 all other puts of it certainly had no effect.
  start, end     integers from a clock that all peers share, read before and after
                 the call. Operations with equal times count as concurrent.
  outcome        ok, full (put), empty (get), timeout (without an effect),
                 end (get: no item will ever come) or error
  definite       only with error: true if the call certainly had no effect, false
                 if it may have had one
An operation that never returned, because it hung or its peer was killed, has no
end and no outcome, or null. Each channel is judged separately.

Exit codes:
  0    every history is possible for such a queue
  1    a history is impossible
  2    the command line or a file is wrong; the other files were judged
  3    inconclusive: no operations, or too many possible orders to try
If several apply, the program exits with the first of 2, 1, 3.";

/// The arguments of `judge`.
#[derive(Debug, Args)]
#[command(after_long_help = FORM)]
pub(super) struct JudgeArguments {
    /// The order that the queue promises.
    #[arg(long, value_enum, value_name = "MODEL", default_value_t = QueueModel::Fifo)]
    model: QueueModel,
    /// The most items that the queue may hold. A put waits or returns `full` when it holds so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    capacity: Option<u64>,
    /// The outcomes of a get that mean that the queue was empty at some moment of the call.
    ///
    /// Defaults to `strict` for the model fifo. For the other models, by default no outcome means
    /// that, because items may still be on their way.
    #[arg(long, value_enum, value_name = "OUTCOMES")]
    empty: Option<EmptyOutcomes>,
    /// The output format: text for people, or a line with one JSON object for each file.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
    /// Files with histories. `-` means standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum QueueModel {
    /// A linearizable FIFO queue.
    Fifo,
    /// The items of each producer arrive in its order, over all consumers.
    PerProducer,
    /// Any order. Each item arrives once, and no other item arrives.
    Unordered,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum EmptyOutcomes {
    /// Only `empty`.
    Strict,
    /// `empty` and `timeout`.
    Timeout,
}

impl JudgeArguments {
    fn claims(&self) -> Claims {
        let order = match self.model {
            QueueModel::Fifo => Order::Fifo,
            QueueModel::PerProducer => Order::PerProducer,
            QueueModel::Unordered => Order::Unordered,
        };
        let empty = match (self.empty, order) {
            (Some(EmptyOutcomes::Strict), _) | (None, Order::Fifo) => Some(Empty::Strict),
            (Some(EmptyOutcomes::Timeout), _) => Some(Empty::Timeout),
            (None, _) => None,
        };
        Claims {
            order,
            capacity: self.capacity,
            empty,
        }
    }
}

pub(super) fn judge(arguments: &JudgeArguments, out: &mut dyn Write) -> Result<ExitCode, Problem> {
    let claims = arguments.claims();
    let mut code = ExitCode::AsExpected;
    for path in &arguments.files {
        let (file, code_of_file) = judge_file(path, &claims);
        match arguments.format {
            OutputFormat::Text => file.write_text(out)?,
            OutputFormat::Json => file.write_json(out)?,
        }
        out.flush()?;
        code = code.worse(code_of_file);
    }
    Ok(code)
}

fn judge_file(path: &Path, claims: &Claims) -> (JudgedFile, ExitCode) {
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

/// Reads a history, or prints the reason why it can't be read.
fn read(path: &Path, claims: &Claims) -> Option<RecordedFile> {
    let name = path.display().to_string();
    let reading = match path.to_str() {
        Some("-") => from(io::stdin().lock(), Reading::keeping(MOST_KEPT, *claims)),
        _ => from_file(path, claims),
    };
    let reading = match reading {
        Ok(reading) => reading,
        Err(error) => {
            print_error(&format!("can't read {name}: {error}"));
            return None;
        }
    };
    match reading.finish() {
        Ok(recorded) => Some(recorded),
        Err(mistakes) => {
            print_history_mistakes(&name, &mistakes);
            None
        }
    }
}

fn print_history_mistakes(name: &str, mistakes: &[Mistake]) {
    let coloured = io::stderr().is_terminal();
    for mistake in mistakes {
        print_note(&(mistake.render(name, coloured) + "\n\n"));
    }
    let count = match mistakes.len() {
        1 => "a mistake".to_owned(),
        MOST_MISTAKES => format!("{MOST_MISTAKES} mistakes or more"),
        some => format!("{some} mistakes"),
    };
    print_error(&format!("can't judge {name}: it has {count}"));
}

/// The number of bytes that are read at a time.
const PIECE: usize = 1 << 18;

/// The number of operations that are kept in memory, in less than a gigabyte. A longer history is
/// judged while it is read, if its claims allow it.
const MOST_KEPT: usize = 10_000_000;

fn from_file(path: &Path, claims: &Claims) -> io::Result<Reading> {
    let mut file = File::open(path)?;
    let reading = from(&file, Reading::keeping(MOST_KEPT, *claims))?;
    if reading.needs_all_operations() && file.rewind().is_ok() {
        // It can't be judged while it is read, so keep all of it.
        return from(&file, Reading::new());
    }
    Ok(reading)
}

fn from(mut source: impl Read, mut reading: Reading) -> io::Result<Reading> {
    let mut piece = vec![0; PIECE];
    while !reading.is_done() {
        match source.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => reading.feed(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(reading)
}
