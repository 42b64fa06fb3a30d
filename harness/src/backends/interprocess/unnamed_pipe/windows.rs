use interprocess::unnamed_pipe::{Recver, Sender};

use crate::backends::transport::polled::{Blocking, Polled};
use crate::backends::transport::{Sink, Source};

pub(super) fn source(recver: Recver) -> impl Source {
    Polled(recver)
}

pub(super) fn sink(sender: Sender) -> impl Sink {
    Blocking(sender)
}
