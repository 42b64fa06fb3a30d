//! The environment variables of the test targets.

/// Set to anything, it makes each permutation a trial of its own.
pub const PERMUTATIONS_VARIABLE: &str = "IPC_CONFORMANCE_PERMUTATIONS";

/// Set to anything, as on machines for continuous integration, it makes what can't be had there fail.
pub const CI_VARIABLE: &str = "CI";

/// Set to a folder, it has each test write the event log of its trials there, for
/// `ipc-conformance merge` to make one of all of them. So a runner that gives each test a process of
/// its own, or spreads them over machines, yields the same log as one run.
pub const LOGS_VARIABLE: &str = "IPC_CONFORMANCE_LOGS";
