//! Numbers that are padded to payloads of a `size`.

use super::context::StepContext;
use crate::case::limits::MESSAGE;
use crate::case::model::Term;
use crate::case::{Diagnostic, Span, Spanned};
use crate::plan::payload::largest_number;
use crate::plan::{Item, Value};

/// Returns the item as it is sent: if there is a size, the payload with its number.
pub(super) fn padded(
    item: &Spanned<Term<Item>>,
    size: Option<u64>,
    context: &StepContext<'_>,
) -> Result<Value, Diagnostic> {
    let value = context.values.value(&item.value, item.span)?;
    match size {
        None => Ok(value),
        Some(size) => sized(value, size, context.rounds, item.span),
    }
}

pub(super) fn all_padded(
    items: &[Spanned<Term<Item>>],
    size: Option<u64>,
    context: &StepContext<'_>,
) -> Result<Vec<Value>, Diagnostic> {
    items
        .iter()
        .map(|item| padded(item, size, context))
        .collect()
}

/// Returns the payload with this number; `rounds` is the number of values that `$n` can have.
fn sized(
    value: Value,
    size: u64,
    rounds: Option<u64>,
    position: Span,
) -> Result<Value, Diagnostic> {
    match value {
        Value::Literal(Item::Int(number)) if number >= 0 => {
            check_payload(number.unsigned_abs(), size, position)?;
            Ok(Value::Literal(Item::Payload {
                number: number.unsigned_abs(),
                size,
            }))
        }
        Value::Literal(item) => {
            let message = format!("only numbers can be padded to a `size`, but this is `{item}`");
            Err(Diagnostic::new(position, message))
        }
        Value::Reference(name) => {
            if let ("n", Some(last)) = (name.as_str(), rounds.and_then(|n| n.checked_sub(1))) {
                check_payload(last, size, position)?;
            }
            Ok(Value::Sized {
                number: Box::new(Value::Reference(name)),
                size,
            })
        }
        Value::Sized { .. } => Ok(value),
    }
}

/// Returns the length to which numbers are padded.
pub(super) fn size(
    size: Option<&Spanned<Term<u64>>>,
    context: &StepContext<'_>,
) -> Result<Option<u64>, Diagnostic> {
    let Some(size) = size else {
        return Ok(None);
    };
    match context.values.number(size)? {
        bytes if bytes > MESSAGE => {
            let message = format!("a message can have at most {MESSAGE} bytes, not {bytes}");
            Err(Diagnostic::new(size.span, message))
        }
        bytes => Ok(Some(bytes)),
    }
}

/// Checks that this number fits into a payload of this size.
pub(super) fn check_payload(number: u64, size: u64, position: Span) -> Result<(), Diagnostic> {
    let largest = largest_number(size);
    if number <= largest {
        return Ok(());
    }
    let message = format!("a payload of {size} bytes can't carry the number {number}");
    let help = format!("the largest that fits is {largest}");
    Err(Diagnostic::new(position, message).help(help))
}
