//! Histories recorded by other programs: small ones with known answers, the command `judge`, and
//! malformed input.

mod answers;
mod command;
mod fuzz;
mod short;
