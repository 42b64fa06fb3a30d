//! System V message queues: `msgget`, `msgsnd`, `msgrcv`.
//!
//! Such a queue is neither a descriptor nor a name: it has a number, and stays until a process removes
//! it or the system restarts. So a helper process makes the queue. Every process that may use it holds
//! an end of a pipe, and when the last of these closes, the helper removes the queue. If the helper itself
//! is killed, the harness removes the queue with the folder of the run, in which the helper wrote it down.
//!
//! All messages have one type. The bound is in bytes, and the system's (`msgmnb`). There are no timed
//! forms.

use std::io;

use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    LargestDepth, Opened, Parcel, System,
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

/// The backend `queue:sysv/msg`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SysvMsg;

impl Backend for SysvMsg {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, "sysv/msg")
    }

    fn about(&self) -> About {
        versions::kernel("System V message queues: msgget, msgsnd, msgrcv")
    }

    /// Linux only: macOS has these calls, but our dependencies don't declare them there.
    fn capabilities(&self, system: System) -> Option<Capabilities> {
        if system != System::Linux {
            return None;
        }
        let limits = system::limits()?;
        // Not `OpenInPeer`: opening a queue starts its helper, and only the harness starts helpers.
        let mut capabilities = Capabilities::new()
            .native([
                Capability::TryGet,
                Capability::TryPut,
                Capability::Boundaries,
                Capability::ZeroLength,
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
                Capability::Spawn,
                Capability::Signals,
                Capability::Fork,
            ])
            .composed([Capability::Values]);
        capabilities.largest_message = Some(limits.length.min(limits.total));
        capabilities.largest_depth = LargestDepth {
            items: Some(limits.total),
            bytes: Some(limits.total),
        };
        Some(capabilities)
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_queue(channel)?;
        if channel.capacity.is_some() {
            return Err(Failure::refused(
                "the bound of a System V message queue is in bytes, not in items",
            ));
        }
        system::open(host)
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

    fn help(&self, parcel: Parcel) -> io::Result<()> {
        system::help(parcel)
    }
}
