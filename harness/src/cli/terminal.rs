//! Standard output and standard error, with colours if they are terminals.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use clap::ValueEnum;

use crate::corpus::RejectedFile;
use crate::printable::{cut_message, drawn, indented};

/// The format of a command's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    Text,
    Json,
}

pub(super) fn stdout() -> AutoStream<io::StdoutLock<'static>> {
    AutoStream::auto(io::stdout()).lock()
}

/// Prints one line on standard error, after the name of the program. Prints nothing if `what` is
/// empty.
pub(super) fn print_error(what: &str) {
    if !what.is_empty() {
        print_note(&format!(
            "ipc-conformance: {}\n",
            indented(&cut_message(what))
        ));
    }
}

/// Prints text of the harness on standard error. Others that it quotes may not break its lines.
pub(super) fn print_note(text: &str) {
    // If even this can't be written, there is no way left to report it.
    let _ = anstream::stderr().write_all(drawn(text).as_bytes());
}

/// Prints the mistakes of these files on standard error, and returns how many files there are.
pub(super) fn print_mistakes(files: &[RejectedFile]) -> usize {
    let coloured = io::stderr().is_terminal();
    files
        .iter()
        .for_each(|file| print_note(&(file.render(coloured) + "\n")));
    files.len()
}
