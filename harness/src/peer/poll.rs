//! Asking several ends at once whether something can be received.

use super::channel;
use super::interpreter::{Done, Thread};
use crate::backend::{Attached, End, Failure, Outcome, Wait};
use crate::history::OperationKind;
use crate::os::clock;
use crate::peer::log::{Begin, Begun};
use crate::plan::Step;

impl Thread<'_> {
    pub(super) fn poll(&mut self, step: &Step, ends: &[End], wait: Wait) -> Done {
        let begin = Begin::of(step.id, OperationKind::Poll);
        if let [end] = *ends {
            return self
                .operate(begin.on(end), |thread| {
                    channel::poll(thread.end(end)?, wait)
                })
                .map(drop);
        }
        self.delays.pause();
        let begun = ends
            .iter()
            .map(|end| self.begin(begin.on(*end)))
            .collect::<Done<Vec<Begun>>>()?;
        self.announce()?;
        let answers = self.poll_several(ends, wait);
        let returned = clock::now();
        for (begun, answer) in begun.iter().zip(answers) {
            self.returned(begun, returned, None, answer);
        }
        Ok(())
    }

    /// One answer for each of these ends. Those that this process has closed the library isn't
    /// asked about.
    fn poll_several(&mut self, ends: &[End], wait: Wait) -> Vec<Result<(), Failure>> {
        let open = self.ends.iter_mut().filter(|(end, _)| ends.contains(end));
        let (names, mut open): (Vec<End>, Vec<&mut Attached>) = open.unzip();
        let mut answers = if open.is_empty() {
            Vec::new()
        } else {
            self.backend.poll_several(&mut open, wait)
        };
        answers.resize_with(names.len(), || {
            Err(Failure::new(Outcome::Error, "no answer about this end"))
        });
        let answer = |end: &End| {
            let place = names.iter().position(|name| name == end);
            place.map_or_else(|| Err(channel::closed()), |place| answers[place].clone())
        };
        ends.iter().map(answer).collect()
    }
}
