//! Items as a case file writes them.

use super::steps::literal;
use super::world::Stocked;
use crate::case::Spanned;
use crate::case::model::{Limit, Source, Term};
use crate::plan::Item;

/// Returns an item as a case file writes it.
pub(super) fn number(item: &Stocked) -> Spanned<Term<Item>> {
    literal(Item::Int(i64::try_from(item.number).unwrap_or(0)))
}

/// Returns the source of these items, which have one size.
pub(super) fn source(items: &[Stocked]) -> Source {
    let follow = |pair: &[Stocked]| pair[0].number + 1 == pair[1].number;
    let first = items[0].number;
    match items {
        [item] => Source::Item(number(item)),
        items if items.windows(2).all(follow) && items[0].size.is_none_or(|size| size >= 8) => {
            Source::Count {
                count: literal(items.len() as u64),
                from: Some(literal(first)),
            }
        }
        items => Source::Items(items.iter().map(number).collect()),
    }
}

/// Returns these items as a limit of a receive.
pub(super) fn expected(items: &[Stocked]) -> Limit {
    match items {
        [item] => Limit::Item(number(item)),
        items => Limit::Items(items.iter().map(number).collect()),
    }
}
