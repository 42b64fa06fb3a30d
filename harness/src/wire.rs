//! The messages themselves.
