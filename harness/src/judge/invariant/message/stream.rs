//! The bytes of a stream are read in the order in which they were written, all of them and no others.

use std::ops::Range;

use crate::backend::Kind;
use crate::history::pairing::{Entry, Traffic};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::given_up::{CANCEL, GivenUp};
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::judge::untried;
use crate::plan::{Content, hex};

const ORDER: &str = "stream.order.bytes";
const EXACT: &str = "stream.content.exact";
const SHORT: &str = "stream.read.short";
const PARTIAL: &str = "stream.write.partial";
const DRAIN: &str = "stream.end.drain-first";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "stream",
    about: "the bytes of a stream are read in the order in which they were written, all and no others",
    clauses: &[ORDER, EXACT, SHORT, PARTIAL, DRAIN, CANCEL],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let streams = evidence
        .lanes()
        .filter(|(traffic, _)| traffic.kind == Kind::Stream);
    for (traffic, _) in streams {
        match (WrittenBytes::of(evidence, traffic), in_order(&traffic.gets)) {
            (Ok(written), Some(reads)) => {
                let given_up = GivenUp::of(evidence, traffic);
                compare(&mut tally, traffic, &written, &reads, given_up.as_ref());
            }
            (Err(why), _) => INVARIANT.clauses.iter().for_each(|c| tally.untried(c, why)),
            (_, None) => {
                let why = untried::READ_AT_ONCE;
                INVARIANT.clauses.iter().for_each(|c| tally.untried(c, why));
            }
        }
    }
    tally.findings()
}

/// All bytes that were written, in order.
struct WrittenBytes {
    bytes: Vec<u8>,
    /// How many bytes were certainly written. Later ones may have been.
    certain: usize,
    pieces: Vec<(Range<usize>, Entry)>,
}

