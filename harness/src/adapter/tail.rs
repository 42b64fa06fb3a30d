//! The end of a program's standard error.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::history::quote::cut;

/// How many bytes are kept.
const KEPT: usize = 16 << 10;
/// How many lines are quoted.
const QUOTED: usize = 8;

/// The last bytes received so far. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail(Arc<Mutex<LastBytes>>);

#[derive(Debug, Default)]
struct LastBytes {
    kept: VecDeque<u8>,
    /// How many of `kept` were already returned by [`Tail::take`].
    taken: usize,
}

impl Tail {
    /// Reads until the end of the stream, or an error.
    pub(super) fn follow(&self, mut from: impl Read) {
        let mut buffer = [0; 4 << 10];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let mut bytes = self.bytes();
            bytes.kept.extend(&buffer[..read]);
            let surplus = bytes.kept.len().saturating_sub(KEPT);
            bytes.kept.drain(..surplus);
            bytes.taken = bytes.taken.saturating_sub(surplus);
        }
    }

    /// Returns the bytes received since the last call, as far as they are kept.
    pub(super) fn take(&self) -> Vec<u8> {
        let mut bytes = self.bytes();
        let taken = std::mem::replace(&mut bytes.taken, 0);
        let new = bytes.kept.iter().skip(taken).copied().collect();
        bytes.taken = bytes.kept.len();
        new
    }

    /// Returns the last lines for a message, or an empty text if there are none.
    pub(super) fn quote(&self) -> String {
        let bytes: Vec<u8> = self.bytes().kept.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let mut lines: Vec<&str> = text.lines().rev().take(QUOTED).collect();
        lines.reverse();
        let lines: Vec<String> = lines.into_iter().map(cut).collect();
        lines.join("\n")
    }

    fn bytes(&self) -> MutexGuard<'_, LastBytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_quoted() {
        let tail = Tail::default();
        let lines: Vec<String> = (0..10_000).map(|n| format!("line {n}\n")).collect();
        tail.follow(lines.concat().as_bytes());
        let quoted = tail.quote();
        assert!(quoted.starts_with("line 9992\n"), "{quoted}");
        assert!(quoted.ends_with("line 9999"), "{quoted}");
    }

    #[test]
    fn bytes_are_taken_only_once() {
        let tail = Tail::default();
        tail.follow(&b"one"[..]);
        assert_eq!(tail.take(), b"one");
        tail.follow(&b"other"[..]);
        assert_eq!((tail.take(), tail.take()), (b"other".to_vec(), Vec::new()));
        assert_eq!(tail.quote(), "oneother");
    }
}
