//! Reviewed, reasoned records that a backend breaks a promise somewhere.
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
//! A divergence excuses one clause where it breaks as the signature says, and nothing else: another
//! break of the same clause fails, and so does a clause that is kept although it always diverges.

use std::fmt;

use crate::backend::{Emulation, Key, Outcome, Platform, System};
use crate::case::Spanned;
use crate::clause::ClauseId;
use crate::judge::{Break, Place};
use crate::plan::{Permutation, Start};

pub mod check;
pub mod edit;
pub mod file;
pub mod observation;
mod pattern;

pub use file::File;
pub use pattern::Pattern;

/// One reviewed divergence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Whose.
    pub backend: Key,
    /// What is broken.
    pub clause: Spanned<ClauseId>,
    /// In which cases or permutations.
    pub case: Spanned<Pattern>,
    /// Under which circumstances.
    pub when: When,
    /// How it breaks: in one of these ways.
    pub signatures: Vec<Signature>,
    /// Whether it does in every run.
    pub shows: Shows,
    /// Why this is so, in the words of the library's documents or source.
    pub reason: Spanned<String>,
    /// Where that stands.
    pub link: Spanned<String>,
    /// Where this entry begins.
    pub place: Place,
}

/// Under which circumstances; whatever isn't said may be any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// On one of these operating systems.
    pub os: Vec<System>,
    /// Where this stands in for the operating system.
    pub emulation: Option<Emulation>,
    /// With a library whose version is like this: a word of the backend's introduction.
    pub version: Option<Pattern>,
    /// Where some process is started like this.
    pub start: Option<Start>,
}

/// How a clause breaks: what the operation came to that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The step's label, or its words as in `recv p.rx`; `*` is any text.
    pub step: String,
    /// What it came to.
    pub outcome: Outcome,
    /// What the operating system or the library called it, as in `ConnectionReset (104)`, or only
    /// the kind, where its number is another one elsewhere.
    pub raw: Option<String>,
}

/// How often a divergence shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// In every run, so that one without it is a surprise.
    Always,
    /// As a race decides. A run in which it held diverges too, so that no verdict is up to the race.
    Sometimes,
}

impl Divergence {
    /// Whether it is that an operation never returns.
    pub fn is_hang(&self) -> bool {
        let mut signatures = self.signatures.iter();
        signatures.any(|signature| signature.outcome == Outcome::Pending)
    }

    /// Whether it speaks of this permutation on this platform, on a backend that introduces itself
    /// like this.
    pub fn covers(&self, permutation: &Permutation, platform: Platform, about: &str) -> bool {
        self.may_cover(permutation, platform) && self.when.is_version(about)
    }

    /// Whether it speaks of this permutation on this platform with some version of the library.
    fn may_cover(&self, permutation: &Permutation, platform: Platform) -> bool {
        self.case.names(permutation) && self.when.holds(permutation, platform)
    }

    /// Whether it says that the clause breaks like this.
    pub fn fits(&self, broke: &Break) -> bool {
        let mut signatures = self.signatures.iter();
        signatures.any(|signature| signature.fits(broke))
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

/// As people read it behind a case: `, on linux, with version 2.4.*, started by fork`.
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
    /// What a break looks like.
    pub fn of(broke: &Break) -> Signature {
        Signature {
            step: broke.label.clone().unwrap_or_else(|| broke.step.clone()),
            outcome: broke.outcome,
            raw: broke.raw.map(|raw| raw.to_string()),
        }
    }

    fn fits(&self, broke: &Break) -> bool {
        let like = Pattern::from(self.step.as_str());
        let step = like.matches(&broke.step)
            || broke
                .label
                .as_ref()
                .is_some_and(|label| like.matches(label));
        let raw = match (&self.raw, broke.raw) {
            (None, None) => true,
            (Some(raw), Some(seen)) => {
                *raw == seen.to_string() || seen.kind.is_some_and(|kind| kind.as_str() == raw)
            }
            _ => false,
        };
        step && raw && self.outcome == broke.outcome
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
    /// The word for it in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Shows::Always => "always",
            Shows::Sometimes => "sometimes",
        }
    }
}

#[cfg(test)]
mod tests;
