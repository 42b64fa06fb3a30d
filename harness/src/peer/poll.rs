//! The poll step: asks one or several ends whether a receive would succeed.

use super::channel;
use super::thread::{StepResult, Thread};
use crate::backend::{Attached, Failure, Outcome, Wait};
use crate::history::OperationKind;
use crate::os::clock;
use crate::peer::log::{BeginRecord, Begun};
use crate::plan::{End, Step};

impl Thread<'_> {
    pub(super) fn poll(&mut self, step: &Step, ends: &[End], wait: Wait) -> StepResult {
        let begin = BeginRecord::of(step.id, OperationKind::Poll);
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
            .collect::<StepResult<Vec<Begun>>>()?;
        self.announce()?;
        let results = self.poll_several(ends, wait);
        let returned = clock::now();
        for (begun, result) in begun.iter().zip(results) {
            self.returned(begun, returned, None, result);
        }
        Ok(())
    }

    /// Polls these ends and returns one result for each. The library isn't asked about ends that
    /// this process has closed.
    fn poll_several(&mut self, ends: &[End], wait: Wait) -> Vec<Result<(), Failure>> {
        let open = self.ends.iter_mut().filter(|(end, _)| ends.contains(end));
        let (names, mut open): (Vec<End>, Vec<&mut Attached>) = open.unzip();
        let mut results = if open.is_empty() {
            Vec::new()
        } else {
            self.backend.poll_several(&mut open, wait)
        };
        results.resize_with(names.len(), || {
            let missing = "the backend returned no result for this end";
            Err(Failure::new(Outcome::Error, missing))
        });
        let result = |end: &End| {
            let index = names.iter().position(|name| name == end);
            index.map_or_else(|| Err(channel::closed()), |index| results[index].clone())
        };
        ends.iter().map(result).collect()
    }
}
