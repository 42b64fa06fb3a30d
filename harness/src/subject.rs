//! What a trial is run on.

use std::sync::Arc;

use crate::adapter::{Absence, Column};
use crate::backend::{Backend, Key};
use crate::capability::Capabilities;
use crate::system::System;

/// A system under test: a column of the matrix.
#[derive(Clone)]
pub enum Subject {
    /// A backend of this program.
    Backend(Arc<dyn Backend>),
    /// One that an adapter hosts.
    Adapted(Arc<Column>),
}

impl Subject {
    /// Its name.
    pub fn key(&self) -> Key {
        match self {
            Subject::Backend(backend) => backend.key(),
            Subject::Adapted(column) => column.key.clone(),
        }
    }

    /// One line for people: which library, which version, by what means.
    pub fn about(&self) -> String {
        match self {
            Subject::Backend(backend) => backend.about(),
            Subject::Adapted(column) => column.about.clone(),
        }
    }

    /// What it can do on this operating system; `None` where it doesn't exist.
    pub fn capabilities(&self, system: System) -> Option<Capabilities> {
        match self {
            Subject::Backend(backend) => backend.capabilities(system),
            Subject::Adapted(column) => column.capabilities.clone().ok(),
        }
    }

    /// Why it can't be had on this machine, if so.
    pub fn absence(&self) -> Option<&Absence> {
        match self {
            Subject::Backend(_) => None,
            Subject::Adapted(column) => column.capabilities.as_ref().err(),
        }
    }

    /// Whether a run of everything has this case on it.
    pub fn runs_by_default(&self, case: &str) -> bool {
        match self {
            Subject::Backend(_) => true,
            Subject::Adapted(column) => column.adapter.runs_by_default(case),
        }
    }
}

impl From<Column> for Subject {
    fn from(column: Column) -> Subject {
        Subject::Adapted(Arc::new(column))
    }
}

impl From<Arc<dyn Backend>> for Subject {
    fn from(backend: Arc<dyn Backend>) -> Subject {
        Subject::Backend(backend)
    }
}
