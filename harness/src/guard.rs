//! The process that cleans up when the harness dies.
