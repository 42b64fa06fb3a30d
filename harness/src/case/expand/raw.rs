//! Raw writes of a plan.

use super::context::StepContext;
use super::steps::StepBuilder;
use crate::case::model::{RawWrite, Term};
use crate::case::{Diagnostic, Spanned};
use crate::plan;

impl StepBuilder<'_> {
    pub(super) fn raw(
        &self,
        raw: &RawWrite,
        context: &StepContext<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        let number = |term: &Option<Spanned<Term<u64>>>| {
            let term = term.as_ref();
            term.map(|term| context.values.number(term)).transpose()
        };
        let (from, to) = (number(&raw.from)?.unwrap_or(0), number(&raw.to)?);
        if let (Some(position), Some(to)) = (&raw.to, to)
            && to <= from
        {
            let message = format!("from byte {from} to byte {to} there is nothing to write");
            let help = "`to` must be larger than `from`, which is 0 by default";
            return Err(Diagnostic::new(position.span, message).help(help));
        }
        let (length, bytes) = (raw.length.as_ref(), raw.bytes.as_ref());
        Ok(plan::Action::Raw(plan::RawWrite {
            end: self.symbols.end(&raw.on)?,
            length: length.map(|term| context.values.whole(term)).transpose()?,
            bytes: bytes.map_or_else(Vec::new, |bytes| bytes.value.clone()),
            from,
            to,
        }))
    }
}
