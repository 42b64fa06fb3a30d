use std::os::unix::net::UnixDatagram;
use std::process::ExitCode;

use ipc_conformance::backend::*;
use ipc_conformance::registry::Registry;

/// Bytes of the longest item.
const LONGEST: u64 = 2048;

struct DatagramQueue;

impl Backend for DatagramQueue {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, "example/datagrams")
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let own = [Capability::SeveralProducers, Capability::Spawn];
        let on_linux = Capabilities::new().native(own).largest_message(LONGEST);
        (system == System::Linux).then(|| on_linux.largest_depth(10))
    }

    fn open(&self, _: &Channel, _: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let (tx, rx) = UnixDatagram::pair()?;
        Ok(Box::new(Sockets(tx, rx)))
    }

    fn attach(&self, _: &Channel, _: Grant, parcel: Parcel) -> Result<Attached, Failure> {
        let [tx, rx] = parcel.into_handles()?.map(UnixDatagram::from);
        Ok(Attached::Queue(Box::new(Sockets(tx, rx))))
    }
}

/// The same end for every process: the socket to put into, and the socket to get from.
struct Sockets(UnixDatagram, UnixDatagram);

impl Opened for Sockets {
    fn grant(&mut self, _: Grant) -> Result<Parcel, Failure> {
        let (tx, rx) = (self.0.try_clone()?, self.1.try_clone()?);
        Ok(Parcel::of([tx.into(), rx.into()]))
    }
}

impl QueueEnd for Sockets {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        wait.require_blocking()?;
        self.0.send(item)?;
        Ok(())
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        wait.require_blocking()?;
        item.resize(LONGEST as usize, 0);
        let length = self.1.recv(item)?;
        item.truncate(length);
        Ok(())
    }
}

fn main() -> ExitCode {
    ipc_conformance::testing::main(Registry::new().with(DatagramQueue))
}
