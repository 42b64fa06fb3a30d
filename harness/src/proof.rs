//! Proof that the harness detects every mutant and accuses no control.
//!
//! A *mutant* is a backend that is made wrong on purpose. A case *kills* it if an invariant finds a
//! promise broken. A run that stalls kills only a mutant whose fault makes it stall, and a transcript
//! that differs from the golden kills none. Which case kills which mutant was reviewed by a person;
//! that case runs first, and all others only if it doesn't kill the mutant any more. A *control* is a
//! backend that is odd but legal.
//!
//! In: the case files, goldens and backends of [`TestBed`]. Out: a [`Proof`], and the [`KillTable`] that a
//! person reviews. This room runs trials only through [`crate::runner`] and prints nothing.

mod control;
mod cost;
mod invariants;
mod kill;
mod mutant_trials;
mod parallel;
mod prove;
mod result;
mod setup;
mod table;
mod write_table;

pub(crate) use control::ControlResult;
pub(crate) use invariants::InvariantResult;
pub(crate) use mutant_trials::MutantResult;
pub(crate) use parallel::each;
pub use prove::prove;
pub(crate) use result::Proof;
pub use setup::{ProofOptions, TestBed, references};
pub use table::KillTable;
