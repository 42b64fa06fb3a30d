//! Takes the keys of one table by name, and reports those left over.

use toml::de::DeTable;

use super::{Node, span};
use crate::case::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::case::name;

/// The keys of one table that haven't been taken yet, in file order.
pub(crate) struct Fields<'t, 'i> {
    what: &'static str,
    span: Span,
    left: Vec<KeyValue<'t, 'i>>,
    known: Vec<&'static str>,
}

/// One key and its value.
#[derive(Clone, Copy)]
pub(super) struct KeyValue<'t, 'i> {
    pub(super) key: &'t str,
    pub(super) key_span: Span,
    pub(super) node: &'t Node<'i>,
}

/// Returns the keys of a table in file order; the TOML parser sorts them by name.
pub(super) fn in_file_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<KeyValue<'t, 'i>> {
    let mut fields: Vec<KeyValue<'t, 'i>> = table
        .iter()
        .map(|(key, node)| KeyValue {
            key: key.get_ref(),
            key_span: key.span().into(),
            node,
        })
        .collect();
    fields.sort_by_key(|field| field.key_span.start);
    fields
}

impl<'t, 'i> Fields<'t, 'i> {
    /// Returns the keys of `table` at `span`; `what` names it in messages, as in "a channel".
    pub(crate) fn of(what: &'static str, table: &'t DeTable<'i>, span: Span) -> Fields<'t, 'i> {
        Fields {
            what,
            span,
            left: in_file_order(table),
            known: Vec::new(),
        }
    }

    /// Returns the position of the whole table.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Takes the value of this key, if the table has it.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<&'t Node<'i>> {
        self.known.push(key);
        let at = self.left.iter().position(|field| field.key == key)?;
        Some(self.left.remove(at).node)
    }

    /// Takes the value of this key; adds a mistake if the table doesn't have it.
    pub(crate) fn require(
        &mut self,
        key: &'static str,
        errors: &mut Diagnostics,
    ) -> Option<&'t Node<'i>> {
        let node = self.take(key);
        if node.is_none() {
            let message = format!("{} needs the key `{key}`", self.what);
            let slip = self
                .left
                .iter()
                .find(|field| name::nearest(field.key, [key]).is_some());
            match slip {
                // `finish` reports the misspelt key, and suggests this one.
                Some(_) => {}
                None => errors.push(Diagnostic::new(self.span, message)),
            }
        }
        node
    }

    /// Takes at most one of these keys, which exclude each other.
    pub(super) fn take_one(
        &mut self,
        keys: &[&'static str],
        errors: &mut Diagnostics,
    ) -> Option<(&'static str, &'t Node<'i>)> {
        let mut taken: Vec<_> = keys
            .iter()
            .filter_map(|key| self.take(key).map(|node| (*key, node)))
            .collect();
        taken.sort_by_key(|(_, node)| node.span().start);
        for (key, node) in taken.iter().skip(1) {
            let (first, other) = taken[0];
            errors.push(
                Diagnostic::new(
                    span(node),
                    format!("`{key}` and `{first}` exclude each other"),
                )
                .context(span(other), "already given here"),
            );
        }
        taken.first().copied()
    }

    /// Adds a mistake for every key that wasn't taken.
    pub(crate) fn finish(self, errors: &mut Diagnostics) {
        for field in self.left {
            let help = match name::nearest(field.key, self.known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    let keys: Vec<_> = self.known.iter().map(|k| format!("`{k}`")).collect();
                    format!("its keys are {}", keys.join(", "))
                }
            };
            let message = format!("{} has no key `{}`", self.what, field.key);
            errors.push(Diagnostic::new(field.key_span, message).help(help));
        }
    }
}
