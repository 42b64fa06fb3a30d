//! A queue in a server process: the reference, which keeps every promise of a queue.
//!
//! Each process of a case is a *client* with two [`std::io::pipe`]s, one for requests and one for
//! replies. The server handles one request after the other. Only the server has the items, and a
//! client that fails affects only itself.

use std::any::Any;
use std::io::{self, PipeReader, PipeWriter};

use self::client::BrokerEnd;
use self::server::ClientPipes;
use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Handle, Host, Key,
    Kind, Opened, Parcel, QueueEnd, Side, System,
};
use crate::backends::check::check_queue;
use crate::backends::counting::CountingEnd;
use crate::backends::versions;
use crate::os::spawn_lock;

mod client;
mod protocol;
mod server;
mod setup;
mod state;

pub(crate) use protocol::{Reply, Request, RequestBody};
pub(crate) use setup::ClientRole;
pub(crate) use state::{BrokerEvent, ClientId, Keeper, Origin};

use setup::ServerSetup;
use state::QueueState;

/// The backend `queue:broker`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Broker;

impl Backend for Broker {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, "broker")
    }

    fn about(&self) -> About {
        versions::own(
            "a server process that owns the items, each client over a pair of std::io::pipe",
        )
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        // Not `OpenInPeer`: opening a queue starts its server, and only the harness starts helpers.
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
                Capability::GoneWithoutConsumers,
                Capability::Joinable,
                Capability::Size,
                Capability::IsEmpty,
                Capability::IsFull,
                Capability::EndOnClose,
                Capability::StrictEmpty,
                Capability::Linearizable,
                Capability::Causal,
                Capability::SnapshotAtPut,
                Capability::Threads,
                Capability::SeveralChannels,
                Capability::Causal,
                Capability::Spawn,
            ])
            .composed([Capability::Values, Capability::Encoding]);
        if system.is_unix() {
            capabilities = capabilities.native([Capability::Signals, Capability::Fork]);
        }
        capabilities.largest_message = Some(protocol::LONGEST_ITEM);
        Some(capabilities)
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_queue(channel)?;
        Ok(Box::new(OpenBroker {
            setup: ServerSetup {
                capacity: channel.capacity,
                clients: Vec::new(),
            },
            pipes: Vec::new(),
        }))
    }

    fn attach(
        &self,
        channel: &Channel,
        _grant: Grant,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        check_queue(channel)?;
        let [requests, replies] = parcel.into_handles()?;
        let (requests, replies) = (PipeWriter::from(requests), PipeReader::from(replies));
        Ok(Attached::Queue(Box::new(BrokerEnd::new(requests, replies))))
    }

    fn help(&self, parcel: Parcel) -> io::Result<()> {
        help_by(parcel, |state, _| state)
    }
}

/// Returns this end as one that counts, if it is a sound end of a broker.
pub(crate) fn counting(end: &mut dyn QueueEnd) -> Result<&mut dyn CountingEnd, Failure> {
    let end: &mut dyn Any = end;
    match end.downcast_mut::<BrokerEnd>() {
        Some(end) => Ok(end),
        None => Err(Failure::refused("this queue doesn't count its items")),
    }
}

/// Runs the server with the keeper that `keeper` makes of the sound one and the clients' roles.
pub(crate) fn help_by(
    parcel: Parcel,
    keeper: impl FnOnce(Box<dyn Keeper>, &[ClientRole]) -> Box<dyn Keeper>,
) -> io::Result<()> {
    let setup: ServerSetup = serde_json::from_slice(&parcel.data)?;
    let mut handles = parcel.handles.into_iter();
    let mut pipes = Vec::new();
    while let (Some(requests), Some(replies)) = (handles.next(), handles.next()) {
        pipes.push(ClientPipes {
            requests: requests.into(),
            replies: replies.into(),
        });
    }
    let clients = setup.clients.clone();
    server::serve(
        keeper(Box::new(QueueState::new(setup)), &clients),
        clients.len(),
        pipes,
    )
}

/// An open queue: the server's ends of its clients' pipes, until the server starts.
struct OpenBroker {
    setup: ServerSetup,
    pipes: Vec<ClientPipes>,
}

impl Opened for OpenBroker {
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        if grant.side != Side::Queue {
            return Err(Failure::refused("a queue has no sides"));
        }
        let _making = spawn_lock::making();
        let (requests, to_server) = io::pipe()?;
        let (from_server, replies) = io::pipe()?;
        self.pipes.push(ClientPipes { requests, replies });
        self.setup.clients.push(ClientRole {
            puts: grant.puts,
            gets: grant.gets,
        });
        Ok(Parcel::of([to_server.into(), from_server.into()]))
    }

    fn ready(self: Box<Self>, host: &mut dyn Host) -> Result<(), Failure> {
        let data = serde_json::to_vec(&self.setup).map_err(io::Error::from)?;
        let handles = self
            .pipes
            .into_iter()
            .flat_map(|client| [Handle::from(client.requests), Handle::from(client.replies)])
            .collect();
        Ok(host.start_helper(Parcel { data, handles })?)
    }
}

#[cfg(test)]
mod tests;
