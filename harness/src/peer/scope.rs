//! What names stand for while steps run: `$item`, `$n` and variables.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::content::codec::Codec;
use crate::plan::{Item, Piece, Value};

/// The variables of a process and what its loops bind.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) vars: BTreeMap<String, Item>,
    item: Option<Item>,
    round: Option<u64>,
}

impl Scope {
    pub(super) fn new(vars: BTreeMap<String, Item>) -> Scope {
        Scope {
            vars,
            item: None,
            round: None,
        }
    }

    /// Takes over what a thread made of these variables, having begun with the same.
    pub(super) fn take_over(&mut self, mut thread: Scope, set: &BTreeSet<&str>) {
        let left = set
            .iter()
            .filter_map(|name| thread.vars.remove_entry(*name));
        self.vars.extend(left);
    }

    /// Binds `$item`; what it was before comes back, to be bound again.
    pub(super) fn bind_item(&mut self, item: Option<Item>) -> Option<Item> {
        std::mem::replace(&mut self.item, item)
    }

    /// Binds `$n`; what it was before comes back, to be bound again.
    pub(super) fn bind_round(&mut self, round: Option<u64>) -> Option<u64> {
        std::mem::replace(&mut self.round, round)
    }

    /// The item that a value stands for.
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
        let unbound = || format!("nothing is called ${name} here");
        match name {
            "item" => self.item.clone().ok_or_else(unbound),
            "n" => self
                .round
                .map(|round| Item::Int(round as i64))
                .ok_or_else(unbound),
            name => self.vars.get(name).cloned().ok_or_else(unbound),
        }
    }

    /// The text that pieces make.
    pub(super) fn text(&self, pieces: &[Piece]) -> Result<String, String> {
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Ok(text.clone()),
                Piece::Reference(name) => self.lookup(name).map(|item| item.to_string()),
            })
            .collect()
    }

    /// The message that a value is on a channel with this codec.
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
    fn names_stand_for_what_is_bound(#[case] value: Value, #[case] expected: Item) {
        let mut scope = Scope::new([("message".to_owned(), Item::from("hello"))].into());
        scope.bind_item(Some(Item::from("x")));
        scope.bind_round(Some(4));
        assert_eq!(scope.resolve(&value), Ok(expected));
    }

    #[test]
    fn what_a_thread_set_is_taken_over_and_nothing_else() {
        let vars = ["a", "b"].map(|name| (name.to_owned(), Item::Int(0)));
        let mut scope = Scope::new(vars.into());
        let mut thread = scope.clone();
        thread.vars = ["a", "b"]
            .map(|name| (name.to_owned(), Item::Int(1)))
            .into();
        scope.take_over(thread, &BTreeSet::from(["a"]));
        assert_eq!(
            [&scope.vars["a"], &scope.vars["b"]],
            [&Item::Int(1), &Item::Int(0)]
        );
    }

    #[test]
    fn a_name_that_nothing_bound_is_an_error() {
        let unbound = Value::Reference("item".into());
        assert!(
            Scope::default()
                .resolve(&unbound)
                .unwrap_err()
                .contains("$item")
        );
    }
}
