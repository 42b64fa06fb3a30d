//! The context in which a step of a case is expanded.

use super::numbers::ReplicaNumbers;
use super::values::AxisValues;

/// The replica that a step belongs to, and the loop that it is nested in.
pub(super) struct StepContext<'v> {
    pub(super) values: &'v AxisValues<'v>,
    /// The numbers that this replica sends.
    pub(super) numbers: &'v ReplicaNumbers,
    /// The number of rounds of the innermost `repeat`.
    pub(super) rounds: Option<u64>,
}
