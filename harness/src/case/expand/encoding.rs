//! Checks what a case expects of items that can't be encoded or decoded.

use crate::backend::Outcome;
use crate::case::{Diagnostic, Diagnostics};
use crate::plan::{Action, Expected, Item, Limit, Plan, Source, Value};

/// Adds a mistake for every put of an item that can't be encoded and is expected to succeed, and for every
/// get that expects to receive an item that can't arrive.
pub(super) fn agree(plan: &Plan, expected: &[Expected], errors: &mut Diagnostics) {
    for (_, step) in plan.steps() {
        let expected = &expected[step.id as usize];
        let mistake = match &step.action {
            Action::Put {
                source: Source::Items(values),
                ..
            } if expected.outcomes == [Outcome::Ok] => {
                let unsendable = values.iter().filter_map(failing);
                let mut unsendable = unsendable.filter(|item| **item == Item::Unsendable);
                unsendable.next().map(|item| {
                    let message = format!("`{item}` can't be encoded, so no put of it succeeds");
                    (message, "write `expect = \"refused\"`")
                })
            }
            Action::Get { limit, .. } => {
                let until = match limit {
                    Limit::Until(values) => values.as_slice(),
                    Limit::Count(_) => &[],
                };
                let awaited = until.iter().chain(expected.items.iter().flatten());
                awaited.filter_map(failing).next().map(|item| {
                    let message = format!("`{item}` is never received");
                    let help =
                        "to receive an item that can't be decoded, write `expect = \"error\"`";
                    (message, help)
                })
            }
            _ => None,
        };
        if let Some((message, help)) = mistake {
            let position = expected.span.clone().into();
            errors.push(Diagnostic::new(position, message).help(help));
        }
    }
}

fn failing(value: &Value) -> Option<&Item> {
    match value {
        Value::Literal(item) if item.fails_to_encode_or_decode() => Some(item),
        _ => None,
    }
}
