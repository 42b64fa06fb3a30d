//! A message that doesn't fit into the receiver's buffer is an error and disturbs no other, and one that fits
//! is there whole, with its length.

use crate::backend::{Kind, Outcome};
use crate::history::OperationId;
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, Traffic};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::misdelivery;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{BLOCKED, witness};

const SHORT: &str = "pipe.frame.short-buffer";
const COUNT: &str = "pipe.frame.count-equals-stored";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "buffer",
    about: "a message that doesn't fit into a buffer is an error, and one that fits is there whole",
    clauses: &[SHORT, COUNT],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, fates) in evidence.lanes() {
        if traffic.kind == Kind::Pipe {
            fitting(evidence, &mut tally, traffic, fates);
            for get in &traffic.takers {
                let failed = evidence.operation(get.id()).outcome == Some(Outcome::Error);
                if failed && evidence.buffer(get).is_some() {
                    after(evidence, &mut tally, traffic, fates, get);
                }
            }
        }
    }
    tally.findings()
}

/// Judges the messages that buffers hold.
fn fitting(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    let mut spoiled = Vec::new();
    for (put, get) in &fates.changed {
        let Some(buffer) = evidence.buffer(get) else {
            continue;
        };
        spoiled.push(get.id());
        if put.content.length() > buffer.bytes {
            let expected = format!("an error, as it doesn't fit into {} bytes", buffer.bytes);
            tally.broken(SHORT, || {
                witness([put.id(), get.id()], expected, evidence.item_of(get.id()))
            });
        } else {
            tally.broken(COUNT, || misdelivery::changed(evidence, put, get));
        }
    }
    let whole = traffic.gets.iter().filter(|get| {
        let is_sent = !traffic.equal_puts(get.content).is_empty();
        is_sent && evidence.buffer(get).is_some() && !spoiled.contains(&get.id())
    });
    tally.upheld(COUNT, whole.count() as u64);
}

/// Judges the receives after one that failed because the message didn't fit: each returns a message that was
/// sent, or an error.
fn after(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    fates: &Fates,
    failed: &Entry,
) {
    let is_later = |get: OperationId| evidence.history.is_before(failed.id(), get);
    let fragments = fates.changed.iter().map(|(_, get)| get);
    let mut fragments = fragments.chain(&fates.invented);
    if let Some(fragment) = fragments.find(|get| is_later(get.id())) {
        return tally.broken(SHORT, || {
            let found = evidence.item_of(fragment.id());
            witness([failed.id(), fragment.id()], "a whole message", found)
        });
    }
    let mut lost = fates.lost.iter();
    if let Some(lost) = lost.find(|lost| is_later(lost.because.shown_by())) {
        return tally.broken(SHORT, || {
            let mut shown = misdelivery::lost(evidence, lost);
            shown.operations.insert(0, failed.id());
            shown
        });
    }
    let mut takers = traffic.takers.iter();
    let hanging = takers.find(|get| get.process() == failed.process() && evidence.hangs(get.id()));
    if let Some(hanging) = hanging {
        return tally.broken(SHORT, || {
            witness(
                [failed.id(), hanging.id()],
                "the next message, or an error",
                BLOCKED,
            )
        });
    }
    let whole = traffic.gets.iter().filter(|get| is_later(get.id()));
    let failing = traffic.takers.iter().filter(|get| is_later(get.id()));
    tally.upheld(SHORT, (whole.count() + failing.count()) as u64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Ending, Exit};
    use crate::judge::invariant::message::{boundary, values};
    use crate::plan::{Codec, Item};
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe};
    use rstest::rstest;

    fn bytes(of: &[u8]) -> Item {
        Item::Bytes(of.to_vec())
    }

    /// A message of five bytes, and two of two bytes.
    fn sent() -> HistoryBuilder {
        let run = pipe().codec(Codec::Bytes).process("w");
        let run = run.put(bytes(b"longs")).ok(0, 1).put(bytes(b"ab")).ok(2, 3);
        run.put(bytes(b"cd")).ok(4, 5).process("r")
    }

    #[rstest]
    #[case::the_next_is_whole(
        sent().ask().buffer(4, 1).gives(Outcome::Error, 6, 7).get(bytes(b"ab")).ok(8, 9),
        SHORT,
        Expect::Upheld(1)
    )]
    #[case::all_later_ones_fail(
        sent().ask().buffer(4, 1).gives(Outcome::Error, 6, 7)
            .ask().gives(Outcome::Error, 8, 9).ask().gives(Outcome::Error, 10, 11),
        SHORT,
        Expect::Upheld(2)
    )]
    #[case::the_rest_comes_next(
        sent().ask().buffer(4, 1).gives(Outcome::Error, 6, 7).get(bytes(b"s")).ok(8, 9),
        SHORT,
        Expect::Broken(1)
    )]
    #[case::the_next_is_lost(
        sent().ask().buffer(4, 1).gives(Outcome::Error, 6, 7).get(bytes(b"cd")).ok(8, 9),
        SHORT,
        Expect::Broken(1)
    )]
    #[case::the_next_never_comes(
        sent().ask().buffer(4, 1).gives(Outcome::Error, 6, 7).ask().pending(8).exits(Exit::Ended)
            .ending(Ending::Stalled),
        SHORT,
        Expect::Broken(1)
    )]
    #[case::it_is_cut(
        sent().get(bytes(b"long")).buffer(4, 1).ok(6, 7), SHORT, Expect::Broken(1)
    )]
    #[case::it_fits(sent().get(bytes(b"longs")).buffer(8, 1).ok(6, 7), COUNT, Expect::Upheld(1))]
    #[case::only_whole_elements_are_stored(
        sent().get(bytes(b"long\0")).buffer(8, 4).ok(6, 7), COUNT, Expect::Broken(1)
    )]
    #[case::no_buffer_is_used(sent().get(bytes(b"longs")).ok(6, 7), COUNT, Expect::Untried)]
    fn judges_a_receive_into_a_buffer(
        #[case] run: HistoryBuilder,
        #[case] clause: &str,
        #[case] expect: Expect,
    ) {
        run.check(&INVARIANT, clause, expect);
    }

    /// A library that stores too little in a buffer of the caller changes no message and no value.
    #[test]
    fn a_wrong_buffer_breaks_no_promise_about_messages_and_values() {
        let run = || sent().get(bytes(b"long\0")).buffer(8, 4).ok(6, 7);
        let of_message = "pipe.frame.boundaries-preserved";
        run().check(&boundary::INVARIANT, of_message, Expect::Untried);
        run().check(&values::INVARIANT, "value.bytes", Expect::Untried);
    }
}
