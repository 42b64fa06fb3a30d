//! Divergences: reviewed records, with reasons, that a backend breaks a promise.
//!
//! ```toml
//! # golden/divergences/pipe-some-library.toml
//! backend = "pipe:some/library"
//!
//! [[divergence]]
//! clause = "pipe.eof.sticky"
//! case = "pipe/end-of-killed-writer"
//! when = { os = "linux", version = "2.4.*" }
//! signature = { step = "recv p.rx", outcome = "error", raw = "ConnectionReset (104)" }
//! shows = "always"
//! reason = 'recv(2): "ECONNRESET", once; the library documents that it passes this on'
//! link = "https://example.org/some-library/issues/1"
//! ```
//!
//! A divergence excuses one clause if it breaks as the signature says, and nothing else. Another break
//! of the same clause fails. So does a clause that holds although it is recorded as always broken.

use std::fmt;

use crate::backend::{Emulation, Key, Outcome, Platform, System};
use crate::case::Spanned;
use crate::clause::ClauseId;
use crate::judge::{Break, FileLine};
use crate::plan::{Permutation, Start};

pub(crate) mod check;
pub(crate) mod edit;
pub(crate) mod file;
pub(crate) mod observation;
mod wildcard;

pub(crate) use file::DivergenceFile;
pub(crate) use wildcard::WildcardPattern;

/// One reviewed divergence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The backend.
    pub backend: Key,
    /// The clause.
    pub clause: Spanned<ClauseId>,
    /// The cases or permutations.
    pub case: Spanned<WildcardPattern>,
    /// The circumstances.
    pub when: When,
    /// The ways in which it breaks.
    pub signatures: Vec<Signature>,
    /// Whether it shows in every run.
    pub shows: Shows,
    /// The reason, in the words of the library's documents or source.
    pub reason: Spanned<String>,
    /// The source of the reason.
    pub link: Spanned<String>,
    /// Where the entry begins.
    pub place: FileLine,
}

/// The circumstances in which a divergence shows; a field without a value matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// The operating systems.
    pub os: Vec<System>,
    /// An emulation of the operating system.
    pub emulation: Option<Emulation>,
    /// The library's version: a word of the line in which the backend introduces itself.
    pub version: Option<WildcardPattern>,
    /// The start method of some process.
    pub start: Option<Start>,
}

/// How a clause breaks: the step that shows it, its outcome and its error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The step's label, or its words as in `recv p.rx`; `*` stands for any text.
    pub step: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The error's name and number, as in `ConnectionReset (104)`, or only its name if the number
    /// differs between systems.
    pub raw: Option<String>,
}

/// How often a divergence shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// In every run. A run in which the clause holds is an unexpected pass.
    Always,
    /// In some runs, because of a race. Runs in which the clause holds diverge too, so that the
    /// verdict doesn't depend on the race.
    Sometimes,
}

impl Divergence {
    /// Whether the break is an operation that never returns.
    pub fn is_hang(&self) -> bool {
        let mut signatures = self.signatures.iter();
        signatures.any(|signature| signature.outcome == Outcome::Pending)
    }

    /// Whether it covers this permutation on this platform, for a backend that introduces itself with
    /// the line `about`.
    pub fn covers(&self, permutation: &Permutation, platform: Platform, about: &str) -> bool {
        self.may_cover(permutation, platform) && self.when.is_version(about)
    }

    /// Whether it covers this permutation on this platform for some version of the library.
    fn may_cover(&self, permutation: &Permutation, platform: Platform) -> bool {
        self.case.names(permutation) && self.when.holds(permutation, platform)
    }

    /// Whether it records this break.
    pub fn fits(&self, one: &Break) -> bool {
        let mut signatures = self.signatures.iter();
        signatures.any(|signature| signature.fits(one))
    }
}

impl When {
    fn holds(&self, permutation: &Permutation, platform: Platform) -> bool {
        let Platform { system, emulation } = platform;
        let start = self.start.is_none_or(|start| {
            let mut processes = permutation.plan.processes.iter();
            processes.any(|process| process.start == start)
        });
        let os = self.os.is_empty() || self.os.contains(&system);
        start && os && (self.emulation.is_none() || self.emulation == emulation)
    }

    fn is_version(&self, about: &str) -> bool {
        self.version.as_ref().is_none_or(|version| {
            let mut words = about.split(|c: char| c.is_whitespace() || ",;()".contains(c));
            words.any(|word| version.matches(word))
        })
    }
}

/// As people read it after a case: `, on linux, with version 2.4.*, started by fork`.
impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let os: Vec<&str> = self.os.iter().map(|os| os.word()).collect();
        if !os.is_empty() {
            write!(f, ", on {}", os.join(" and "))?;
        }
        if let Some(emulation) = self.emulation {
            write!(f, ", under {}", emulation.word())?;
        }
        if let Some(version) = &self.version {
            write!(f, ", with version {version}")?;
        }
        match self.start {
            Some(start) => write!(f, ", started by {}", start.word()),
            None => Ok(()),
        }
    }
}

impl Signature {
    /// Returns the signature of a break.
    pub fn of(one: &Break) -> Signature {
        Signature {
            step: one.label.clone().unwrap_or_else(|| one.step.clone()),
            outcome: one.outcome,
            raw: one.raw.map(|raw| raw.to_string()),
        }
    }

    fn fits(&self, one: &Break) -> bool {
        let pattern = WildcardPattern::from(self.step.as_str());
        let step = pattern.matches(&one.step)
            || one
                .label
                .as_ref()
                .is_some_and(|label| pattern.matches(label));
        let raw = match (&self.raw, one.raw) {
            (None, None) => true,
            (Some(raw), Some(error)) => {
                *raw == error.to_string() || error.kind.is_some_and(|kind| kind.as_str() == raw)
            }
            _ => false,
        };
        step && raw && self.outcome == one.outcome
    }
}

/// As reports write it: `recv p.rx -> error ConnectionReset (104)`.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.step, self.outcome)?;
        match &self.raw {
            Some(raw) => write!(f, " {raw}"),
            None => Ok(()),
        }
    }
}

impl Shows {
    /// Returns its word in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Shows::Always => "always",
            Shows::Sometimes => "sometimes",
        }
    }
}

#[cfg(test)]
mod tests;
