//! A backend's helper process.

use std::io;

use crate::link::PeerLink;
use crate::registry::Registry;
use crate::wire::{self, Order};

pub(super) fn serve(registry: &Registry) -> io::Result<()> {
    let mut link = PeerLink::from_stdin()?;
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
    // The link stays open while it helps: that it closes tells the harness of its exit.
    backend.help(parcel)
}
