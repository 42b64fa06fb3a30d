//! The values of names while steps run: `$item`, `$n` and variables.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Codec, Item, Piece, Value};

/// The variables of a process, and the names that its loops bind.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    pub(super) vars: BTreeMap<String, Item>,
    item: Option<Item>,
    round: Option<u64>,
}

impl Bindings {
    pub(super) fn new(vars: BTreeMap<String, Item>) -> Bindings {
        Bindings {
            vars,
            item: None,
            round: None,
        }
    }

    /// Takes the variables in `set` from a thread that started with a copy of these.
    pub(super) fn take_over(&mut self, mut thread: Bindings, set: &BTreeSet<&str>) {
        let left = set
            .iter()
            .filter_map(|name| thread.vars.remove_entry(*name));
        self.vars.extend(left);
    }

    /// Binds `$item`. Returns the previous value, for binding it again later.
    pub(super) fn bind_item(&mut self, item: Option<Item>) -> Option<Item> {
        std::mem::replace(&mut self.item, item)
    }

    /// Binds `$n`. Returns the previous value, for binding it again later.
    pub(super) fn bind_round(&mut self, round: Option<u64>) -> Option<u64> {
        std::mem::replace(&mut self.round, round)
    }

    /// Returns the item that a value stands for.
    pub(super) fn resolve(&self, value: &Value) -> Result<Item, String> {
        match value {
            Value::Literal(item) => Ok(item.clone()),
            Value::Reference(name) => self.lookup(name),
            Value::Sized { number, size } => match self.resolve(number)? {
                Item::Int(number) => {
                    let number = u64::try_from(number)
                        .map_err(|_| format!("{number} can't number a payload: it is negative"))?;
                    Ok(Item::Payload {
                        number,
                        size: *size,
                    })
                }
                // A reply echoes the payload that it answers.
                payload @ Item::Payload { .. } => Ok(payload),
                other => Err(format!("{other} can't number a payload")),
            },
        }
    }

    fn lookup(&self, name: &str) -> Result<Item, String> {
        let unbound = || format!("${name} isn't defined here");
        match name {
            "item" => self.item.clone().ok_or_else(unbound),
            "n" => self
                .round
                .map(|round| Item::Int(round as i64))
                .ok_or_else(unbound),
            name => self.vars.get(name).cloned().ok_or_else(unbound),
        }
    }

    /// Joins the pieces of a text.
    pub(super) fn text(&self, pieces: &[Piece]) -> Result<String, String> {
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Ok(text.clone()),
                Piece::Reference(name) => self.lookup(name).map(|item| item.to_string()),
            })
            .collect()
    }

    /// Encodes a value as a message of a channel with this codec.
    pub(super) fn encode(&self, value: &Value, codec: Codec) -> Result<Vec<u8>, String> {
        let item = self.resolve(value)?;
        codec
            .encode(&item)
            .map(|bytes| bytes.into_owned())
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Value::Reference("item".into()), Item::from("x"))]
    #[case(Value::Reference("n".into()), Item::Int(4))]
    #[case(Value::Reference("message".into()), Item::from("hello"))]
    #[case(
        Value::Sized { number: Box::new(Value::Reference("n".into())), size: 9 },
        Item::Payload { number: 4, size: 9 }
    )]
    fn a_name_stands_for_its_bound_value(#[case] value: Value, #[case] expected: Item) {
        let mut bindings = Bindings::new([("message".to_owned(), Item::from("hello"))].into());
        bindings.bind_item(Some(Item::from("x")));
        bindings.bind_round(Some(4));
        assert_eq!(bindings.resolve(&value), Ok(expected));
    }

    #[test]
    fn only_variables_that_a_thread_sets_are_taken_from_it() {
        let vars = ["a", "b"].map(|name| (name.to_owned(), Item::Int(0)));
        let mut bindings = Bindings::new(vars.into());
        let mut thread = bindings.clone();
        thread.vars = ["a", "b"]
            .map(|name| (name.to_owned(), Item::Int(1)))
            .into();
        bindings.take_over(thread, &BTreeSet::from(["a"]));
        assert_eq!(
            [&bindings.vars["a"], &bindings.vars["b"]],
            [&Item::Int(1), &Item::Int(0)]
        );
    }

    #[test]
    fn an_unbound_name_is_an_error() {
        let unbound = Value::Reference("item".into());
        assert!(
            Bindings::default()
                .resolve(&unbound)
                .unwrap_err()
                .contains("$item")
        );
    }
}
