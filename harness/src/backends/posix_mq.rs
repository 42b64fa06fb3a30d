//! POSIX message queues: `mq_open`, `mq_timedsend`, `mq_timedreceive`.
//!
//! On Linux a message queue descriptor is a file descriptor, and is handed over like any other. So the
//! queue's name is removed as soon as the queue is open, and the queue goes with its last descriptor.
//! Whether calls wait is a mode that all duplicates of a descriptor share. So each process has two: one
//! that waits, and one for the try forms. All messages have one priority.
//!
//! A queue always has a bound. If a case asks for none, the queue has the system's, by default 10
//! messages. By specification, timeouts are absolute times of the real-time clock: setting that clock
//! changes them.

use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    Opened, Parcel, System,
};
use crate::backends::check::check_queue;
use crate::backends::versions;

#[cfg(not(target_os = "linux"))]
use self::elsewhere as system;
#[cfg(target_os = "linux")]
use self::linux as system;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
mod limits;
#[cfg(target_os = "linux")]
mod linux;

/// The backend `queue:posix/mq`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PosixMq;

impl Backend for PosixMq {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, "posix/mq")
    }

    fn about(&self) -> About {
        versions::kernel("POSIX message queues: mq_open, mq_timedsend, mq_timedreceive")
    }

    /// Linux only: macOS and Windows have no such queues.
    fn capabilities(&self, system: System) -> Option<Capabilities> {
        if system != System::Linux {
            return None;
        }
        let limits = system::limits()?;
        let mut capabilities = Capabilities::new()
            .native([
                Capability::TryGet,
                Capability::TryPut,
                Capability::TimedGet,
                Capability::TimedPut,
                Capability::Boundaries,
                Capability::ZeroLength,
                Capability::Capacity,
                Capability::SeveralProducers,
                Capability::SeveralConsumers,
                Capability::SharedItems,
                Capability::FreeExit,
                Capability::RoomWithoutConsumers,
                Capability::SeveralChannels,
                Capability::StrictEmpty,
                Capability::Linearizable,
                Capability::Causal,
                Capability::SnapshotAtPut,
                Capability::Threads,
                Capability::OpenInPeer,
                Capability::Spawn,
                Capability::Signals,
                Capability::Fork,
            ])
            .composed([Capability::Values]);
        capabilities.largest_message = Some(limits.length);
        capabilities.largest_capacity = Some(limits.messages);
        capabilities.largest_depth.items = Some(limits.messages);
        Some(capabilities)
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_queue(channel)?;
        system::open(channel.capacity)
    }

    fn attach(
        &self,
        channel: &Channel,
        _grant: Grant,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        check_queue(channel)?;
        system::attach(parcel)
    }
}
