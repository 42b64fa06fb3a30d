//! Handles on their way from one process to another.
