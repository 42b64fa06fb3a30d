//! What other crates need to run the cases on their own backends.

#[cfg(test)]
pub(crate) mod scene;
#[cfg(test)]
pub(crate) mod strategy;
