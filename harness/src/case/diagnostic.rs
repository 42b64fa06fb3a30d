//! Mistakes in a case file: the message, the position and advice.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::printable::{drawn, line, short};

/// A position in a case file, in bytes.
///
/// Any two spans are equal, so that two cases are equal if only the positions of their parts differ.
#[derive(Clone, Copy, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// Returns the position as a range.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Returns `value` with this position.
    pub fn with<T>(self, value: T) -> Spanned<T> {
        Spanned { value, span: self }
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Span {
        Span {
            start: range.start,
            end: range.end,
        }
    }
}

impl PartialEq for Span {
    fn eq(&self, _: &Span) -> bool {
        true
    }
}

impl Eq for Span {}

impl Hash for Span {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A value and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its position.
    pub span: Span,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its position.
    pub span: Span,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// Advice what to write instead, if there is any.
    pub help: Option<String>,
    /// Other positions that it involves, each with a label.
    pub context: Vec<(Span, String)>,
}

impl Diagnostic {
    /// Returns a mistake at this position, without advice.
    pub fn new(span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            span,
            message: message.into(),
            help: None,
            context: Vec::new(),
        }
    }

    /// Adds advice what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds advice what to write instead, if there is any.
    pub(super) fn maybe_help(mut self, help: Option<String>) -> Diagnostic {
        self.help = help;
        self
    }

    /// Adds another position that the mistake involves.
    pub fn context(mut self, span: Span, label: impl Into<String>) -> Diagnostic {
        self.context.push((span, label.into()));
        self
    }
}

/// The most mistakes that are kept of one file.
const MOST: usize = 100;

/// The mistakes in one case file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Returns an empty list.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds a mistake, unless the same one was already added for this position, or there are
    /// [`MOST`] already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.0.len() >= MOST {
            return;
        }
        let known = self.0.iter().any(|other| {
            other.span.range() == diagnostic.span.range() && other.message == diagnostic.message
        });
        if !known {
            self.0.push(diagnostic);
        }
    }

    /// Adds the mistakes of another check, except at positions that already have one: a second mistake
    /// there usually repeats the first in other words.
    pub fn extend(&mut self, more: Diagnostics) {
        for one in more.0 {
            if self.0.len() >= MOST {
                return;
            }
            if !self
                .0
                .iter()
                .any(|other| other.span.range() == one.span.range())
            {
                self.0.push(one);
            }
        }
    }

    /// Returns whether there is no mistake.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the mistakes in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// Returns `value` if there is no mistake.
    pub fn or<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// Renders the mistakes in file order, each with its line and a caret.
    pub fn render(&self, path: &str, text: &str, coloured: bool) -> String {
        let renderer = if coloured {
            Renderer::styled().decor_style(DecorStyle::Unicode)
        } else {
            Renderer::plain()
        };
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|diagnostic| diagnostic.span.start);
        let pages = sorted.into_iter().map(|diagnostic| {
            let context = diagnostic.context.iter().map(|(span, label)| {
                AnnotationKind::Context
                    .span(clamped(*span, text))
                    .label(short(label))
            });
            let snippet = Snippet::source(text)
                .path(line(path))
                .annotation(AnnotationKind::Primary.span(clamped(diagnostic.span, text)))
                .annotations(context);
            let help = diagnostic.help.as_deref().map(short);
            let group = Level::ERROR
                .primary_title(short(&diagnostic.message))
                .element(snippet)
                .elements(help.map(|help| Level::HELP.message(help)));
            drawn(&renderer.render(&[group]))
        });
        let mut page = pages.collect::<Vec<_>>().join("\n\n");
        page.push('\n');
        if self.0.len() == MOST {
            page.push_str(&format!("\nonly the first {MOST} mistakes are shown\n"));
        }
        page
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}

/// Cuts a span to its first line, because the span of a table covers the whole table.
fn clamped(span: Span, text: &str) -> Range<usize> {
    let end = span.end.min(text.len());
    let start = span.start.min(end);
    match text.get(start..end).and_then(|part| part.find('\n')) {
        Some(line) if line > 0 => start..start + line,
        _ => start..end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_at_different_positions_are_equal() {
        assert_eq!(Span::from(0..1).with("a"), Span::from(7..9).with("a"));
        assert_ne!(Span::from(0..1).with("a"), Span::from(0..1).with("b"));
    }

    #[test]
    fn the_same_mistake_at_the_same_position_is_added_once() {
        let mut all = Diagnostics::new();
        all.push(Diagnostic::new((0..1).into(), "wrong"));
        all.push(Diagnostic::new((0..1).into(), "wrong"));
        all.push(Diagnostic::new((1..2).into(), "wrong"));
        assert_eq!(all.iter().count(), 2);
    }

    #[test]
    fn a_page_has_colours_only_on_request() {
        let one = Diagnostics::from(Diagnostic::new((0..4).into(), "no such key"));
        assert!(
            !one.render("a.toml", "titel = 1\n", false)
                .contains('\u{1b}')
        );
        assert!(one.render("a.toml", "titel = 1\n", true).contains('\u{1b}'));
    }
}
