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
    /// Whether the machine was too slow for the adapter to introduce itself.
    pub too_slow: bool,
    /// The reason, for people.
    pub why: String,
}

impl Adapter {
    /// Returns why the adapter's columns aren't available, for reports.
    pub fn absence(&self, unfit: Unusable) -> Absence {
        let too_slow = unfit.is_slow();
        let (verdict, why) = match (unfit, &self.known) {
            (Unusable::Absent(why), Some(known)) => {
                let why = format!("{why}; to install what it needs: {}", known.install);
                (Verdict::Unavailable, why)
            }
            (Unusable::Absent(why), None) => (Verdict::Unavailable, why),
            (Unusable::Broke(breach), _) if too_slow => (Verdict::Unknown, breach.to_string()),
            (Unusable::Lacking(why), _) => (Verdict::Unknown, why),
            (Unusable::Broke(breach), _) => {
                let why = format!("{breach} (its command is `{self}`)");
                (Verdict::AdapterError, why)
            }
        };
        Absence {
            verdict,
            too_slow,
            why,
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
                let absence = Absence {
                    verdict: Verdict::Unavailable,
                    too_slow: false,
                    why: "the adapter doesn't host it on this system".to_owned(),
                };
                (hosted.collect(), absence)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::protocol::Breach;
    use rstest::rstest;

    #[rstest]
    #[case::missing(Unusable::Absent("no python3".into()), Verdict::Unavailable, false)]
    #[case::too_slow(Breach::too_slow("did not answer", "2 s of 3 s").into(), Verdict::Unknown, true)]
    #[case::without_files(Unusable::Lacking("no descriptors".into()), Verdict::Unknown, false)]
    #[case::broken(Breach::new("exited").into(), Verdict::AdapterError, false)]
    fn a_column_is_absent_for_whose_doing_it_is(
        #[case] unfit: Unusable,
        #[case] verdict: Verdict,
        #[case] too_slow: bool,
    ) {
        let adapter = Adapter::from_command("adapter").unwrap();
        let absence = adapter.absence(unfit);
        assert_eq!((absence.verdict, absence.too_slow), (verdict, too_slow));
    }
}
