//! When a run that the harness ended stopped moving by itself.
//!
//! Killing one process wakes others: they see an end of stream, and go on or exit. What is recorded
//! from then on is the harness's doing, and accuses nobody.

use crate::history::pairing::NEVER;
use crate::history::{Ending, Exit, History};

/// In nanoseconds; every stall limit is longer than this silence.
const SILENCE: u64 = 500_000_000;

/// The stamp behind which nothing is the processes' own doing; [`NEVER`] for a completed run. Too
/// early rather than too late.
pub fn frozen(history: &History) -> u64 {
    match history.ending {
        Ending::Completed => NEVER,
        Ending::Stalled => before_last_silence(history),
        Ending::DeadlinePassed => first_last_stamp(history),
    }
}

fn before_last_silence(history: &History) -> u64 {
    let mut stamps: Vec<u64> = history
        .operations()
        .flat_map(|(_, op)| [Some(op.start), op.returned])
        .flatten()
        .collect();
    stamps.sort_unstable();
    let silence = stamps.windows(2).rfind(|pair| pair[1] - pair[0] >= SILENCE);
    silence.map_or(NEVER, |pair| pair[0])
}

/// When the first of the processes that the harness ended was last seen to do something.
fn first_last_stamp(history: &History) -> u64 {
    let ended = history
        .processes
        .iter()
        .filter(|process| process.exit == Some(Exit::Ended));
    ended
        .map(|process| {
            let last = process.operations.last();
            last.map_or(0, |op| op.returned.unwrap_or(op.start))
        })
        .min()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::histories::queue;

    #[test]
    fn what_follows_the_last_long_silence_is_the_harnesss_doing() {
        let run = queue()
            .process("p")
            .put(1)
            .ok(0, 10)
            .put(2)
            .ok(20, SILENCE + 20);
        assert_eq!(frozen(&run.history), NEVER);
        assert_eq!(frozen(&run.ending(Ending::Stalled).history), 20);
    }

    #[test]
    fn a_deadline_freezes_what_follows_the_first_process_to_be_ended() {
        let run = queue().process("p").exits(Exit::Ended).put(1).ok(0, 10);
        let run = run.process("c").exits(Exit::Ended).put(2).ok(0, 7);
        assert_eq!(frozen(&run.ending(Ending::DeadlinePassed).history), 7);
    }
}
