//! Promises about closed ends: what other processes see, and what the closing process can still do.

pub(super) mod end_of_stream;
pub(super) mod half_close;
pub(super) mod inherited_ends;
mod lane_end;
pub(super) mod use_after_close;
