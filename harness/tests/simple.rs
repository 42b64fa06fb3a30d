//! Backends that the prelude makes of closures, on real processes.
//!
//! With [`VARIABLE`] set, this program is a test program of such backends.

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode};

use ipc_conformance::prelude::*;
use ipc_conformance::registry::Registry;
use libtest_mimic::Trial;

use crate::named;

/// Makes this program one that tests the backends below. Peers inherit the variable.
const VARIABLE: &str = "SIMPLE_BACKENDS";

/// The toy library that `init` writes, which has one bug.
#[path = "../src/cli/init/rust/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a crate of its own")]
mod toy_pipe;

/// Runs the test program if the environment asks for it.
pub(crate) fn of_this_process() -> Option<ExitCode> {
    env::var_os(VARIABLE).map(|_| ipc_conformance::testing::main(registry()))
}

fn registry() -> Registry {
    let meaning = |error: &io::Error| match error.kind() {
        ErrorKind::BrokenPipe => Outcome::Gone,
        _ => Outcome::Error,
    };
    let toy = pipe("toy/pipe")
        .given(toy_pipe::channel)
        .library("toy", "0.1.0")
        .send(toy_pipe::send)
        .recv(toy_pipe::recv)
        .error(meaning)
        .can([Capability::EndOnClose, Capability::ZeroLength]);
    let bytes = stream("simple/stream")
        .inherited(toy_pipe::channel)
        .write(PipeWriter::write)
        .read(PipeReader::read)
        .error(meaning)
        .can([Capability::EndOnClose]);
    let named = pipe("simple/named")
        .named(|path| File::create(path).map(drop), writer, reader)
        .send(append)
        .recv(next);
    Registry::new().with(toy).with(bytes).with(named)
}

fn writer(path: &Path) -> io::Result<File> {
    File::options().append(true).open(path)
}

fn reader(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Appends a message to a file.
fn append(file: &mut File, message: &[u8]) -> io::Result<()> {
    let mut frame = (message.len() as u32).to_le_bytes().to_vec();
    frame.extend_from_slice(message);
    file.write_all(&frame)
}

/// Reads the next message of a file, and waits until it is there.
fn next(file: &mut File) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    fill(file, &mut length)?;
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    fill(file, &mut message)?;
    Ok(message)
}

fn fill(file: &mut File, mut bytes: &mut [u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = file.read(bytes)?;
        bytes = &mut bytes[read..];
        std::thread::yield_now();
    }
    Ok(())
}

/// Returns the tests of this module.
pub(crate) fn trials() -> Vec<Trial> {
    let test: named::Named = ("closures_are_called_as_declared", closures_are_called);
    vec![named::trial("simple", &test)]
}

fn closures_are_called() {
    let expected = BTreeMap::from([
        ("pipe/larger-than-buffer@pipe:toy/pipe", "FAILED"),
        ("pipe/send-to-nobody@pipe:toy/pipe", "ok"),
        ("seed/pipe@pipe:simple/named", "ok"),
        ("seed/pipe@pipe:toy/pipe", "ok"),
        ("stream/bytes@stream:simple/stream", "ok"),
        ("stream/opened-by-a-process@stream:simple/stream", "ok"),
    ]);
    let this = env::current_exe().expect("the system knows this program's path");
    let output = Command::new(this)
        .env(VARIABLE, "1")
        .args(["--exact", "--color=never"])
        .args(expected.keys())
        .output()
        .expect("this program can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    let results = text.lines().filter_map(|line| {
        let (name, result) = line.strip_prefix("test ")?.split_once(" ... ")?;
        Some((name.trim_end(), result))
    });
    assert_eq!(results.collect::<BTreeMap<_, _>>(), expected, "{text}");
    assert_eq!(output.status.code(), Some(101));
}
