//! The folder of one run of the harness, and what dead ones left.
