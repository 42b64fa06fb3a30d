//! Words and widths that several reports share.

/// Returns a number with its noun, such as `1 trial` or `2 trials`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Returns which trials a line is about, such as `in 2 trials, such as pipe/chain`.
pub(super) fn in_trials(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("in {one}"),
        [first, ..] => format!("in {} trials, such as {first}", names.len()),
    }
}

/// Returns how many columns of a terminal the text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}
