//! Numbers for many names: 0 for the first, and so on.

use std::fmt;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

/// Names in the order in which they first appear.
///
/// They are stored one after the other in one string, so that millions of them take little more memory
/// than their letters.
#[derive(Clone, Default)]
pub(super) struct NameTable {
    text: String,
    /// The end of each name in `text`.
    ends: Vec<usize>,
    numbers: HashTable<NameEntry>,
}

#[derive(Clone, Copy)]
struct NameEntry {
    /// Part of the name's hash, so that the table can grow and skip most other names without reading
    /// them.
    digest: u32,
    number: u32,
}

impl NameEntry {
    /// Spreads the digest over all bits, because the table also uses the highest ones.
    fn hash(&self) -> u64 {
        u64::from(self.digest).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl NameTable {
    /// Returns the number of a name; `None` for a new name if there are too many.
    pub(super) fn number(&mut self, name: &str) -> Option<u32> {
        let digest = xxh3_64(name.as_bytes()) as u32;
        let (text, ends) = (&self.text, &self.ends);
        let mut entry = NameEntry { digest, number: 0 };
        let found = self.numbers.find(entry.hash(), |entry| {
            entry.digest == digest && nth(text, ends, entry.number) == Some(name)
        });
        if let Some(entry) = found {
            return Some(entry.number);
        }
        // The greatest number means no item.
        entry.number = u32::try_from(ends.len()).ok().filter(|n| *n < u32::MAX)?;
        self.text.push_str(name);
        self.ends.push(self.text.len());
        self.numbers
            .insert_unique(entry.hash(), entry, NameEntry::hash);
        Some(entry.number)
    }

    /// Returns the name with this number.
    pub(super) fn name(&self, number: u32) -> Option<&str> {
        nth(&self.text, &self.ends, number)
    }

    /// Returns the number of names.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Frees the memory for finding numbers; from now on, names can only be looked up by number.
    pub(super) fn close(&mut self) {
        self.numbers = HashTable::new();
    }
}

fn nth<'a>(text: &'a str, ends: &[usize], number: u32) -> Option<&'a str> {
    let number = number as usize;
    let end = *ends.get(number)?;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    text.get(start..end)
}

impl fmt::Debug for NameTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} names", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number() {
        let mut names = NameTable::default();
        let words: Vec<String> = (0..10_000).map(|n: u32| n.to_string()).collect();
        for _ in 0..2 {
            for (n, word) in (0..).zip(&words) {
                assert_eq!(names.number(word), Some(n));
            }
        }
        assert_eq!(names.len(), words.len());
        assert_eq!(names.name(4_321), Some("4321"));
        assert_eq!(names.name(10_000), None);
    }

    #[test]
    fn the_empty_name_is_a_name() {
        let mut names = NameTable::default();
        assert_eq!(names.number(""), Some(0));
        assert_eq!(names.number("a"), Some(1));
        assert_eq!((names.name(0), names.name(1)), (Some(""), Some("a")));
    }
}
