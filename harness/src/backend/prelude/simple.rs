//! A backend that closures make.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use super::calls::{AnyError, Calls, DynError, receiving, sending};
use super::end::SimpleEnd;
use super::handover::{Directions, Handover};
use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    Opened, Outcome, Parcel, System,
};

/// A backend for a library whose sending end is a `T`, and whose receiving end is an `R`.
///
/// It declares what follows from the calls that it has: [`Capability::Spawn`], message boundaries for a
/// pipe or queue, try forms and timed forms. [`can`](Simple::can) declares more.
pub struct Simple<T, R> {
    key: Key,
    about: About,
    handover: Handover<T, R>,
    calls: Arc<Calls<T, R>>,
    capabilities: Capabilities,
    systems: Vec<System>,
    forks: bool,
}

impl<T: 'static, R: 'static> Simple<T, R> {
    pub(super) fn new(key: Key, handover: Handover<T, R>) -> Simple<T, R> {
        let mut capabilities = Capabilities::new().native([Capability::Spawn]);
        if matches!(key.kind, Kind::Pipe | Kind::Queue) {
            capabilities = capabilities.native([Capability::Boundaries]);
        }
        Simple {
            about: About::from(&*key.name),
            key,
            handover,
            calls: Arc::default(),
            capabilities,
            systems: System::ALL.to_vec(),
            forks: false,
        }
    }

    /// Declares that a forked process has the ends of its parent, and that any process can open.
    pub(super) fn inherited(self) -> Self {
        let forks = true;
        Simple { forks, ..self }.can([Capability::OpenInPeer])
    }

    /// Sends a message, and waits for room.
    pub fn send<E: Into<AnyError>>(
        self,
        send: impl Fn(&mut T, &[u8]) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        self.with(|calls| calls.send.blocking = sending(send))
    }

    /// Sends a message if there is room.
    pub fn try_send<E: Into<AnyError>>(
        self,
        send: impl Fn(&mut T, &[u8]) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        self.with(|calls| calls.send.trying = sending(send))
            .can([Capability::TryPut])
    }

    /// Sends a message, and waits for room no longer than a duration.
    pub fn send_for<E: Into<AnyError>>(
        self,
        send: impl Fn(&mut T, &[u8], Duration) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        let send = move |tx: &mut T, message: &[u8], limit: Duration| {
            send(tx, message, limit).map_err(Into::into)
        };
        self.with(|calls| calls.send.timed = Some(Box::new(send)))
            .can([Capability::TimedPut])
    }

    /// Receives a message, and waits for it. Returns a `Vec<u8>`, or an option of it: `None` is end of
    /// stream.
    pub fn recv<M: Into<Option<Vec<u8>>>, E: Into<AnyError>>(
        self,
        recv: impl Fn(&mut R) -> Result<M, E> + Send + Sync + 'static,
    ) -> Self {
        self.with(|calls| calls.recv.blocking = receiving(recv))
    }

    /// Receives a message if there is one. `None` says that there is none.
    pub fn try_recv<M: Into<Option<Vec<u8>>>, E: Into<AnyError>>(
        self,
        recv: impl Fn(&mut R) -> Result<M, E> + Send + Sync + 'static,
    ) -> Self {
        self.with(|calls| calls.recv.trying = receiving(recv))
            .can([Capability::TryGet])
    }

    /// Receives a message, and waits for it no longer than a duration. `None` says that none came in
    /// time.
    pub fn recv_for<M: Into<Option<Vec<u8>>>, E: Into<AnyError>>(
        self,
        recv: impl Fn(&mut R, Duration) -> Result<M, E> + Send + Sync + 'static,
    ) -> Self {
        let recv =
            move |rx: &mut R, limit: Duration| recv(rx, limit).map(Into::into).map_err(Into::into);
        self.with(|calls| calls.recv.timed = Some(Box::new(recv)))
            .can([Capability::TimedGet])
    }

    /// For a stream: writes some of the bytes, and returns how many.
    pub fn write<E: Into<AnyError>>(
        self,
        write: impl Fn(&mut T, &[u8]) -> Result<usize, E> + Send + Sync + 'static,
    ) -> Self {
        let write = move |tx: &mut T, bytes: &[u8]| write(tx, bytes).map_err(Into::into);
        self.with(|calls| calls.write = Some(Box::new(write)))
    }

    /// For a stream: reads some bytes, and returns how many. Zero is end of stream.
    pub fn read<E: Into<AnyError>>(
        self,
        read: impl Fn(&mut R, &mut [u8]) -> Result<usize, E> + Send + Sync + 'static,
    ) -> Self {
        let read = move |rx: &mut R, bytes: &mut [u8]| read(rx, bytes).map_err(Into::into);
        self.with(|calls| calls.read = Some(Box::new(read)))
    }

    /// Says what the library documents for its errors of one type. An error of a type without such a
    /// function is [`Outcome::Error`].
    pub fn error<E: Error + 'static>(
        self,
        meaning: impl Fn(&E) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        self.with(|calls| {
            calls.meanings.push(Box::new(move |error: &DynError| {
                error.downcast_ref::<E>().map(&meaning)
            }));
        })
    }

    /// Declares these too, as the library's own.
    pub fn can(self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.declare(|all| all.native(capabilities))
    }

    /// Declares these too, as added by the closures.
    pub fn composed(self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.declare(|all| all.composed(capabilities))
    }

    /// Changes everything that is declared, such as the [largest message](Capabilities::largest_message).
    pub fn declare(self, change: impl FnOnce(Capabilities) -> Capabilities) -> Self {
        Simple {
            capabilities: change(self.capabilities),
            ..self
        }
    }

    /// Says that the library exists only on these systems.
    pub fn only_on(self, systems: impl IntoIterator<Item = System>) -> Self {
        Simple {
            systems: systems.into_iter().collect(),
            ..self
        }
    }

    /// Says which library this is, in which version.
    pub fn library(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.about.library = Some(name.into());
        self.about.version = Some(version.into());
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Calls<T, R>)) -> Self {
        // No end exists yet, so nothing else has the calls.
        if let Some(calls) = Arc::get_mut(&mut self.calls) {
            change(calls);
        }
        self
    }

    fn failure(&self, error: AnyError) -> Failure {
        self.calls.failure(error)
    }
}

impl<T: Send + 'static, R: Send + 'static> Backend for Simple<T, R> {
    fn key(&self) -> Key {
        self.key.clone()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let mut capabilities = self.capabilities.clone();
        if self.forks && system.is_unix() {
            capabilities = capabilities.native([Capability::Fork]);
        }
        self.systems.contains(&system).then_some(capabilities)
    }

    fn about(&self) -> About {
        self.about.clone()
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let opened = self.handover.open(channel, host);
        opened.map_err(|error| self.failure(error))
    }

    fn attach(&self, _: &Channel, grant: Grant, parcel: Parcel) -> Result<Attached, Failure> {
        let halves = self.handover.attach(Directions::of(grant), parcel);
        let (tx, rx) = halves.map_err(|error| self.failure(error))?;
        let calls = Arc::clone(&self.calls);
        let end = Box::new(SimpleEnd { tx, rx, calls });
        Ok(match self.key.kind {
            Kind::Queue => Attached::Queue(end),
            Kind::Stream => Attached::Stream(end),
            _ => Attached::Pipe(end),
        })
    }
}
