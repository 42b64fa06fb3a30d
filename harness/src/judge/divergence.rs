//! Divergences: reviewed records that a backend doesn't keep a promise, and why.
//!
//! ```toml
//! # golden/divergences/some-library.toml
//! [[divergence]]
//! backends = ["pipe:some/*"]
//! cases = ["pipe/end-of-killed-writer"]
//! clauses = ["pipe.eof.sticky"]
//! kind = "documented"
//! when = { os = "linux", version = "2.4.*" }
//! signature = { step = "recv p.rx", outcome = "error", raw = "ConnectionReset (104)" }
//! shows = "always"
//! reason = "the library passes on the error of the socket, once"
//! quote = "A reset of the connection is returned as an error"
//! source = "crate:some/src/pipe.rs"
//! link = "https://docs.rs/some"
//! ```
//!
//! An entry of a file is about one cause: it lists the backends, cases and clauses in which that
//! cause shows. An [`Entry`] is read, and becomes one [`Divergence`] for each backend, case and
//! clause. A divergence excuses one clause if it breaks as the signature says, and nothing else.
//! Another break of the same clause fails. So does a clause that holds although it is recorded as
//! always broken.

use std::fmt;
use std::sync::Arc;

use semver::VersionReq;

use crate::backend::{Emulation, Key, Outcome, Platform, System};
use crate::case::Spanned;
use crate::clause::ClauseId;
use crate::judge::{Break, FileLine, Verdict};
use crate::plan::{Permutation, Start};

pub(crate) mod check;
#[cfg(feature = "cli")]
pub(crate) mod edit;
mod entry;
pub(crate) mod file;
pub(crate) mod observation;
mod quote;
mod version;
mod wildcard;

pub(crate) use entry::Entry;
pub(crate) use file::DivergenceFile;
pub use quote::{Quote, QuoteSource};
pub(crate) use wildcard::WildcardPattern;

/// What an entry records about one clause in one case on one backend.
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
    /// The cause, which all divergences of the entry share.
    pub review: Arc<Review>,
    /// Where the entry begins.
    pub place: FileLine,
}

/// What a person found out about the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Whether the library documents it.
    pub kind: DivergenceKind,
    /// The cause.
    pub reason: String,
    /// The sentences on which the reason rests, and where they are.
    pub quote: Quote,
    /// Where people can read the source.
    pub link: String,
}

/// Whether the library documents what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DivergenceKind {
    /// A published document of the library says that it behaves like this. It breaks no promise.
    Documented,
    /// The library breaks its promise.
    Broken,
}

/// The circumstances in which a divergence shows; a field without a value matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// The operating systems.
    pub os: Vec<System>,
    /// An emulation of the operating system.
    pub emulation: Option<Emulation>,
    /// The versions of the library.
    pub version: Option<VersionReq>,
    /// The start method of some process.
    pub start: Option<Start>,
}

/// How a clause breaks: the step that shows it, its outcome and its error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// In some runs, because of a race. Runs in which the clause holds have the same verdict, so
    /// that it doesn't depend on the race.
    Sometimes,
}

impl DivergenceKind {
    /// Both kinds.
    pub const ALL: [DivergenceKind; 2] = [DivergenceKind::Documented, DivergenceKind::Broken];

    /// Returns its word in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            DivergenceKind::Documented => "documented",
            DivergenceKind::Broken => "broken",
        }
    }

    /// Returns the verdict of a clause that breaks as recorded.
    pub fn verdict(self) -> Verdict {
        match self {
            DivergenceKind::Documented => Verdict::Documented,
            DivergenceKind::Broken => Verdict::Diverges,
        }
    }
}

impl Divergence {
    /// Whether the break is an operation that never returns.
    pub fn is_hang(&self) -> bool {
        let mut signatures = self.signatures.iter();
        signatures.any(|signature| signature.outcome == Outcome::Pending)
    }

    /// Whether it covers this permutation on this platform with this version of the library. An unknown
    /// version may be one of those that it is for.
    pub fn covers(
        &self,
        permutation: &Permutation,
        platform: Platform,
        version: Option<&str>,
    ) -> bool {
        self.may_cover(permutation, platform) && self.is_for(version) != Some(false)
    }

    /// Whether it is for this version of the library; `None` if that isn't known.
    pub fn is_for(&self, version: Option<&str>) -> Option<bool> {
        match &self.when.version {
            Some(requirement) => version::meets(requirement, version),
            None => Some(true),
        }
    }

    /// Returns this divergence for a library of this version. If it isn't known whether it shows in that
    /// version, a run in which the clause holds is no unexpected pass.
    pub fn with_version(&self, version: Option<&str>) -> Divergence {
        let shows = match self.is_for(version) {
            Some(_) => self.shows,
            None => Shows::Sometimes,
        };
        Divergence {
            shows,
            ..self.clone()
        }
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

    /// Whether every break of the other signature fits this one.
    fn includes(&self, other: &Signature) -> bool {
        let raw = match (&self.raw, &other.raw) {
            (Some(raw), Some(other)) => raw == other || other.starts_with(&format!("{raw} (")),
            (None, None) => true,
            _ => false,
        };
        let step = WildcardPattern::from(self.step.as_str());
        step.matches(&other.step) && raw && self.outcome == other.outcome
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
