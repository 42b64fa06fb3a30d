//! The matrix as a person reads it: tables of signs, and what those mean.

use std::fmt::Write as _;

use super::{Cell, Column, Matrix};
use crate::backend::Kind;
use crate::clause::catalogue::Catalogue;
use crate::clause::{ClauseId, Profile};
use crate::judge::Verdict;
use crate::report::style::{self, DOUBT, FAINT, STRONG, paint};

/// A cell that is held only by what the adapter adds.
const COMPOSED: &str = "◐";

impl Matrix {
    /// The tables, and what their signs mean; each line with its line break.
    pub fn draw(&self, catalogue: &Catalogue) -> String {
        let mut text = String::new();
        for kind in Kind::ALL {
            let columns = self.columns(kind);
            let rows = self.rows(&columns, catalogue);
            if rows.is_empty() {
                continue;
            }
            let place = self.only_place().and_then(|place| place.name.as_ref());
            let title = match place {
                Some(place) => format!("{kind} on {place}"),
                None => kind.to_string(),
            };
            let widths = rows.iter().map(|(_, clause)| 4 + clause.as_str().len());
            let width = widths.chain([title.len()]).max().unwrap_or(0) + 2;
            let title = paint(STRONG, format_args!("{title:width$}"));
            text.push_str(&self.head(&columns, &title, width));
            let mut of = None;
            for (profile, clause) in &rows {
                if of != Some(*profile) {
                    let _ = writeln!(text, "  {}", paint(FAINT, promise_of(*profile)));
                    of = Some(*profile);
                }
                let name = format!("    {clause}");
                let cells = columns.iter().map(|column| self.sign(*column, clause));
                let cells = side_by_side(&columns, cells);
                let _ = writeln!(text, "{name:width$}{}", cells.trim_end());
            }
            text.push('\n');
        }
        if !text.is_empty() {
            text.push_str(&legend());
        }
        text
    }

    /// A line for each column that leads to it, and one before the first of each place.
    fn head(&self, columns: &[Column<'_>], title: &str, width: usize) -> String {
        let mut text = String::new();
        let mut line = |column: usize, words: &str| {
            let lead = if text.is_empty() {
                title.to_owned()
            } else {
                " ".repeat(width)
            };
            // The bars of the columns before it, and the gap in front of its place.
            let bars = vec!["│".to_owned(); column];
            let bars = side_by_side(&columns[..=column], bars.into_iter());
            let _ = writeln!(text, "{lead}{bars}{words}");
        };
        for (column, (place, key)) in columns.iter().enumerate() {
            let is_first = column == 0 || columns[column - 1].0 != *place;
            let name = self.places[*place].name.as_ref();
            if let Some(name) = name.filter(|_| is_first && self.only_place().is_none()) {
                line(column, &paint(STRONG, name));
            }
            line(column, &format!("┌ {}", key.name));
        }
        text
    }

    fn sign(&self, (place, key): Column<'_>, clause: &ClauseId) -> String {
        match self.cells.get(&(place, key.clone(), clause.clone())) {
            Some(cell) => cell.sign(),
            None => " ".to_owned(),
        }
    }
}

/// What stands in the first of these columns, each with a space behind it, and places apart.
fn side_by_side(columns: &[Column<'_>], parts: impl Iterator<Item = String>) -> String {
    let mut parts = parts;
    let mut text = String::new();
    for (column, (place, _)) in columns.iter().enumerate() {
        if column > 0 && columns[column - 1].0 != *place {
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
        if self.composed && self.verdict == Verdict::Pass {
            return paint(DOUBT, COMPOSED);
        }
        paint(style::of(self.verdict), sign(self.verdict))
    }
}

fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::NotApplicable => "·",
        Verdict::Unavailable => "∅",
        Verdict::Unpromised => "○",
        Verdict::Diverges => "≠",
        Verdict::Unknown => "?",
        Verdict::UnexpectedPass => "‼",
        Verdict::Fail => "✗",
        Verdict::AdapterError => "¡",
        Verdict::HarnessError => "!",
    }
}

fn promise_of(profile: Option<Profile>) -> &'static str {
    match profile {
        Some(Profile::Core) => "core: everyone's promise",
        Some(Profile::Declared) => "declared: the library's own documents' promise",
        Some(Profile::Mp) => "mp: parity with Python's multiprocessing",
        Some(Profile::Harness) => "harness: ours, not the library's",
        None => "in no catalogue",
    }
}

fn legend() -> String {
    let of = |verdict| paint(style::of(verdict), sign(verdict));
    let lines = [
        &[
            (of(Verdict::Pass), "kept by the library"),
            (paint(DOUBT, COMPOSED), "kept with our adapter's help"),
            (of(Verdict::Unpromised), "not kept, and not promised"),
        ][..],
        &[
            (of(Verdict::Fail), "broken"),
            (of(Verdict::Diverges), "broken, as was reviewed"),
            (
                of(Verdict::UnexpectedPass),
                "kept, though always broken before",
            ),
        ],
        &[
            (of(Verdict::Unknown), "too little evidence"),
            (of(Verdict::NotApplicable), "not applicable"),
            (of(Verdict::Unavailable), "not to be had here"),
        ],
        &[
            (of(Verdict::AdapterError), "adapter error"),
            (of(Verdict::HarnessError), "harness error"),
        ],
    ];
    let line = |signs: &[(String, &str)]| {
        let parts = signs.iter().map(|(sign, words)| format!("{sign} {words}"));
        parts.collect::<Vec<_>>().join("   ") + "\n"
    };
    lines.into_iter().map(line).collect()
}
