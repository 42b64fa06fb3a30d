//! The harness tries itself with random cases.
//!
//! In: a seed, sound backends, and how many cases to draw. Out: a [`SelfTest`] with every verdict that is the
//! harness's own fault, each with the smallest case that was found, and with the counts of what was drawn.
//! The backends are sound and every case is correct, so a promise that seems broken is a mistake of the
//! harness: of its judge, its runner or its generator. With mutants, the fault is the other way round: a
//! mutant whose fault acted and that passed everything is a hole in the judge.
//!
//! [`crate::generate`] makes the cases. This room runs trials only through [`crate::runner`] and prints
//! nothing.

mod drawn;
mod fault;
mod mutants;
mod run;

pub(crate) use drawn::text;
pub(crate) use fault::Fault;
pub(crate) use mutants::{MutantTally, mutants};
pub(crate) use run::{SelfTest, SelfTestOptions, TestGround, run};
