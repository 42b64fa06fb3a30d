//! The matrix: a page of the book contains the whole, and the README shows a few rows.

use super::page::{Block, Page};

/// The page that has the whole matrix. `.ci/matrix` compares it with a run.
pub(crate) const WHOLE: &str = "harness/book/src/matrix.md";

/// The number of rows in the README.
const ROWS: usize = 6;

/// Returns the mistakes in the rows of the README.
pub(crate) fn mistakes(readme: &Block<'_>) -> Vec<String> {
    let page = Page::read(WHOLE);
    let blocks = page.blocks();
    let whole = blocks.first().expect("the page has a block").text;
    compare(readme.text, whole)
}

fn compare(readme: &str, whole: &str) -> Vec<String> {
    let title = readme.split('┌').next().unwrap_or("").trim_end();
    let tables = whole.split("\n\n");
    let Some(table) = tables.into_iter().find(|table| table.starts_with(title)) else {
        return vec![format!("{WHOLE} has no table `{title}`")];
    };
    let mut mistakes = Vec::new();
    let mut lines = table.lines();
    let shown = readme.split("\n\n").next().unwrap_or("");
    for line in shown.lines() {
        if !lines.any(|known| known == line) {
            mistakes.push(format!(
                "{WHOLE} doesn't have this line, or has it in another place:\n{line}"
            ));
        }
    }
    for column in table.lines().take_while(|line| line.contains('┌')) {
        if !shown.contains(column) {
            mistakes.push(format!("the README lacks the column:\n{column}"));
        }
    }
    let rows = shown
        .lines()
        .filter(|line| line.starts_with("    ") && !line.contains('┌'));
    let rows = rows.count();
    if rows != ROWS {
        mistakes.push(format!("the README shows {rows} rows, not {ROWS}"));
    }
    mistakes
}

#[test]
fn a_changed_row_or_a_missing_column_is_a_mistake() {
    let rows: Vec<String> = (0..ROWS)
        .map(|row| format!("    row {row}  ✓ ✓\n"))
        .collect();
    let columns = "pipe on Linux  ┌ a\n               │ ┌ b\n";
    let whole = format!("{columns}  core\n{}", rows.concat());
    assert!(compare(&whole, &whole).is_empty());
    assert_eq!(compare(&whole.replace("5  ✓", "5  ✗"), &whole).len(), 1);
    assert_eq!(compare(&whole.replace(&rows[2], ""), &whole).len(), 1);
    assert_eq!(
        compare(&whole.replace("               │ ┌ b\n", ""), &whole).len(),
        1
    );
    assert_eq!(compare(&whole.replace("pipe", "queue"), &whole).len(), 1);
}
