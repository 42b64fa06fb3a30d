//! The matrix as text: tables of signs, and a legend.

use std::fmt::Write as _;

use super::{BackendColumn, Cell, Matrix};
use crate::backend::Kind;
use crate::clause::{Catalogue, ClauseId, Profile};
use crate::event::{State, meaning};
use crate::judge::Verdict;
use crate::printable::padded;
use crate::report::style::{self, DOUBT, FAINT, STRONG, paint};

impl Matrix {
    /// Returns the tables and the legend. Every line ends with a line break.
    pub(crate) fn draw(&self, catalogue: &Catalogue) -> String {
        let mut text = String::new();
        for kind in Kind::ALL {
            let columns = self.columns(kind);
            let rows = self.rows(&columns, catalogue);
            if rows.is_empty() {
                continue;
            }
            let platform = self
                .only_platform()
                .and_then(|platform| platform.name.as_ref());
            let title = match platform {
                Some(platform) => format!("{kind} on {platform}"),
                None => kind.to_string(),
            };
            let widths = rows.iter().map(|(_, clause)| 4 + clause.as_str().len());
            let width = widths.chain([title.len()]).max().unwrap_or(0) + 2;
            let title = paint(STRONG, padded(&title, width));
            text.push_str(&self.head(&columns, &title, width));
            let mut headed = None;
            for (profile, clause) in &rows {
                if headed != Some(*profile) {
                    let _ = writeln!(text, "  {}", paint(FAINT, profile_heading(*profile)));
                    headed = Some(*profile);
                }
                let name = format!("    {clause}");
                let cells = columns.iter().map(|column| self.sign(*column, clause));
                let cells = side_by_side(&columns, cells);
                let name = padded(&name, width);
                let _ = writeln!(text, "{name}{}", cells.trim_end());
            }
            text.push('\n');
        }
        if !text.is_empty() {
            text.push_str(&legend());
        }
        text
    }

    /// Returns a line for each column with its name, and a line for each platform before its
    /// columns.
    fn head(&self, columns: &[BackendColumn<'_>], title: &str, width: usize) -> String {
        let mut text = String::new();
        let mut line = |column: usize, words: &str| {
            let lead = if text.is_empty() {
                title.to_owned()
            } else {
                " ".repeat(width)
            };
            // The bars of the columns before it, and the gap before its platform.
            let bars = vec!["│".to_owned(); column];
            let bars = side_by_side(&columns[..=column], bars.into_iter());
            let _ = writeln!(text, "{lead}{bars}{words}");
        };
        for (column, (platform, key)) in columns.iter().enumerate() {
            let is_first = column == 0 || columns[column - 1].0 != *platform;
            let name = self.platforms[*platform].name.as_ref();
            if let Some(name) = name.filter(|_| is_first && self.only_platform().is_none()) {
                line(column, &paint(STRONG, name));
            }
            line(column, &format!("┌ {}", key.name));
        }
        text
    }

    fn sign(&self, (platform, key): BackendColumn<'_>, clause: &ClauseId) -> String {
        match self.cells.get(&(platform, key.clone(), clause.clone())) {
            Some(cell) => cell.sign(),
            None => " ".to_owned(),
        }
    }
}

/// Joins one part for each column, with a space after each and a gap between platforms.
fn side_by_side(columns: &[BackendColumn<'_>], parts: impl Iterator<Item = String>) -> String {
    let mut parts = parts;
    let mut text = String::new();
    for (column, (platform, _)) in columns.iter().enumerate() {
        if column > 0 && columns[column - 1].0 != *platform {
            text.push_str("  ");
        }
        if let Some(part) = parts.next() {
            text.push_str(&part);
            text.push(' ');
        }
    }
    text
}

impl Cell {
    fn sign(self) -> String {
        sign(self.verdict, self.composed)
    }
}

/// Returns the sign of a verdict: the one of its state, or one that says more.
fn sign(verdict: Verdict, composed: bool) -> String {
    let state = meaning(verdict, composed).state;
    let sign = match (verdict, state) {
        (Verdict::UnexpectedPass, _) => "‼",
        (Verdict::Unpromised, _) => "○",
        (Verdict::Unavailable, _) => "∅",
        (Verdict::AdapterError, _) => "¡",
        (Verdict::CaseError, _) => "¿",
        (Verdict::HarnessError, _) => "!",
        (_, state) => state.sign(),
    };
    let style = match state {
        State::KeptWithHelp => DOUBT,
        _ => style::of(verdict),
    };
    paint(style, sign)
}

fn profile_heading(profile: Option<Profile>) -> &'static str {
    match profile {
        Some(Profile::Core) => "core: promises of every queue and pipe",
        Some(Profile::Declared) => "declared: promises of the library's documentation",
        Some(Profile::Mp) => "mp: parity with Python's multiprocessing",
        Some(Profile::Harness) => "harness: requirements of this harness",
        None => "not in the catalogue",
    }
}

fn legend() -> String {
    let composed = (Verdict::Pass, true, "");
    let of = |verdict, more| (verdict, false, more);
    let lines = [
        [of(Verdict::Pass, ""), composed, of(Verdict::Documented, "")],
        [
            of(Verdict::Fail, ""),
            of(Verdict::Diverges, ""),
            of(Verdict::UnexpectedPass, ", but recorded as always broken"),
        ],
        [
            of(Verdict::Unknown, ""),
            of(Verdict::AdapterError, ": the adapter failed"),
            of(Verdict::HarnessError, ": the harness failed"),
        ],
        [
            of(Verdict::NotApplicable, ""),
            of(Verdict::Unpromised, ": not kept, and not promised"),
            of(Verdict::Unavailable, ": not available here"),
        ],
    ];
    let line = |signs: [(Verdict, bool, &str); 3]| {
        let parts = signs.map(|(verdict, composed, more)| {
            let words = meaning(verdict, composed).state.words();
            format!("{} {words}{more}", sign(verdict, composed))
        });
        parts.join("   ") + "\n"
    };
    lines.into_iter().map(line).collect()
}
