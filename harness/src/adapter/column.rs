//! The columns that an adapter adds to the matrix.

use std::sync::Arc;

use super::command::Adapter;
use super::introduction::{AdapterIntroduction, Unusable};
use super::protocol::Hosted;
use crate::backend::{About, Capabilities, Key};
use crate::judge::Verdict;

/// A backend that an adapter hosts: a column of the matrix.
#[derive(Clone, Debug)]
pub struct AdapterColumn {
    /// The adapter that hosts the backend.
    pub adapter: Arc<Adapter>,
    /// The backend's key.
    pub key: Key,
    /// The library, its version, the language runtime, and how the backend uses the library.
    pub about: About,
    /// The capabilities on this system, or why the backend isn't available.
    pub capabilities: Result<Capabilities, Absence>,
}

/// Why a column isn't available.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// `Unavailable`, `AdapterError`, or `Unknown` if the machine is the cause.
    pub verdict: Verdict,
    /// The reason, for people.
    pub why: String,
}

impl Adapter {
    /// Returns why the adapter's columns aren't available, for reports.
    pub fn absence(&self, unfit: Unusable) -> Absence {
        match (unfit, &self.known) {
            (Unusable::Absent(why), Some(known)) => Absence {
                verdict: Verdict::Unavailable,
                why: format!("{why}; to install what it needs: {}", known.install),
            },
            (Unusable::Absent(why), None) => Absence {
                verdict: Verdict::Unavailable,
                why,
            },
            (Unusable::Broke(breach), _) if breach.is_slow() => Absence {
                verdict: Verdict::Unavailable,
                why: breach.to_string(),
            },
            (Unusable::Lacking(why), _) => Absence {
                verdict: Verdict::Unknown,
                why,
            },
            (Unusable::Broke(breach), _) => Absence {
                verdict: Verdict::AdapterError,
                why: format!("{breach} (its command is `{self}`)"),
            },
        }
    }

    /// Returns the adapter's columns: those that it introduced itself with, then those that only its
    /// own file names, with the reason why they aren't available.
    pub fn columns(
        self: &Arc<Self>,
        introduced: Result<AdapterIntroduction, Unusable>,
    ) -> Vec<AdapterColumn> {
        let column = |key, about, capabilities| AdapterColumn {
            adapter: Arc::clone(self),
            key,
            about,
            capabilities,
        };
        let (mut columns, absence): (Vec<AdapterColumn>, Absence) = match introduced {
            Ok(AdapterIntroduction {
                about,
                runtime,
                backends,
            }) => {
                let hosted = backends.into_iter().map(|hosted| {
                    let about = described(&hosted, runtime.clone(), &about);
                    column(hosted.key(), about, Ok(hosted.capabilities.into()))
                });
                let why = "the adapter doesn't host it on this system".to_owned();
                let verdict = Verdict::Unavailable;
                (hosted.collect(), Absence { verdict, why })
            }
            Err(unfit) => (Vec::new(), self.absence(unfit)),
        };
        for key in self.columns_by_name() {
            if columns.iter().all(|column| column.key != *key) {
                let about = About::from(format!("hosted by `{self}`"));
                columns.push(column(key.clone(), about, Err(absence.clone())));
            }
        }
        columns
    }
}

/// Returns how a backend is described. What an adapter says in no field is in its line `about`.
fn described(hosted: &Hosted, runtime: Option<String>, about: &str) -> About {
    let mechanism = match (&hosted.library, &runtime) {
        (Some(_), Some(_)) => hosted.about.clone(),
        _ => format!("{} ({about})", hosted.about),
    };
    About {
        library: hosted.library.clone(),
        version: hosted.version.clone(),
        runtime,
        mechanism,
    }
}
