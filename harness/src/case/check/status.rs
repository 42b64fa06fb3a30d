//! Whether a clause that a case lists can be judged.

/// What the harness knows about a clause that a case lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClauseStatus {
    /// It is in the catalogue, and an invariant judges it.
    Judged,
    /// It is in the catalogue, but no invariant judges it.
    Unjudged,
    /// It isn't in the catalogue.
    Unknown {
        /// The id in the catalogue with the most similar spelling, if one is similar enough.
        nearest: Option<String>,
    },
}
