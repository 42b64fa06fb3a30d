//! Ends of channels on their way to the processes that need them.

use std::io;

use crate::backend::Handle;
use crate::peer::wire::{Deposit, EndNote, ParcelNote};
use crate::plan::ProcessIndex;

/// Ends for one process, and the handles that they need.
#[derive(Default)]
pub(super) struct GrantedEnds {
    pub(super) notes: Vec<EndNote>,
    pub(super) handles: Vec<Handle>,
}

/// Sorts ends that one process made by the processes that they are for.
///
/// # Errors
/// A handle is missing, or a deposit has no valid parcel.
pub(super) fn by_receiver(
    deposits: Vec<Deposit>,
    handles: Vec<Handle>,
) -> io::Result<Vec<(ProcessIndex, GrantedEnds)>> {
    let mut handles = handles.into_iter();
    let mut granted: Vec<(ProcessIndex, GrantedEnds)> = Vec::new();
    for Deposit { process, end } in deposits {
        let parcel = end.parcel.parcel(&mut handles)?;
        if granted.last().is_none_or(|(last, _)| *last != process) {
            granted.push((process, GrantedEnds::default()));
        }
        if let Some((_, ends)) = granted.last_mut() {
            let parcel = ParcelNote::of(parcel, &mut ends.handles);
            ends.notes.push(EndNote {
                end: end.end,
                parcel,
            });
        }
    }
    Ok(granted)
}
