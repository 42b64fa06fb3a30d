//! Generated payloads: bytes of any length that contain their own number.

/// Returns the payload with this number: `size` bytes, of which the first eight (or fewer, if `size`
/// is less) are the number in little-endian order, and the rest a pattern derived from it.
pub(crate) fn generate(number: u64, size: u64) -> Vec<u8> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut pattern = PatternWords::of(number);
    let mut bytes = vec![[0; 8]; size.div_ceil(8)];
    // Word by word and without iterators, because this runs for every byte that is sent, and often
    // in an unoptimised build.
    let words = bytes.as_mut_slice();
    let (mut place, mut word) = (0, number);
    while place < words.len() {
        words[place] = word.to_le_bytes();
        word = pattern.next_word();
        place += 1;
    }
    let mut bytes = bytes.into_flattened();
    bytes.truncate(size);
    bytes
}

/// Returns the largest number that fits into a payload of this size.
pub(crate) fn largest_number(size: u64) -> u64 {
    match size {
        0 => 0,
        1..=7 => (1 << (8 * size)) - 1,
        _ => u64::MAX,
    }
}

/// Returns the number of the payload that these bytes are; `None` if they are no intact payload.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    (!bytes.is_empty() && fault(bytes).is_none()).then(|| carried(bytes))
}

/// Reads the number from the first bytes of a payload.
fn carried(bytes: &[u8]) -> u64 {
    let head = &bytes[..bytes.len().min(8)];
    head.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

/// Returns the offset of the first byte that differs from the payload whose number they begin with.
pub(crate) fn fault(bytes: &[u8]) -> Option<usize> {
    let mut pattern = PatternWords::of(carried(bytes));
    let (whole, rest) = bytes.get(8..)?.as_chunks::<8>();
    // Without iterators, as in `generate`.
    let mut place = 0;
    while place < whole.len() {
        let word = pattern.next_word();
        if u64::from_le_bytes(whole[place]) != word {
            let within = first_difference(&whole[place], &word.to_le_bytes())?;
            return Some(8 * (place + 1) + within);
        }
        place += 1;
    }
    let offset = bytes.len() - rest.len();
    let word = pattern.next_word().to_le_bytes();
    first_difference(rest, &word).map(|within| offset + within)
}

/// Returns the index of the first byte that differs.
fn first_difference(bytes: &[u8], others: &[u8; 8]) -> Option<usize> {
    bytes
        .iter()
        .zip(others)
        .position(|(one, other)| one != other)
}

/// Generates the pattern of a payload from a mixed Weyl sequence: different for each number, and
/// incompressible.
struct PatternWords(u64);

impl PatternWords {
    fn of(number: u64) -> PatternWords {
        PatternWords(number.wrapping_mul(0xd129_0d3b_1e6d_92f5))
    }

    fn next_word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ mixed >> 29
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::payload::*;
    use rstest::rstest;

    #[rstest]
    fn a_payload_contains_its_number(
        #[values(0, 1, 255)] n: u64,
        #[values(1, 7, 8, 9, 65_537)] size: u64,
    ) {
        let bytes = generate(n, size);
        assert_eq!(bytes.len() as u64, size);
        assert_eq!(number(&bytes), Some(n));
    }

    #[rstest]
    #[case::right_after_the_number(4096, 8)]
    #[case::in_the_middle(4096, 100)]
    #[case::at_the_end(4096, 4095)]
    #[case::in_the_last_whole_word(4093, 4087)]
    #[case::in_the_last_partial_word(4093, 4088)]
    #[case::at_the_end_of_the_partial_word(4093, 4092)]
    fn a_changed_byte_after_the_number_is_found(#[case] size: u64, #[case] at: usize) {
        let mut bytes = generate(5, size);
        bytes[at] ^= 0x10;
        assert_eq!((number(&bytes), fault(&bytes)), (None, Some(at)));
    }
}
