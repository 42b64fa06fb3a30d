//! Promises of endpoints: names, connections, keys, and malformed bytes.

pub(super) mod accept;
pub(super) mod authentication;
mod calls;
pub(super) mod malformed;
pub(super) mod name;
