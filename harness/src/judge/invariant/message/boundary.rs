//! Each send on a pipe is received as one message, whole and unchanged, whatever its length.

use crate::backend::Kind;
use crate::history::fate::{Because, Fates};
use crate::history::pairing::{Entry, Traffic};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::misdelivery;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{NOTHING_CAME, witness};
use crate::judge::untried;

const BOUNDARIES: &str = "pipe.frame.boundaries-preserved";
const EMPTY: &str = "pipe.frame.zero-length";
const MIXED: &str = "pipe.frame.zero-length-mixed";
const LARGE: &str = "pipe.frame.larger-than-buffer";
const EDGE: &str = "pipe.frame.edge-lengths";
const EXACT: &str = "pipe.frame.exact-read-buffer";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "boundary",
    about: "each send on a pipe is received as one message, whole and unchanged, at every length",
    clauses: &[BOUNDARIES, EMPTY, MIXED, LARGE, EDGE, EXACT],
    judge,
};

/// The size of the buffer that most systems give a pipe.
const BUFFER: u64 = 65_536;
/// Lengths at which systems and libraries behave differently: `PIPE_BUF` of several systems, pages,
/// Python's switch to two writes, and the buffers of pipes and local sockets.
const EDGES: [u64; 7] = [512, 4_096, 8_192, 16_384, 32_768, BUFFER, 219_264];
/// How far headers may shift such a length.
const NEAR: u64 = 32;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let pipes = evidence
        .lanes()
        .filter(|(traffic, _)| traffic.kind == Kind::Pipe);
    for (traffic, fates) in pipes {
        count_upheld(&mut tally, traffic, fates);
        judge_fates(evidence, &mut tally, traffic, fates);
        judge_last(evidence, &mut tally, traffic, fates);
    }
    tally.findings()
}

fn is_edge(length: u64) -> bool {
    EDGES.iter().any(|edge| edge.abs_diff(length) <= NEAR)
}

/// Returns the clauses about messages of this length.
fn of_length(length: u64) -> impl Iterator<Item = &'static str> {
    let edge = is_edge(length);
    [(length == 0, EMPTY), (length > BUFFER, LARGE), (edge, EDGE)]
        .into_iter()
        .filter_map(|(applies, clause)| applies.then_some(clause))
}

fn count_upheld(tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    tally.upheld(BOUNDARIES, fates.delivered);
    if fates.ambiguous > 0 {
        tally.untried(BOUNDARIES, untried::EQUAL_ITEMS);
    }
    let mut empty = 0;
    for group in traffic.groups() {
        let paired = group.paired() as u64;
        for clause in of_length(group.content.length()) {
            tally.upheld(clause, paired);
        }
        if group.content.length() == 0 {
            empty += paired;
        }
    }
    if empty > 0 && fates.delivered > empty {
        tally.upheld(MIXED, fates.delivered);
    }
}

/// Judges that a message which may exactly fill a buffer arrives although no other follows it.
fn judge_last(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    let may_fill = |entry: &&Entry| is_edge(entry.content.length());
    let sorted = |stamps: &mut dyn Iterator<Item = u64>| {
        let mut stamps: Vec<u64> = stamps.collect();
        stamps.sort_unstable();
        stamps
    };
    let sent = sorted(&mut traffic.puts.iter().map(|put| put.start));
    let came = sorted(&mut traffic.gets.iter().map(|get| get.returned));
    let until = |stamps: &[u64], moment| stamps.partition_point(|stamp| *stamp <= moment);
    let is_last = |get: &&Entry| until(&sent, get.returned) <= until(&came, get.returned);
    let alone = traffic.gets.iter().filter(may_fill).filter(is_last);
    tally.upheld(EXACT, alone.count() as u64);
    let asleep = traffic.takers.iter().find(|get| evidence.hangs(get.id()));
    if let (Some(put), Some(get)) = (fates.missing.iter().find(may_fill), asleep) {
        tally.broken(EXACT, || {
            let expected = "the message, which was sent whole";
            witness([put.id(), get.id()], expected, NOTHING_CAME)
        });
    }
}

