//! The process that runs one process's steps.
