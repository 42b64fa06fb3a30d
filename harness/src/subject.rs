//! What a trial is run on.

use std::sync::Arc;

use crate::backend::{self, Backend, Key};
use crate::capability::Capabilities;
use crate::system::System;

/// A system under test: a column of the matrix.
#[derive(Clone)]
pub enum Subject {
    /// A backend of this program.
    Backend(Arc<dyn Backend>),
}

impl Subject {
    /// Its name.
    pub fn key(&self) -> Key {
        match self {
            Subject::Backend(backend) => backend.key(),
        }
    }

    /// Whether it is one of this crate's reference backends, and held to every profile.
    pub fn is_reference(&self) -> bool {
        match self {
            Subject::Backend(backend) => backend::is_reference(&**backend),
        }
    }

    /// One line for people: which library, which version, by what means.
    pub fn about(&self) -> String {
        match self {
            Subject::Backend(backend) => backend.about(),
        }
    }

    /// What it can do on this operating system; `None` where it doesn't exist.
    pub fn capabilities(&self, system: System) -> Option<Capabilities> {
        match self {
            Subject::Backend(backend) => backend.capabilities(system),
        }
    }
}

impl From<Arc<dyn Backend>> for Subject {
    fn from(backend: Arc<dyn Backend>) -> Subject {
        Subject::Backend(backend)
    }
}
