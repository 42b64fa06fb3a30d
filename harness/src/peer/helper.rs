//! Runs a backend's helper process.

use std::io;
use std::mem::ManuallyDrop;

use crate::os::link::PeerLink;
use crate::peer::wire::{self, ToPeer};
use crate::registry::Registry;

pub(super) fn serve(registry: &Registry) -> io::Result<()> {
    // The link must close only when this process exits, because that tells the harness.
    let mut link = ManuallyDrop::new(PeerLink::from_stdin()?);
    link.say_alive();
    let Some(frame) = link.recv()? else {
        return Ok(());
    };
    let ToPeer::Help {
        backend: key,
        parcel,
    } = wire::message(&frame.body)?
    else {
        return Err(io::Error::other(
            "the first order to a helper must be `help`",
        ));
    };
    let mut handles = frame.handles.into_iter();
    // The lease tells the guard the same if the harness is dead.
    let _lease = ManuallyDrop::new(handles.next());
    let parcel = parcel.parcel(&mut handles)?;
    let backend = (registry.get(&key))
        .ok_or_else(|| io::Error::other(format!("this program has no backend {key}")))?;
    backend.help(parcel)
}
