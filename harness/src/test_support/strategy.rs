//! Random items, for property tests.

use proptest::prelude::*;

use crate::plan::Item;

/// Any item, with at most three levels of nesting.
pub(crate) fn item() -> impl Strategy<Value = Item> {
    let leaf = prop_oneof![
        Just(Item::None),
        any::<bool>().prop_map(Item::Bool),
        any::<i64>().prop_map(Item::Int),
        "-?[1-9][0-9]{20,40}".prop_map(|digits| Item::integer(&digits).unwrap()),
        any::<u64>().prop_map(|bits| Item::Float(f64::from_bits(bits).into())),
        any::<String>().prop_map(Item::Text),
        any::<Vec<u8>>().prop_map(Item::Bytes),
        Just(Item::Unsendable),
        Just(Item::Undecodable),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Item::List),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..6).prop_map(Item::Map),
        ]
    })
}
