//! Buffers that messages are received into.

use super::context::StepContext;
use crate::case::limits::MESSAGE;
use crate::case::model::Get;
use crate::case::{Diagnostic, Diagnostics};
use crate::plan::{Action, Buffer, Codec, Expected, Plan};

/// The lengths in bytes of integers, of which arrays consist.
const ELEMENTS: [u64; 4] = [1, 2, 4, 8];

/// Returns the buffer of a get; none if the library makes room for messages.
pub(super) fn buffer(get: &Get, context: &StepContext<'_>) -> Result<Option<Buffer>, Diagnostic> {
    let Some(length) = &get.buffer else {
        return Ok(None);
    };
    let bytes = context.values.number(length)?;
    let element = match &get.element {
        None => 1,
        Some(element) => match context.values.number(element)? {
            known if ELEMENTS.contains(&known) => known,
            other => {
                let message = format!("an element has 1, 2, 4 or 8 bytes, not {other}");
                return Err(Diagnostic::new(element.span, message));
            }
        },
    };
    if !(1..=MESSAGE).contains(&bytes) || bytes % element != 0 {
        let message = format!("a buffer can have 1 to {MESSAGE} bytes, and only whole elements");
        return Err(Diagnostic::new(length.span, message));
    }
    Ok(Some(Buffer { bytes, element }))
}

/// Adds a mistake for every receive into a buffer from a channel that carries anything but bytes.
pub(super) fn agree(plan: &Plan, expected: &[Expected], errors: &mut Diagnostics) {
    for (_, step) in plan.steps() {
        if let Action::Get {
            end,
            buffer: Some(_),
            ..
        } = &step.action
            && plan.channels[end.channel].codec != Codec::Bytes
        {
            let position = expected[step.id as usize].span.clone().into();
            let message =
                "only bytes can be received into a buffer, and this channel carries other items";
            let help = "send only `{ bytes = \"…\" }`, or numbers with a `size`";
            errors.push(Diagnostic::new(position, message).help(help));
        }
    }
}
