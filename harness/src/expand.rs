//! From a case and its axes' values to permutations.
