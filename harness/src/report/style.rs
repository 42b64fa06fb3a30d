//! The colours of reports.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::judge::Verdict;

pub(super) const STRONG: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const DOUBT: Style = AnsiColor::Yellow.on_default();

/// Returns the text in this style.
pub(super) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Returns the style of a verdict.
pub(super) fn of(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => GOOD,
        Verdict::NotApplicable | Verdict::Unavailable => FAINT,
        Verdict::Unpromised | Verdict::Documented | Verdict::Diverges | Verdict::Unknown => DOUBT,
        Verdict::Fail
        | Verdict::UnexpectedPass
        | Verdict::AdapterError
        | Verdict::CaseError
        | Verdict::HarnessError => BAD,
    }
}
