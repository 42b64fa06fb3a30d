//! A bar on the terminal while trials run; nothing anywhere else.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far the run has come.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar for so many trials, drawn on standard error if that is a terminal.
    pub(super) fn new(trials: usize) -> Progress {
        let target = if stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(trials as u64), target);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress(bar)
    }

    /// One more trial is done.
    pub(super) fn step(&self, name: String) {
        self.0.set_message(name);
        self.0.inc(1);
    }

    /// Does something with the bar out of the way.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
