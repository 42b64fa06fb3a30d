//! The case language.
