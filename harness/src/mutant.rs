//! Backends made wrong on purpose, and odd but legal ones.
