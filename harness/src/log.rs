//! The record of what a process did, which survives its death.
