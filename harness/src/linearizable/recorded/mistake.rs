//! Mistakes in a file, shown with their lines.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::printable::{drawn, short};

/// The most bytes of a line that are shown before a mistake, and after it.
const AROUND: usize = 120;

/// A mistake in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LineError {
    /// Its bytes in the line.
    span: Range<usize>,
    message: String,
    help: Option<String>,
}

impl LineError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> LineError {
        LineError {
            span,
            message: message.into(),
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> LineError {
        self.help = Some(help.into());
        self
    }

    /// Adds the number and the text of the line.
    pub(super) fn on(self, number: u64, line: &str) -> Mistake {
        let (excerpt, span) = excerpt(line, self.span.clone());
        Mistake {
            line: number,
            column: column(line, self.span.start),
            message: self.message,
            help: self.help,
            excerpt,
            span,
        }
    }
}

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1.
    pub line: u64,
    /// The character of the line, from 1.
    pub column: usize,
    /// What is wrong, without a capital or full stop.
    pub message: String,
    /// What to write instead, if known.
    pub help: Option<String>,
    /// The line, or the part around the mistake if the line is long.
    excerpt: String,
    /// The bytes of the mistake in the excerpt.
    span: Range<usize>,
}

impl Mistake {
    /// Formats the mistake for people, with the line and a caret below the mistake.
    pub fn render(&self, file: &str, coloured: bool) -> String {
        let renderer = if coloured {
            Renderer::styled().decor_style(DecorStyle::Unicode)
        } else {
            Renderer::plain()
        };
        let place = format!("{file}:{}:{}", self.line, self.column);
        let snippet = Snippet::source(self.excerpt.as_str())
            .line_start(usize::try_from(self.line).unwrap_or(usize::MAX))
            .annotation(AnnotationKind::Primary.span(self.span.clone()));
        let help = self.help.as_deref().map(short);
        let group = Level::ERROR
            .primary_title(short(&format!("{place}: {}", self.message)))
            .element(snippet)
            .elements(help.map(|help| Level::HELP.message(help)));
        drawn(&renderer.render(&[group]))
    }
}

fn column(line: &str, at: usize) -> usize {
    let before = line.get(..at).unwrap_or(line);
    before.chars().count() + 1
}

/// Returns the part of a line around a span, and the span in that part.
fn excerpt(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    let end = span.end.min(line.len());
    let start = span.start.min(end);
    let from = line.floor_char_boundary(start.saturating_sub(AROUND));
    let shown_end = line.floor_char_boundary(end.min(start + AROUND));
    let to = line.ceil_char_boundary(shown_end.saturating_add(AROUND).min(line.len()));
    let left = if from > 0 { "…" } else { "" };
    let right = if to < line.trim_end().len() {
        "…"
    } else {
        ""
    };
    let text = format!("{left}{}{right}", line[from..to].trim_end());
    let start = (start - from + left.len()).min(text.len());
    let end = (shown_end - from + left.len()).clamp(start, text.len());
    (text, start..end)
}
