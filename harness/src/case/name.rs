//! Names of cases, and names inside them.
