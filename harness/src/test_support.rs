//! What unit tests of several rooms build their histories, cases and event logs with.

pub(crate) mod histories;
pub(crate) mod logs;
pub(crate) mod model;
pub(crate) mod scene;
pub(crate) mod strategy;
