//! Many names, each given a number: the first 0, and so on.

use std::fmt;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

/// Names in the order in which they were first seen.
///
/// They stand behind one another in one text: millions of them take little more room than their
/// letters.
#[derive(Clone, Default)]
pub(super) struct Names {
    text: String,
    /// Where each of them ends.
    ends: Vec<usize>,
    numbers: HashTable<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// So that the table grows, and passes over most others, without a look at their names.
    digest: u32,
    number: u32,
}

impl Entry {
    /// Spread over all bits again, for the table looks at the highest ones too.
    fn hash(&self) -> u64 {
        u64::from(self.digest).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl Names {
    /// The number of this name; none for a new one if there are too many already.
    pub(super) fn number(&mut self, name: &str) -> Option<u32> {
        let digest = xxh3_64(name.as_bytes()) as u32;
        let (text, ends) = (&self.text, &self.ends);
        let mut entry = Entry { digest, number: 0 };
        let found = self.numbers.find(entry.hash(), |entry| {
            entry.digest == digest && nth(text, ends, entry.number) == Some(name)
        });
        if let Some(entry) = found {
            return Some(entry.number);
        }
        // The greatest number stands for no item.
        entry.number = u32::try_from(ends.len()).ok().filter(|n| *n < u32::MAX)?;
        self.text.push_str(name);
        self.ends.push(self.text.len());
        self.numbers.insert_unique(entry.hash(), entry, Entry::hash);
        Some(entry.number)
    }

    /// The name with this number.
    pub(super) fn name(&self, number: u32) -> Option<&str> {
        nth(&self.text, &self.ends, number)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Forgets the numbers of names, and keeps the names of numbers.
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

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} names", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number() {
        let mut names = Names::default();
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
    fn the_empty_name_is_one() {
        let mut names = Names::default();
        assert_eq!(names.number(""), Some(0));
        assert_eq!(names.number("a"), Some(1));
        assert_eq!((names.name(0), names.name(1)), (Some(""), Some("a")));
    }
}
