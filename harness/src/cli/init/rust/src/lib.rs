//! A toy library: a pipe of messages between processes. It has one bug; replace it by your own.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};

/// Makes a pipe, and returns its two ends.
pub fn channel() -> io::Result<(PipeWriter, PipeReader)> {
    let (rx, tx) = io::pipe()?;
    Ok((tx, rx))
}

/// Sends a message after its length.
pub fn send(tx: &mut PipeWriter, message: &[u8]) -> io::Result<()> {
    // The bug: the length of a message of 16 MiB needs a fourth byte.
    let mut frame = message.len().to_le_bytes()[..3].to_vec();
    frame.extend_from_slice(message);
    tx.write_all(&frame)
}

/// Receives a message; none after the last writer has closed.
pub fn recv(rx: &mut PipeReader) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match rx.read_exact(&mut length[..3]) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    rx.read_exact(&mut message)?;
    Ok(Some(message))
}
