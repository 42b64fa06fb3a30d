//! Processes without a channel, for cases of isolation and start methods.

use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    Opened, Parcel, System,
};
use crate::backends::versions;

/// The backend `process:os/process`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OsProcess;

impl Backend for OsProcess {
    fn key(&self) -> Key {
        Key::new(Kind::Process, "os/process")
    }

    fn about(&self) -> About {
        versions::kernel("the operating system's own processes, without any channel")
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let capabilities = Capabilities::new().native([Capability::TimedJoin, Capability::Spawn]);
        Some(if system.is_unix() {
            capabilities.native([Capability::Signals, Capability::Fork])
        } else {
            capabilities
        })
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        Err(no_channels(channel))
    }

    fn attach(
        &self,
        channel: &Channel,
        _grant: Grant,
        _parcel: Parcel,
    ) -> Result<Attached, Failure> {
        Err(no_channels(channel))
    }
}

fn no_channels(channel: &Channel) -> Failure {
    Failure::refused(format!(
        "os/process has no channels, and \"{}\" is a {}",
        channel.name, channel.kind
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_has_no_fork() {
        let forks = |system| {
            OsProcess
                .capabilities(system)
                .unwrap()
                .has(Capability::Fork)
        };
        assert!(forks(System::Linux) && forks(System::Macos));
        assert!(!forks(System::Windows));
    }
}