fn judge_fates(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    let mixed = is_mixed(traffic);
    let mut of_put = |put: &Entry, witness: &dyn Fn() -> crate::judge::Witness| {
        tally.broken(BOUNDARIES, witness);
        for clause in of_length(put.content.length()) {
            tally.broken(clause, witness);
        }
        if mixed {
            tally.broken(MIXED, witness);
        }
    };
    let unbuffered = |(_, get): &&(Entry, Entry)| evidence.buffer(get).is_none();
    for (put, get) in fates.changed.iter().filter(unbuffered) {
        of_put(put, &|| misdelivery::changed(evidence, put, get));
    }
    for lost in &fates.lost {
        // A message that is missing after the last one breaks a clause about the end.
        if let Because::Overtaken { .. } = lost.because {
            of_put(&lost.put, &|| misdelivery::lost(evidence, lost));
        }
    }
    for (first, extra) in &fates.doubled {
        of_put(extra, &|| misdelivery::doubled(evidence, first, extra));
    }
    for (put, get) in &fates.resurrected {
        of_put(put, &|| misdelivery::resurrected(evidence, put, get));
    }
    for (put, get) in &fates.early {
        of_put(put, &|| misdelivery::early(evidence, put, get));
    }
    for get in &fates.invented {
        tally.broken(BOUNDARIES, || misdelivery::invented(evidence, get));
        if mixed {
            tally.broken(MIXED, || misdelivery::invented(evidence, get));
        }
    }
    for lost in &fates.lost {
        if let Because::Ended(end) = lost.because
            && lost.put.content.length() == 0
        {
            tally.broken(EMPTY, || {
                witness(
                    [lost.put.id(), end],
                    "the empty message, and only then the end",
                    "the end instead",
                )
            });
        }
    }
}

