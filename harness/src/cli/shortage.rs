//! What the user learns if the machine has too little for a run.

use std::num::NonZeroUsize;

use super::terminal::print_note;
use crate::runner::Session;

/// Notes on standard error what the run did differently, because the machine or its limits allow no
/// more. `jobs` is what the user asked for.
pub(super) fn note(session: &Session, jobs: Option<NonZeroUsize>, trials: usize) {
    let possible = session.runs_at_once();
    if jobs.is_some_and(|jobs| jobs.get().min(trials) > possible) {
        print_note(&format!(
            "note: at most {possible} {} at once, because this process may have no more file \
             descriptors or processes; raise `ulimit -n` and `ulimit -u`\n",
            if possible == 1 {
                "trial ran"
            } else {
                "trials ran"
            }
        ));
    }
    if session.has_lacked() {
        print_note(
            "note: the machine had too little for all trials that ran at once, so some ran again with \
             fewer beside them; choose a smaller number with `--jobs`\n",
        );
    }
    if let Some(folder) = session.temporary() {
        print_note(&format!(
            "note: the path of the folder for temporary files is too long for names of sockets, or isn't \
             UTF-8; {} was used\n",
            folder.display()
        ));
    }
}
