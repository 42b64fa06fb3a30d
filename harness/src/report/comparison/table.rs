//! A table with a column for each log, and rows grouped by backend.

use std::fmt::Write as _;

use anstyle::Style;

use crate::backend::Key;
use crate::printable::padded;
use crate::report::style::{FAINT, paint};
use crate::report::words::{in_trials, width};

/// One row.
pub(super) struct ComparisonRow<'a> {
    pub(super) backend: &'a Key,
    pub(super) name: String,
    /// The text of each column.
    pub(super) cells: Vec<(String, Style)>,
    /// The trials that it is about.
    pub(super) trials: &'a [String],
    /// Lines below it.
    pub(super) below: Vec<String>,
}

/// Returns the table: a line with the labels, and for each backend its key and its rows.
pub(super) fn draw(labels: &[&str], rows: &[ComparisonRow<'_>]) -> String {
    let names = rows.iter().map(|row| width(&row.name)).max().unwrap_or(0);
    let widths: Vec<usize> = labels
        .iter()
        .enumerate()
        .map(|(place, label)| {
            let cells = rows.iter().map(|row| width(&row.cells[place].0));
            cells.chain([width(label)]).max().unwrap_or(0)
        })
        .collect();
    let line = |name: &str, cells: &mut dyn Iterator<Item = (&str, Style)>| {
        let mut text = format!("  {}", padded(name, names));
        for ((cell, style), column) in cells.zip(&widths) {
            let space = " ".repeat(column - width(cell));
            let _ = write!(text, "  {}{space}", paint(style, cell));
        }
        text
    };
    let head = line("", &mut labels.iter().map(|label| (*label, FAINT)));
    let mut text = format!("{}\n", head.trim_end());
    for of_backend in rows.chunk_by(|a, b| a.backend == b.backend) {
        let _ = writeln!(text, "{}", of_backend[0].backend);
        for row in of_backend {
            let mut cells = row
                .cells
                .iter()
                .map(|(cell, style)| (cell.as_str(), *style));
            let line = line(&row.name, &mut cells);
            let trials = paint(FAINT, in_trials(row.trials));
            let _ = writeln!(text, "{line}  {trials}");
            for line in &row.below {
                let _ = writeln!(text, "      {line}");
            }
        }
    }
    text
}
