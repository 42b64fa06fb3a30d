//! The handles of an open channel, until every process has its own.

use std::mem;
use std::sync::RwLockWriteGuard;

use crate::backend::{Failure, Grant, Handle, Opened, Parcel, Side};

/// The two ends of a one-way pipe.
pub(crate) struct OneWay {
    pub(crate) from: Handle,
    pub(crate) to: Handle,
}

impl<F: Into<Handle>, T: Into<Handle>> From<(F, T)> for OneWay {
    fn from((from, to): (F, T)) -> OneWay {
        OneWay {
            from: from.into(),
            to: to.into(),
        }
    }
}

/// A channel of one-way pipes: one from tx to rx or from a to b, and one back if it is duplex.
pub(crate) struct Pipes {
    forward: OneWay,
    backward: Option<OneWay>,
    // Dropped after the handles.
    _inheritable: Option<RwLockWriteGuard<'static, ()>>,
}

impl Pipes {
    pub(crate) fn new(forward: OneWay, backward: Option<OneWay>) -> Pipes {
        Pipes {
            forward,
            backward,
            _inheritable: None,
        }
    }

    /// Returns the same channel of inheritable handles. No process can start while it holds the lock.
    #[cfg(feature = "interprocess")]
    pub(crate) fn holding(self, inheritable: RwLockWriteGuard<'static, ()>) -> Pipes {
        Pipes {
            _inheritable: Some(inheritable),
            ..self
        }
    }

    /// Returns the handle that this side reads and then the handle that it writes, if it has them.
    fn of(&mut self, side: Side) -> Result<Vec<&mut Handle>, Failure> {
        Ok(match (side, &mut self.backward) {
            (Side::Tx, None) => vec![&mut self.forward.to],
            (Side::Rx, None) => vec![&mut self.forward.from],
            (Side::A, Some(backward)) => vec![&mut backward.from, &mut self.forward.to],
            (Side::B, Some(backward)) => vec![&mut self.forward.from, &mut backward.to],
            (side, _) => return Err(no_such_side(side)),
        })
    }
}

impl Opened for Pipes {
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        granted(self.of(grant.side)?)
    }

    fn keep(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        kept(self.of(grant.side)?)
    }
}

/// A channel of two duplex handles: tx or a, and rx or b.
#[cfg(any(unix, feature = "interprocess"))]
pub(crate) struct Pair {
    pub(crate) duplex: bool,
    pub(crate) a: Handle,
    pub(crate) b: Handle,
}

#[cfg(any(unix, feature = "interprocess"))]
impl Pair {
    fn of(&mut self, side: Side) -> Result<Vec<&mut Handle>, Failure> {
        match (side, self.duplex) {
            (Side::Tx, false) | (Side::A, true) => Ok(vec![&mut self.a]),
            (Side::Rx, false) | (Side::B, true) => Ok(vec![&mut self.b]),
            (side, _) => Err(no_such_side(side)),
        }
    }
}

#[cfg(any(unix, feature = "interprocess"))]
impl Opened for Pair {
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        granted(self.of(grant.side)?)
    }

    fn keep(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        kept(self.of(grant.side)?)
    }
}

/// Returns a parcel of duplicates, which aren't inheritable.
fn granted(handles: Vec<&mut Handle>) -> Result<Parcel, Failure> {
    let duplicates = handles.iter().map(|handle| handle.try_clone());
    Ok(Parcel::of(duplicates.collect::<Result<Vec<_>, _>>()?))
}

/// Returns a parcel of the library's own handles. Duplicates stay here for later grants.
fn kept(handles: Vec<&mut Handle>) -> Result<Parcel, Failure> {
    let originals = handles
        .into_iter()
        .map(|handle| Ok(mem::replace(handle, handle.try_clone()?)));
    Ok(Parcel::of(originals.collect::<Result<Vec<_>, Failure>>()?))
}

/// Returns the handles that this side reads and writes, from a parcel that [`Pipes`] made.
pub(crate) fn directions(
    side: Side,
    parcel: Parcel,
) -> Result<(Option<Handle>, Option<Handle>), Failure> {
    match side {
        Side::Tx => parcel.into_handles().map(|[to]| (None, Some(to))),
        Side::Rx => parcel.into_handles().map(|[from]| (Some(from), None)),
        Side::A | Side::B => parcel
            .into_handles()
            .map(|[from, to]| (Some(from), Some(to))),
        Side::Queue | Side::Name => Err(no_such_side(side)),
    }
}

fn no_such_side(side: Side) -> Failure {
    Failure::refused(format!("this channel has no side {side:?}"))
}
