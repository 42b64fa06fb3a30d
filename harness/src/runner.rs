//! Runs permutations on backends.
