//! Names, the connections that they lead to, and who is let in.

pub(super) mod accept;
pub(super) mod authentication;
pub(super) mod malformed;
pub(super) mod meeting;
pub(super) mod name;
