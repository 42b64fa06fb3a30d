//! Backends that declare a capability that they don't have.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ipc_conformance::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Opened,
    Parcel, Side, Support, System, Wait,
};
use ipc_conformance::internals::{Broker, StdPipe};
use ipc_conformance::registry::Registry;

use super::lacking::Lacking;

/// Returns the reason why this capability can't be removed, if there is one.
fn except(capability: Capability) -> Option<&'static str> {
    match capability {
        Capability::Values => Some("the harness makes values bytes before a backend sees them"),
        Capability::TimedJoin => Some("the harness joins, and no backend"),
        Capability::Buffer => {
            Some("the harness measures a message after a backend has received it")
        }
        Capability::Spawn | Capability::Fork | Capability::Forkserver if cfg!(windows) => {
            Some("a process can't find its parent here")
        }
        _ => None,
    }
}

/// Returns the unchanged reference backends.
fn sound() -> [Arc<dyn Backend>; 3] {
    [
        Arc::new(Broker),
        Arc::new(StdPipe::pipe()),
        Arc::new(StdPipe::stream()),
    ]
}

/// Returns each of them once unchanged, and once for each removed capability.
pub(crate) fn all() -> impl Iterator<Item = Claiming> {
    sound().into_iter().flat_map(|sound| {
        let declared = sound.capabilities(System::current()).unwrap_or_default();
        let declared: Vec<_> = declared.iter().map(|(capability, _)| capability).collect();
        let lacking = declared.into_iter().filter(|one| except(*one).is_none());
        let claiming = move |lacks| Claiming {
            sound: Arc::clone(&sound),
            lacks,
        };
        [None].into_iter().chain(lacking.map(Some)).map(claiming)
    })
}

/// Returns all of them in a registry, for peers.
pub(crate) fn registry() -> Registry {
    all().fold(Registry::new(), Registry::with)
}

static HARNESS: OnceLock<()> = OnceLock::new();

/// Call this in the process of the harness, before it starts peers.
pub(crate) fn this_is_the_harness() {
    HARNESS.get_or_init(|| ());
}

fn is_harness() -> bool {
    HARNESS.get().is_some()
}

/// Returns the process id of the harness, in the harness and in its children.
fn harness() -> u32 {
    if is_harness() {
        std::process::id()
    } else {
        parent()
    }
}

#[cfg(unix)]
fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(windows)]
fn parent() -> u32 {
    0
}

/// A sound backend from which one declared capability may be removed.
#[derive(Clone)]
pub(crate) struct Claiming {
    sound: Arc<dyn Backend>,
    pub(crate) lacks: Option<Capability>,
}

impl Claiming {
    /// Returns whether this is the same backend without a removed capability.
    pub(crate) fn is_whole_of(&self, other: &Claiming) -> bool {
        self.lacks.is_none() && self.sound.key() == other.sound.key()
    }

    /// Returns an error if the removed capability is requested.
    fn check(&self, capability: Capability, is_asked_for: bool) -> Result<(), Failure> {
        if self.lacks == Some(capability) && is_asked_for {
            return Err(Failure::refused(format!("no {capability}")));
        }
        Ok(())
    }
}

impl Backend for Claiming {
    fn key(&self) -> Key {
        let Key { kind, name } = self.sound.key();
        let lacks = self.lacks.map_or("nothing", Capability::word);
        Key::new(kind, format!("{name}/without-{lacks}"))
    }

    fn about(&self) -> About {
        "claims more than it has".into()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let declared = self.sound.capabilities(system)?;
        // The contract has no calls for these, so an end without another capability lacks all of them.
        use Capability::{IsEmpty, IsFull, Joinable, Size};
        let counts = [IsEmpty, IsFull, Joinable, Size];
        let claims_them = self.lacks.is_none_or(|lacks| counts.contains(&lacks));
        let has = |one: &(Capability, _)| claims_them || !counts.contains(&one.0);
        let mut left = Capabilities::new();
        for (capability, support) in declared.iter().filter(has) {
            left = match support {
                Support::Native => left.native([capability]),
                Support::Composed => left.composed([capability]),
            };
        }
        left.largest_message = declared.largest_message;
        Some(left)
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        self.check(Capability::OpenInPeer, !is_harness())?;
        self.check(Capability::Duplex, channel.duplex)?;
        let mut channel = channel.clone();
        if self.lacks == Some(Capability::Capacity) {
            channel.capacity = None;
        }
        Ok(Box::new(Grants {
            of: self.clone(),
            sound: self.sound.open(&channel, host)?,
            puts: BTreeSet::new(),
            gets: BTreeSet::new(),
        }))
    }

    fn attach(
        &self,
        channel: &Channel,
        grant: Grant,
        mut parcel: Parcel,
    ) -> Result<Attached, Failure> {
        let harness = parcel.data.split_off(parcel.data.len() - size_of::<u32>());
        let by_another = harness != parent().to_le_bytes() && !is_harness();
        self.check(Capability::Spawn, by_another)?;
        self.check(Capability::Fork, by_another)?;
        let is_second = is_second_channel(&channel.name);
        self.check(Capability::SeveralChannels, is_second)?;
        let sound = self.sound.attach(channel, grant, parcel)?;
        Ok(match self.lacks {
            Some(lacks) => Lacking::new(sound, lacks).attached(),
            None => sound,
        })
    }

    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        if let Err(refused) = self.check(Capability::PollSeveral, true) {
            return ends.iter().map(|_| Err(refused.clone())).collect();
        }
        if self.lacks.is_none() {
            return self.sound.poll_several(ends, wait);
        }
        let mut ends: Vec<&mut Attached> = ends.iter_mut().map(|end| Lacking::of(end)).collect();
        self.sound.poll_several(&mut ends, wait)
    }

    fn help(&self, parcel: Parcel) -> io::Result<()> {
        self.sound.help(parcel)
    }
}

/// Returns whether this process has attached to another channel before.
fn is_second_channel(channel: &str) -> bool {
    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.insert(channel.to_owned());
    seen.len() > 1
}

/// The ends of a channel. The backend may refuse to grant one twice.
struct Grants {
    of: Claiming,
    sound: Box<dyn Opened>,
    puts: BTreeSet<Side>,
    gets: BTreeSet<Side>,
}

impl Grants {
    fn check(&mut self, grant: Grant) -> Result<(), Failure> {
        let side = grant.side;
        let again = grant.puts && !self.puts.insert(side);
        self.of.check(Capability::SeveralProducers, again)?;
        let again = grant.gets && !self.gets.insert(side);
        self.of.check(Capability::SeveralConsumers, again)
    }
}

/// Adds the process id of the harness. A process that attaches must be its child.
fn addressed(mut parcel: Parcel) -> Parcel {
    parcel.data.extend(harness().to_le_bytes());
    parcel
}

impl Opened for Grants {
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        self.check(grant)?;
        self.sound.grant(grant).map(addressed)
    }

    fn keep(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        self.check(grant)?;
        self.sound.keep(grant).map(addressed)
    }

    fn ready(self: Box<Self>, host: &mut dyn Host) -> Result<(), Failure> {
        self.sound.ready(host)
    }
}
