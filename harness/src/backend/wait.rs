//! How long an operation may wait, and the end that a process is given.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::End;

/// How long an operation may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The library's blocking form.
    Deadline,
    /// The library's try form.
    Never,
    /// The library's timed form.
    For(Duration),
}

/// An end that a process is given, and what its steps do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GivenEnd {
    /// Which end.
    pub end: End,
    /// Whether a step puts, sends or writes to it.
    pub puts: bool,
    /// Whether a step gets, receives, reads or polls from it.
    pub gets: bool,
}
