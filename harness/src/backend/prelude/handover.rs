//! How the ends of a library get to the processes that use them.

use std::path::{Path, PathBuf};

use super::calls::AnyError;
use crate::backend::{Channel, Failure, Grant, Handle, Host, Opened, Parcel, Side};

type Open = Box<dyn Fn() -> Result<(Handle, Handle), AnyError> + Send + Sync>;
type Create = Box<dyn Fn(&Path) -> Result<(), AnyError> + Send + Sync>;
type FromHandle<T> = fn(Handle) -> T;
type ByPath<T> = Box<dyn Fn(&Path) -> Result<T, AnyError> + Send + Sync>;

/// How the ends get to their processes.
pub(super) enum Handover<T, R> {
    /// As one handle each.
    Given {
        open: Open,
        tx: FromHandle<T>,
        rx: FromHandle<R>,
    },
    /// By a path, at which each process opens its end.
    Named {
        create: Create,
        tx: ByPath<T>,
        rx: ByPath<R>,
    },
}

/// What a process does with its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Directions {
    pub(super) sends: bool,
    pub(super) receives: bool,
}

impl Directions {
    /// Returns the directions of an end. A process that only holds an end of a queue has both.
    pub(super) fn of(grant: Grant) -> Directions {
        let (sends, receives) = match grant.side {
            Side::Tx => (true, false),
            Side::Rx => (false, true),
            _ => (grant.puts || !grant.gets, grant.gets || !grant.puts),
        };
        Directions { sends, receives }
    }
}

impl<T, R> Handover<T, R> {
    pub(super) fn given<E: Into<AnyError>>(
        open: impl Fn() -> Result<(T, R), E> + Send + Sync + 'static,
    ) -> Handover<T, R>
    where
        T: Into<Handle> + From<Handle>,
        R: Into<Handle> + From<Handle>,
    {
        Handover::Given {
            open: Box::new(move || match open() {
                Ok((tx, rx)) => Ok((tx.into(), rx.into())),
                Err(error) => Err(error.into()),
            }),
            tx: T::from,
            rx: R::from,
        }
    }

    pub(super) fn named<E, F, G>(
        create: impl Fn(&Path) -> Result<(), E> + Send + Sync + 'static,
        tx: impl Fn(&Path) -> Result<T, F> + Send + Sync + 'static,
        rx: impl Fn(&Path) -> Result<R, G> + Send + Sync + 'static,
    ) -> Handover<T, R>
    where
        E: Into<AnyError>,
        F: Into<AnyError>,
        G: Into<AnyError>,
    {
        Handover::Named {
            create: Box::new(move |path| create(path).map_err(Into::into)),
            tx: Box::new(move |path| tx(path).map_err(Into::into)),
            rx: Box::new(move |path| rx(path).map_err(Into::into)),
        }
    }

    /// Makes the channel.
    pub(super) fn open(
        &self,
        channel: &Channel,
        host: &dyn Host,
    ) -> Result<Box<dyn Opened>, AnyError> {
        Ok(match self {
            Handover::Given { open, .. } => {
                let (tx, rx) = open()?;
                Box::new(OpenHandles { tx, rx })
            }
            Handover::Named { create, .. } => {
                let path = host.folder().join(&channel.name);
                create(&path)?;
                Box::new(OpenName(path))
            }
        })
    }

    /// Makes the halves of a process's end.
    pub(super) fn attach(
        &self,
        directions: Directions,
        parcel: Parcel,
    ) -> Result<(Option<T>, Option<R>), AnyError> {
        let Directions { sends, receives } = directions;
        match self {
            Handover::Given { tx, rx, .. } => {
                let mut handles = parcel.handles.into_iter();
                let mut next = || handles.next().ok_or("the parcel lacks a handle");
                let tx = sends.then(&mut next).transpose()?.map(tx);
                let rx = receives.then(&mut next).transpose()?.map(rx);
                Ok((tx, rx))
            }
            Handover::Named { tx, rx, .. } => {
                let path = Path::new(str::from_utf8(&parcel.data)?);
                let tx = sends.then(|| tx(path)).transpose()?;
                let rx = receives.then(|| rx(path)).transpose()?;
                Ok((tx, rx))
            }
        }
    }
}

/// A channel of two handles.
struct OpenHandles {
    tx: Handle,
    rx: Handle,
}

impl Opened for OpenHandles {
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        let Directions { sends, receives } = Directions::of(grant);
        let tx = sends.then(|| self.tx.try_clone()).transpose()?;
        let rx = receives.then(|| self.rx.try_clone()).transpose()?;
        Ok(Parcel::of(tx.into_iter().chain(rx)))
    }
}

/// A channel with a path as its name.
struct OpenName(PathBuf);

impl Opened for OpenName {
    fn grant(&mut self, _: Grant) -> Result<Parcel, Failure> {
        let path = self.0.to_str();
        let path = path.ok_or_else(|| Failure::refused("the run's folder isn't Unicode"))?;
        Ok(Parcel {
            data: path.as_bytes().to_vec(),
            handles: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::sending_end(Side::Tx, false, false, true, false)]
    #[case::receiving_end(Side::Rx, false, true, false, true)]
    #[case::producer(Side::Queue, true, false, true, false)]
    #[case::consumer(Side::Queue, false, true, false, true)]
    #[case::both(Side::Queue, true, true, true, true)]
    #[case::holder(Side::Queue, false, false, true, true)]
    fn an_end_has_directions(
        #[case] side: Side,
        #[case] puts: bool,
        #[case] gets: bool,
        #[case] sends: bool,
        #[case] receives: bool,
    ) {
        let directions = Directions::of(Grant { side, puts, gets });
        assert_eq!(directions, Directions { sends, receives });
    }
}
