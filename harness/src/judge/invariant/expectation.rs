//! The case's own expectations of each step, and the clauses to which deviations are charged.

pub(super) mod charge;
pub(super) mod consequence;
pub(super) mod slowness;
pub(super) mod steps;
