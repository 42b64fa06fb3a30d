//! What is wrong with a line, where, and what to write instead.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// The most of a line that is shown before and behind a mistake, in bytes.
const AROUND: usize = 120;

/// Something wrong within a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where, in bytes of the line.
    span: Range<usize>,
    message: String,
    help: Option<String>,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Fault {
        Fault {
            span,
            message: message.into(),
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    /// The same, with what it takes to show it.
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

/// One mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// On which line, from 1.
    pub line: u64,
    /// At which character of it, from 1.
    pub column: usize,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to write instead, where that can be said.
    pub help: Option<String>,
    /// The line, or what is around the mistake in a long one.
    excerpt: String,
    /// Where the mistake is in the excerpt, in bytes.
    span: Range<usize>,
}

impl Mistake {
    /// As a person reads it, with the line and a caret under what is wrong.
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
        let help = self.help.as_deref();
        let group = Level::ERROR
            .primary_title(format!("{place}: {}", self.message))
            .element(snippet)
            .elements(help.map(|help| Level::HELP.message(help)));
        renderer.render(&[group])
    }
}

fn column(line: &str, at: usize) -> usize {
    let before = line.get(..at).unwrap_or(line);
    before.chars().count() + 1
}

/// What is around a span, and where in that it is.
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
