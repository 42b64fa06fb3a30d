//! Which needs were met before and aren't any more.

use serde::Serialize;

use super::answer::{Answers, Finding, Grade};
use crate::backend::Key;

/// A need that a library met in earlier runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Lost<'a> {
    pub(crate) library: &'a Key,
    pub(crate) before: &'a Finding<'a>,
    pub(crate) now: &'a Finding<'a>,
}

/// Returns the needs that libraries met in the earlier answers and don't meet in the later ones.
pub(crate) fn lost<'a>(before: &'a Answers<'a>, now: &'a Answers<'a>) -> Vec<Lost<'a>> {
    let mut lost = Vec::new();
    for answer in &now.answers {
        let mut earlier = before.answers.iter();
        let Some(earlier) = earlier.find(|one| one.library == answer.library) else {
            continue;
        };
        // Both answer the same needs on the same systems.
        for (before, now) in earlier.findings.iter().zip(&answer.findings) {
            if before.grade < Grade::NoEvidence && now.grade >= Grade::NoEvidence {
                lost.push(Lost {
                    library: answer.library,
                    before,
                    now,
                });
            }
        }
    }
    lost
}
