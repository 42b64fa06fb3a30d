//! A backend's helper process.

use std::io;
use std::mem::ManuallyDrop;
use std::thread;
use std::time::Duration;

use crate::link::PeerLink;
use crate::registry::Registry;
use crate::wire::{self, Order};

/// How long a helper may outlive the harness, if that dies: enough to clean up behind the processes
/// that it served, which the guard kills then.
const GRACE: Duration = Duration::from_secs(5);

pub(super) fn serve(registry: &Registry) -> io::Result<()> {
    // It closes when this process is gone, and not before: that tells the harness.
    let mut link = ManuallyDrop::new(PeerLink::from_stdin()?);
    link.say_alive();
    let Some(frame) = link.recv()? else {
        return Ok(());
    };
    let Order::Help {
        backend: key,
        parcel,
    } = wire::message(&frame.body)?
    else {
        return Err(io::Error::other("a helper was told something else"));
    };
    let parcel = parcel.parcel(&mut frame.handles.into_iter())?;
    let backend = (registry.get(&key))
        .ok_or_else(|| io::Error::other(format!("this program has no backend {key}")))?;
    // Elsewhere it dies with the harness anyway.
    if cfg!(unix) {
        thread::Builder::new().spawn(move || outlive(link))?;
    }
    backend.help(parcel)
}

/// Waits until the harness is gone, which says nothing more to a helper, and then not for ever.
fn outlive(mut link: ManuallyDrop<PeerLink>) {
    while let Ok(Some(_)) = link.recv() {}
    thread::sleep(GRACE);
    std::process::exit(super::TROUBLE);
}
