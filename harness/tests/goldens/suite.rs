//! The test target `conformance`, either unchanged or with a wrong backend in addition.

use std::ffi::OsStr;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use ipc_conformance::backend::{
    About, Attached, Backend, Capabilities, Channel, Failure, Grant, Host, Key, Kind, Opened,
    Parcel, System,
};
use ipc_conformance::registry::Registry;
use ipc_conformance::testing::Suite;

use crate::conformance;

/// Makes this program the target `conformance`, with one of the backends below. Peers inherit the
/// variable.
pub(crate) const VARIABLE: &str = "GOLDENS_SUITE";

/// The unchanged target.
pub(crate) const AS_IT_IS: &str = "as it is";

/// A queue that loses messages, sorted before all others.
pub(crate) const WRONG_FIRST: &str = "a-wrong-queue";

/// The same queue, sorted after all others.
pub(crate) const WRONG_LAST: &str = "z-wrong-queue";

/// A correct pipe that isn't the reference.
pub(crate) const ANOTHER_PIPE: &str = "another-pipe";

pub(crate) fn main(suite: &OsStr) -> ExitCode {
    let builtin = Registry::builtin();
    let also = |kind, of: &str, name| {
        let backend = builtin
            .get(&Key::new(kind, of))
            .expect("a backend of this crate, or one with a fault");
        let name = Key::new(kind, name);
        let registry = builtin.clone().with(Called { name, backend });
        Suite::new(registry).pending(conformance::offer).main()
    };
    match suite.to_str() {
        Some(WRONG_FIRST) => also(Kind::Queue, "broker~lost", WRONG_FIRST),
        Some(WRONG_LAST) => also(Kind::Queue, "broker~lost", WRONG_LAST),
        Some(ANOTHER_PIPE) => also(Kind::Pipe, "std/pipe", ANOTHER_PIPE),
        _ => conformance::main(),
    }
}

/// A backend under another name.
struct Called {
    name: Key,
    backend: Arc<dyn Backend>,
}

impl Backend for Called {
    fn key(&self) -> Key {
        self.name.clone()
    }

    fn about(&self) -> About {
        self.backend.about()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        self.backend.capabilities(system)
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        self.backend.open(channel, host)
    }

    fn attach(&self, channel: &Channel, grant: Grant, parcel: Parcel) -> Result<Attached, Failure> {
        self.backend.attach(channel, grant, parcel)
    }

    fn help(&self, parcel: Parcel) -> io::Result<()> {
        self.backend.help(parcel)
    }
}
