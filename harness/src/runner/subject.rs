//! What a trial runs on.

use std::sync::Arc;

use crate::adapter::{Absence, AdapterColumn};
use crate::backend::{About, Backend, Capabilities, Key, System};
use crate::backends::{self, versions};

/// A backend under test: a column of the matrix.
#[derive(Clone)]
pub enum Subject {
    /// A backend of this program.
    Backend(Arc<dyn Backend>),
    /// A backend that an adapter hosts.
    Adapted(Arc<AdapterColumn>),
}

impl Subject {
    /// Returns its kind and name.
    pub fn key(&self) -> Key {
        match self {
            Subject::Backend(backend) => backend.key(),
            Subject::Adapted(column) => column.key.clone(),
        }
    }

    /// Returns whether it is one of this crate's reference backends, which must keep every profile.
    pub fn is_reference(&self) -> bool {
        match self {
            Subject::Backend(backend) => backends::is_reference(&**backend),
            Subject::Adapted(_) => false,
        }
    }

    /// Returns which library it is, in which version, how it is used, and by which runtime.
    pub fn about(&self) -> About {
        match self {
            Subject::Backend(backend) => {
                let about = backend.about();
                let runtime = about.runtime.clone().or_else(versions::runtime);
                About { runtime, ..about }
            }
            Subject::Adapted(column) => column.about.clone(),
        }
    }

    /// Returns what it can do on this operating system, or none if it doesn't exist there.
    pub fn capabilities(&self, system: System) -> Option<Capabilities> {
        match self {
            Subject::Backend(backend) => backend.capabilities(system),
            Subject::Adapted(column) => column.capabilities.clone().ok(),
        }
    }

    /// Returns why it isn't available on this machine, if so.
    pub fn absence(&self) -> Option<&Absence> {
        match self {
            Subject::Backend(_) => None,
            Subject::Adapted(column) => column.capabilities.as_ref().err(),
        }
    }

    /// Returns whether a run without a selection has this case on it.
    pub fn runs_by_default(&self, case: &str) -> bool {
        match self {
            Subject::Backend(_) => true,
            Subject::Adapted(column) => column.adapter.runs_by_default(case, &column.key),
        }
    }
}

impl From<AdapterColumn> for Subject {
    fn from(column: AdapterColumn) -> Subject {
        Subject::Adapted(Arc::new(column))
    }
}

impl From<Arc<dyn Backend>> for Subject {
    fn from(backend: Arc<dyn Backend>) -> Subject {
        Subject::Backend(backend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Attached, Channel, Failure, Grant, Host, Kind, Opened, Parcel};
    use crate::mutant::{Fault, Mutation};
    use crate::registry::Registry;

    /// A backend with the key of a reference that it wraps.
    struct Impostor(Arc<dyn Backend>);

    impl Backend for Impostor {
        fn key(&self) -> Key {
            self.0.key()
        }

        fn about(&self) -> About {
            self.0.about()
        }

        fn capabilities(&self, system: System) -> Option<Capabilities> {
            self.0.capabilities(system)
        }

        fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
            self.0.open(channel, host)
        }

        fn attach(
            &self,
            channel: &Channel,
            grant: Grant,
            parcel: Parcel,
        ) -> Result<Attached, Failure> {
            self.0.attach(channel, grant, parcel)
        }
    }

    #[test]
    fn only_the_reference_backends_themselves_are_references() {
        let key = Key::new(Kind::Queue, "broker");
        let broker = Registry::builtin().get(&key).unwrap();
        assert!(Subject::from(Arc::clone(&broker)).is_reference());
        let registry = Registry::builtin().with(Impostor(Arc::clone(&broker)));
        let impostor = Subject::from(registry.get(&key).unwrap());
        assert_eq!(impostor.key(), key);
        assert!(!impostor.is_reference());
        let faulty = Mutation::from(Fault::Lost).on(broker).unwrap();
        assert!(!Subject::from(faulty).is_reference());
    }
}
