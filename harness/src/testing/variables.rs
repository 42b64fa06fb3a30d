//! The environment variables of the test targets.

/// If this variable is set, each permutation is a test of its own.
pub const PERMUTATIONS_VARIABLE: &str = "IPC_CONFORMANCE_PERMUTATIONS";

/// If this variable is set, as on machines for continuous integration, an unavailable backend is a
/// failure.
pub const CI_VARIABLE: &str = "CI";

/// If this variable names a folder, each test writes the event log of its trials there, and
/// `ipc-conformance merge` makes one log of them. So a runner that starts a process for each test, or
/// spreads tests over machines, yields the same log as one run.
pub const LOGS_VARIABLE: &str = "IPC_CONFORMANCE_LOGS";
