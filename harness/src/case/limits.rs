//! The limits of case files. Each is what every process and every adapter can still carry.

/// The most permutations of one case, with all points of its sweep.
pub(super) const PERMUTATIONS: usize = 10_000;

/// The most bytes of a case, counted once for each of its permutations, which are all held in memory.
pub(super) const WRITTEN: usize = 100_000_000;

/// The most operations of one run. A process records 64 bytes of each, and the judges hold all of them.
pub(super) const OPERATIONS: u64 = 10_000_000;

/// The longest message in bytes. Its process holds it whole.
pub(super) const MESSAGE: u64 = 1 << 30;

/// The most digits of an integer. Python converts no longer ones from text.
pub(super) const DIGITS: usize = 4300;

/// How deep lists and maps may be nested in one another. TOML reads little more, and a plan is JSON, where
/// each takes two levels.
pub(super) const NESTED_ITEMS: usize = 64;

/// How deep steps may be nested in one another; see [`NESTED_ITEMS`].
pub(super) const NESTED_STEPS: usize = 8;
