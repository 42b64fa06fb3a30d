//! From TOML tables to the model.
