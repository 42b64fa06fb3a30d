//! A progress bar on the terminal while trials run.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressDrawTarget, ProgressStyle};

/// The progress bar of a run.
pub(super) struct ProgressBar(indicatif::ProgressBar);

impl ProgressBar {
    /// Creates a bar for so many trials. It is drawn on standard error, if that is a terminal.
    pub(super) fn new(trials: usize) -> ProgressBar {
        let target = if stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = indicatif::ProgressBar::with_draw_target(Some(trials as u64), target);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        ProgressBar(bar)
    }

    /// Counts one more trial that ended.
    pub(super) fn step(&self, name: String) {
        self.0.set_message(name);
        self.0.inc(1);
    }

    /// Hides the bar while `write` runs.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
