use interprocess::unnamed_pipe::{Recver, Sender};

use crate::backends::transport::polled::{BlockingOnly, Polled};
use crate::backends::transport::{ByteSink, ByteSource};

pub(super) fn source(recver: Recver) -> impl ByteSource {
    Polled(recver)
}

pub(super) fn sink(sender: Sender) -> impl ByteSink {
    BlockingOnly(sender)
}