impl WrittenBytes {
    fn of(evidence: &Evidence<'_>, traffic: &Traffic) -> Result<WrittenBytes, &'static str> {
        let writes = in_order(&traffic.puts).ok_or(untried::WRITTEN_AT_ONCE)?;
        let mut written = WrittenBytes {
            bytes: Vec::new(),
            certain: 0,
            pieces: Vec::with_capacity(writes.len()),
        };
        let mut failed = false;
        for write in writes {
            if failed {
                return Err("a write failed, and it isn't known how much of it was written");
            }
            let item = evidence
                .find_item(traffic.lane.channel, write.content)
                .ok_or("the history doesn't have all bytes that were written")?;
            let bytes = traffic
                .codec
                .encode(&item)
                .map_err(|_| "an item can't be written as bytes")?;
            let from = written.bytes.len();
            written.bytes.extend_from_slice(&bytes);
            written.pieces.push((from..written.bytes.len(), write));
            if write.certain {
                written.certain = written.bytes.len();
            }
            failed = !write.certain;
        }
        Ok(written)
    }

    /// Returns the write to which this byte belongs, or the last write for an offset after them all.
    fn write_at(&self, offset: usize) -> Option<&Entry> {
        let holds = |(range, _): &&(Range<usize>, Entry)| offset < range.end;
        let piece = self.pieces.iter().find(holds).or(self.pieces.last());
        piece.map(|(_, write)| write)
    }

    /// Whether a read that stopped before this byte stopped in the middle of a write.
    fn is_inside(&self, offset: usize) -> bool {
        let cut = |(range, _): &(Range<usize>, Entry)| range.start < offset && offset < range.end;
        self.pieces.iter().any(cut)
    }

    /// Counts the long writes that end in this range.
    fn finished(&self, range: Range<usize>) -> u64 {
        let ends = |piece: &&(Range<usize>, Entry)| {
            range.start < piece.0.end && piece.0.end <= range.end && is_long(&piece.1)
        };
        self.pieces.iter().filter(ends).count() as u64
    }

    /// Whether this content is the beginning of a write other than the one at `offset`.
    fn begins_elsewhere(&self, content: Content, offset: usize) -> bool {
        let length = content.length() as usize;
        self.pieces.iter().any(|(range, _)| {
            let slice = self.bytes.get(range.start..range.start + length);
            range.start != offset && slice.is_some_and(|slice| Content::of(slice) == content)
        })
    }
}

/// More bytes than a system's pipe accepts at once. A longer write is done in parts, and each part
/// depends on how many bytes the one before it reported.
const LONG: u64 = 65_536;

fn is_long(write: &Entry) -> bool {
    write.content.length() > LONG
}

/// Returns the operations in order, or none if two of them overlap.
fn in_order(entries: &[Entry]) -> Option<Vec<Entry>> {
    let mut entries = entries.to_vec();
    entries.sort_unstable_by_key(|entry| (entry.start, entry.id()));
    let follow = |a: &Entry, b: &Entry| a.is_in_turn_with(b) || a.returned < b.start;
    entries.is_sorted_by(follow).then_some(entries)
}

fn compare(
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    written: &WrittenBytes,
    reads: &[Entry],
    given_up: Option<&GivenUp>,
) {
    let total: u64 = reads.iter().map(|read| read.content.length()).sum();
    let mut offset = 0;
    for read in reads {
        let length = read.content.length() as usize;
        let slice = written.bytes.get(offset..offset + length);
        let was_given_up = given_up.is_some_and(|given_up| given_up.right_before(read.start));
        if slice.is_none_or(|slice| Content::of(slice) != read.content) {
            let swapped =
                total == written.certain as u64 && written.begins_elsewhere(read.content, offset);
            let clause = if swapped { ORDER } else { EXACT };
            let write = written.write_at(offset);
            let witness = || {
                let write = write.map(Entry::id);
                let expected = match slice {
                    Some(slice) => format!("{} from byte {offset} on", excerpt(slice)),
                    None => format!("no more than the {} bytes written", written.bytes.len()),
                };
                let actual = format!("{}", read.content);
                witness(write.into_iter().chain([read.id()]), expected, actual)
            };
            tally.broken(clause, witness);
            // Bytes that are missing in a long write were never written, whatever it reported.
            let missing = total < written.certain as u64;
            if missing && write.is_some_and(is_long) {
                tally.broken(PARTIAL, witness);
            }
            if clause == EXACT && written.is_inside(offset) {
                tally.broken(SHORT, witness);
            }
            if clause == EXACT && was_given_up {
                tally.broken(CANCEL, witness);
            }
            return;
        }
        tally.upheld(EXACT, 1);
        tally.upheld(SHORT, u64::from(written.is_inside(offset)));
        tally.upheld(CANCEL, u64::from(was_given_up));
        let before = offset;
        offset += length;
        tally.upheld(PARTIAL, written.finished(before..offset));
        // Two bytes suffice: the second could have come before the first.
        tally.upheld(ORDER, u64::from(offset > 1));
    }
    let Some(end) = traffic.ends.first() else {
        return;
    };
    if offset >= written.certain {
        tally.upheld(DRAIN, u64::from(written.certain > 0));
    } else if traffic.takers.is_empty() {
        tally.broken(DRAIN, || {
            let write = written.write_at(offset).map(Entry::id);
            let expected = format!("all {} bytes before the end", written.certain);
            witness(
                write.into_iter().chain([end.id()]),
                expected,
                format!("the end after {offset}"),
            )
        });
    }
}

/// Formats bytes as a content is formatted: all of them, or the first eight and the length.
fn excerpt(bytes: &[u8]) -> String {
    match bytes.len() {
        0..=16 => format!("0x{}", hex::encode(bytes)),
        length => format!("0x{}… ({length} bytes)", hex::encode(&bytes[..8])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Outcome;
    use crate::history::Exit;
    use crate::plan::Item;
    use crate::test_support::histories::{Expect, HistoryBuilder, stream};
    use rstest::rstest;

    fn bytes(text: &str) -> Item {
        Item::Bytes(text.into())
    }

    fn written(pieces: &[&str]) -> HistoryBuilder {
        let mut run = stream().process("w");
        for (n, piece) in (0..).zip(pieces) {
            run = run.put(bytes(piece)).ok(2 * n, 2 * n + 1);
        }
        run.process("r")
    }

    fn read(mut run: HistoryBuilder, pieces: &[&str]) -> HistoryBuilder {
        for (n, piece) in (50..).zip(pieces) {
            run = run.get(bytes(piece)).ok(2 * n, 2 * n + 1);
        }
        run.ask().gives(Outcome::End, 190, 191)
    }

    #[rstest]
    #[case::as_written(&["abc", "def"], EXACT, Expect::Upheld(2))]
    #[case::in_order(&["abc", "def"], ORDER, Expect::Upheld(2))]
    #[case::in_one_piece(&["abcdef"], ORDER, Expect::Upheld(1))]
    #[case::cut_anywhere(&["a", "bcde", "f"], EXACT, Expect::Upheld(3))]
    #[case::drained(&["abcdef"], DRAIN, Expect::Upheld(1))]
    #[case::swapped(&["def", "abc"], ORDER, Expect::Broken(1))]
    #[case::one_changed(&["abc", "dxf"], EXACT, Expect::Broken(1))]
    #[case::after_a_short_read(&["ab", "c", "def"], SHORT, Expect::Upheld(1))]
    #[case::without_a_short_read(&["abc", "def"], SHORT, Expect::Untried)]
    #[case::lost_after_a_short_read(&["ab", "def"], SHORT, Expect::Broken(1))]
    #[case::one_dropped(&["abc", "df"], EXACT, Expect::Broken(1))]
    #[case::a_piece_dropped(&["def"], EXACT, Expect::Broken(1))]
    #[case::a_piece_doubled(&["abc", "abc", "def"], EXACT, Expect::Broken(1))]
    #[case::one_added(&["abc", "def", "g"], EXACT, Expect::Broken(1))]
    #[case::ended_before_the_last(&["abc", "de"], DRAIN, Expect::Broken(1))]
    fn judges(#[case] pieces: &[&str], #[case] clause: &str, #[case] expect: Expect) {
        read(written(&["abc", "def"]), pieces).check(&INVARIANT, clause, expect);
    }

    #[rstest]
    #[case::the_next_read_gets_all(&["abcdef"], Expect::Upheld(1))]
    #[case::some_bytes_are_lost(&["def"], Expect::Broken(1))]
    #[case::no_later_read(&[], Expect::Untried)]
    fn judges_reads_that_give_up(#[case] pieces: &[&str], #[case] expect: Expect) {
        let run = written(&["abc", "def"]);
        let run = run.ask().gives(Outcome::Timeout, 0, 1);
        read(run, pieces).check(&INVARIANT, CANCEL, expect);
    }

    #[test]
    fn a_stream_without_reads_tries_nothing() {
        for clause in INVARIANT.clauses {
            written(&["abc"]).check(&INVARIANT, clause, Expect::Untried);
        }
    }

    #[rstest]
    #[case::not_at_all(&["abc"])]
    #[case::in_part(&["abc", "d"])]
    #[case::whole(&["abcdef"])]
    fn bytes_that_a_killed_writer_was_writing_may_arrive(#[case] pieces: &[&str]) {
        let run = written(&["abc"]).process("w").exits(Exit::Killed);
        let run = read(run.put(bytes("def")).pending(10).process("r"), pieces);
        run.check(&INVARIANT, EXACT, Expect::Upheld(pieces.len() as u64));
        run.check(&INVARIANT, DRAIN, Expect::Upheld(1));
    }

    #[test]
    fn overlapping_writers_are_not_judged() {
        let run = written(&["abc"]).process("o").put(bytes("def")).ok(0, 1);
        let run = read(run.process("r"), &["defabc"]);
        run.check(&INVARIANT, ORDER, Expect::Untried);
    }

    #[test]
    fn a_long_write_is_compared_read_by_read() {
        let payload = |number| Item::Payload {
            number,
            size: 70_000,
        };
        let all = crate::plan::payload::generate(3, 70_000);
        let piece = |range: Range<usize>| Item::Bytes(all[range].to_vec());
        let sent = || stream().process("w").put(payload(3)).ok(0, 1).process("r");
        let good = sent().get(piece(0..65_536)).ok(2, 3);
        let good = good.get(piece(65_536..70_000)).ok(4, 5);
        good.check(&INVARIANT, EXACT, Expect::Upheld(2));
        good.check(&INVARIANT, PARTIAL, Expect::Upheld(1));
        let bad = sent().get(piece(0..65_536)).ok(2, 3);
        let bad = bad.get(piece(65_537..70_000)).ok(4, 5);
        bad.check(&INVARIANT, EXACT, Expect::Broken(1));
        bad.check(&INVARIANT, PARTIAL, Expect::Broken(1));
        let flipped = sent().get(bytes("another beginning")).ok(2, 3);
        let flipped = flipped.get(piece(17..70_000)).ok(4, 5);
        flipped.check(&INVARIANT, EXACT, Expect::Broken(1));
        flipped.check(&INVARIANT, PARTIAL, Expect::Untried);
    }
}
