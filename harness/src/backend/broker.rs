//! To come.

use super::{Attached, Backend, Failure, Host, Key, Opened, Parcel};
use crate::capability::{Capabilities, Capability};
use crate::channel::Kind;
use crate::plan::{Channel, GivenEnd};
use crate::system::System;

/// The backend `queue:broker`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Broker;

impl Backend for Broker {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, "broker")
    }

    fn about(&self) -> String {
        "a process that owns the items, over pairs of std::io::pipe".to_owned()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let capabilities = Capabilities::new()
            .native([
                Capability::Try,
                Capability::Timed,
                Capability::Boundaries,
                Capability::ZeroLength,
                Capability::Capacity,
                Capability::SeveralProducers,
                Capability::SeveralConsumers,
                Capability::EndOnClose,
                Capability::StrictEmpty,
                Capability::Linearizable,
                Capability::SnapshotAtPut,
                Capability::OpenInPeer,
                Capability::Spawn,
            ])
            .composed([Capability::Values]);
        Some(if system.is_unix() {
            capabilities.native([Capability::Fork])
        } else {
            capabilities
        })
    }

    fn open(&self, _channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        Err(Failure::refused("not yet"))
    }

    fn attach(
        &self,
        _channel: &Channel,
        _given: GivenEnd,
        _parcel: Parcel,
    ) -> Result<Attached, Failure> {
        Err(Failure::refused("not yet"))
    }
}
