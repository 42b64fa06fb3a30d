//! Hosts the toy library. Replace `toy` by your own library, call by call.

mod toy;

use ipc_conformance::backend::*;
use ipc_conformance::registry::Registry;

/// The backends of this crate.
pub fn registry() -> Registry {
    Registry::new().with(ToyQueue)
}

struct ToyQueue;

impl Backend for ToyQueue {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, "toy/queue")
    }

    /// What the library itself can do. `Capability` has a sentence for each.
    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let own = [
            Capability::Boundaries,
            Capability::ZeroLength,
            Capability::SeveralProducers,
            Capability::Spawn,
        ];
        let on_linux = Capabilities::new()
            .native(own)
            .largest_message(toy::LONGEST as u64);
        (system == System::Linux).then(|| on_linux.largest_depth(10))
    }

    fn open(&self, _: &Channel, _: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        Ok(Box::new(Toy(toy::Queue::new()?)))
    }

    fn attach(&self, _: &Channel, _: Grant, parcel: Parcel) -> Result<Attached, Failure> {
        let queue = toy::Queue::from_handles(parcel.into_handles()?);
        Ok(Attached::Queue(Box::new(Toy(queue))))
    }
}

/// The same end for every process.
struct Toy(toy::Queue);

impl Opened for Toy {
    fn grant(&mut self, _: Grant) -> Result<Parcel, Failure> {
        Ok(Parcel::of(self.0.share()?))
    }
}

impl QueueEnd for Toy {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        wait.require_blocking()?;
        Ok(self.0.put(item)?)
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        wait.require_blocking()?;
        *item = self.0.get()?;
        Ok(())
    }
}
