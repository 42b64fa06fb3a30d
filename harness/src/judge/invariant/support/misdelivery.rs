//! Witnesses of items that weren't delivered exactly once, unchanged and after their put.

use crate::history::fate::{Because, Fates, Lost};
use crate::history::pairing::Entry;
use crate::judge::Witness;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::witness::witness;

type WitnessMaker<'a> = Box<dyn FnOnce() -> Witness + 'a>;

/// Returns a maker of a witness for each item of a lane that wasn't delivered correctly.
pub(crate) fn all<'a>(
    evidence: &'a Evidence<'_>,
    fates: &'a Fates,
) -> impl Iterator<Item = WitnessMaker<'a>> {
    let make = move |make: fn(&Evidence<'_>, &Entry, &Entry) -> Witness| {
        move |(put, get): &'a (Entry, Entry)| -> WitnessMaker<'a> {
            Box::new(move || make(evidence, put, get))
        }
    };
    let invented = fates
        .invented
        .iter()
        .map(move |get| -> WitnessMaker<'a> { Box::new(move || invented(evidence, get)) });
    let lost = fates
        .lost
        .iter()
        .map(move |item| -> WitnessMaker<'a> { Box::new(move || lost(evidence, item)) });
    fates
        .doubled
        .iter()
        .map(make(doubled))
        .chain(fates.changed.iter().map(make(changed)))
        .chain(fates.resurrected.iter().map(make(resurrected)))
        .chain(fates.early.iter().map(make(early)))
        .chain(invented)
        .chain(lost)
}

/// The item was received more often than it was put.
pub(crate) fn doubled(evidence: &Evidence<'_>, first: &Entry, extra: &Entry) -> Witness {
    let item = evidence.item_of(extra.id());
    witness(
        [first.id(), extra.id()],
        format!("{item} once"),
        format!("{item} again"),
    )
}

/// Another content was received in the item's place.
pub(crate) fn changed(evidence: &Evidence<'_>, put: &Entry, get: &Entry) -> Witness {
    witness(
        [put.id(), get.id()],
        evidence.item_of(put.id()),
        format!(
            "{}, which no process {}",
            evidence.item_of(get.id()),
            evidence.put_of(get.id())
        ),
    )
}

/// The item was received although its put had failed.
pub(crate) fn resurrected(evidence: &Evidence<'_>, put: &Entry, get: &Entry) -> Witness {
    let item = evidence.item_of(put.id());
    witness(
        [put.id(), get.id()],
        format!("no {item}, since its put failed"),
        item,
    )
}

/// The item was received before its put started.
pub(crate) fn early(evidence: &Evidence<'_>, put: &Entry, get: &Entry) -> Witness {
    let item = evidence.item_of(get.id());
    let put_it = evidence.put_of(put.id());
    witness(
        [get.id(), put.id()],
        format!("{item} only after it was {put_it}"),
        format!("{item} before that"),
    )
}

/// The item was received, and no process put it.
pub(crate) fn invented(evidence: &Evidence<'_>, get: &Entry) -> Witness {
    let put = evidence.put_of(get.id());
    witness(
        [get.id()],
        format!("an item that a process {put}"),
        format!("{}, which no process {put}", evidence.item_of(get.id())),
    )
}

/// The item can't arrive any more.
pub(crate) fn lost(evidence: &Evidence<'_>, lost: &Lost) -> Witness {
    let item = evidence.item_of(lost.put.id());
    match lost.because {
        Because::Overtaken { put, got } => {
            let later = evidence.item_of(put);
            witness(
                [lost.put.id(), put, got],
                format!("{item}, {} before {later}", evidence.put_of(put)),
                format!("{later}, and never {item}"),
            )
        }
        Because::Ended(end) => witness(
            [lost.put.id(), end],
            format!("{item} before the end"),
            format!("the end, and never {item}"),
        ),
    }
}
