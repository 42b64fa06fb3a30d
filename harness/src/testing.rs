//! What other crates need to run the cases on their own backends.

#[cfg(test)]
pub(crate) mod histories;
#[cfg(test)]
pub(crate) mod model;
#[cfg(test)]
pub(crate) mod strategy;