/// Whether both empty and other messages were sent.
fn is_mixed(traffic: &Traffic) -> bool {
    let empty = |put: &Entry| put.content.length() == 0;
    traffic.puts.iter().any(empty) && !traffic.puts.iter().all(empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Outcome, Side};
    use crate::history::{Ending, Exit};
    use crate::plan::{Codec, Item};
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe};
    use rstest::rstest;

    fn bytes(text: &str) -> Item {
        Item::Bytes(text.into())
    }

    fn sent(messages: &[&str]) -> HistoryBuilder {
        let mut run = pipe().codec(Codec::Bytes).process("w");
        for (n, message) in (0..).zip(messages) {
            run = run.put(bytes(message)).ok(2 * n, 2 * n + 1);
        }
        run.close(Side::Tx).ok(80, 81).process("r")
    }

    fn got(mut run: HistoryBuilder, messages: &[&str]) -> HistoryBuilder {
        for (n, message) in (50..).zip(messages) {
            run = run.get(bytes(message)).ok(2 * n, 2 * n + 1);
        }
        run.ask().gives(Outcome::End, 190, 191)
    }

    #[rstest]
    #[case::whole(&["ab", "c"], &["ab", "c"], Expect::Upheld(2))]
    #[case::merged(&["ab", "c", "d"], &["abc", "d"], Expect::Broken(2))]
    #[case::split(&["ab", "c"], &["a", "b", "c"], Expect::Broken(2))]
    #[case::cut(&["ab", "c"], &["a", "c"], Expect::Broken(1))]
    #[case::lost(&["ab", "c"], &["c"], Expect::Broken(1))]
    #[case::lost_after_the_last(&["ab", "c"], &["ab"], Expect::Upheld(1))]
    #[case::twice(&["ab", "c"], &["ab", "ab", "c"], Expect::Broken(1))]
    fn judges_boundaries(
        #[case] messages: &[&str],
        #[case] received: &[&str],
        #[case] expect: Expect,
    ) {
        got(sent(messages), received).check(&INVARIANT, BOUNDARIES, expect);
    }

    #[rstest]
    #[case::arrives(&["a", "", "b"], &["a", "", "b"], Expect::Upheld(1))]
    #[case::is_lost(&["a", "", "b"], &["a", "b"], Expect::Broken(1))]
    #[case::becomes_the_end(&["a", ""], &["a"], Expect::Broken(1))]
    #[case::grows(&["a", "", "b"], &["a", "x", "b"], Expect::Broken(1))]
    #[case::is_not_sent(&["a"], &["a"], Expect::Untried)]
    fn judges_empty_messages(
        #[case] messages: &[&str],
        #[case] received: &[&str],
        #[case] expect: Expect,
    ) {
        got(sent(messages), received).check(&INVARIANT, EMPTY, expect);
    }

    #[rstest]
    #[case::arrive(&["a", "", "b"], &["a", "", "b"], Expect::Upheld(3))]
    #[case::lose_one(&["a", "", "b"], &["a", "b"], Expect::Broken(1))]
    #[case::are_not_mixed(&["", ""], &["", ""], Expect::Untried)]
    fn judges_empty_messages_among_others(
        #[case] messages: &[&str],
        #[case] received: &[&str],
        #[case] expect: Expect,
    ) {
        got(sent(messages), received).check(&INVARIANT, MIXED, expect);
    }

    fn payload(size: u64, arrived: u64) -> HistoryBuilder {
        pipe()
            .codec(Codec::Bytes)
            .process("w")
            .put(Item::Payload { number: 3, size })
            .ok(0, 1)
            .process("r")
            .get(Item::Payload {
                number: 3,
                size: arrived,
            })
            .ok(2, 3)
    }

    #[rstest]
    #[case(LARGE, 65_537, 65_537, Expect::Upheld(1))]
    #[case(LARGE, 65_537, 65_536, Expect::Broken(1))]
    #[case(LARGE, 65_536, 65_536, Expect::Untried)]
    #[case(EDGE, 65_536, 65_536, Expect::Upheld(1))]
    #[case(EDGE, 4_097, 4_096, Expect::Broken(1))]
    #[case(EDGE, 1_000, 1_000, Expect::Untried)]
    #[case(BOUNDARIES, 1_000, 999, Expect::Broken(1))]
    fn judges_lengths(
        #[case] clause: &str,
        #[case] sent: u64,
        #[case] arrived: u64,
        #[case] expect: Expect,
    ) {
        payload(sent, arrived).check(&INVARIANT, clause, expect);
    }

    fn hangs(run: HistoryBuilder, size: u64) -> HistoryBuilder {
        let run = run.process("w").put(Item::Payload { number: 4, size });
        let run = run.ok(4, 5).process("r").exits(Exit::Ended);
        run.ask().pending(6).ending(Ending::Stalled)
    }

    #[rstest]
    #[case::arrives(payload(4_092, 4_092), Expect::Upheld(1))]
    #[case::of_no_buffer_size(payload(1_000, 1_000), Expect::Untried)]
    #[case::followed_by_another(
        payload(4_096, 4_096).process("w").put(Item::Payload { number: 4, size: 9 }).ok(1, 2),
        Expect::Untried
    )]
    #[case::does_not_arrive(hangs(payload(4_096, 4_096), 4_096), Expect::Broken(1))]
    #[case::of_no_buffer_size_does_not_arrive(
        hangs(payload(4_096, 4_096), 1_000),
        Expect::Upheld(1)
    )]
    fn judges_the_last_message(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, EXACT, expect);
    }

    #[test]
    fn a_cut_payload_keeps_its_number_in_the_witness() {
        let witness = payload(65_537, 65_536).witness(&INVARIANT, LARGE);
        assert_eq!(witness.expected, "#3 (65537 bytes)");
        assert_eq!(witness.actual, "#3 (65536 bytes), which no process sent");
    }

    #[test]
    fn a_message_that_a_killed_writer_was_sending_may_be_missing() {
        sent(&["a"])
            .process("k")
            .exits(Exit::Killed)
            .put(bytes("b"))
            .pending(2)
            .process("r")
            .get(bytes("a"))
            .ok(10, 11)
            .check(&INVARIANT, BOUNDARIES, Expect::Upheld(1));
    }
}
