//! From a finding to what a person needs to see.
