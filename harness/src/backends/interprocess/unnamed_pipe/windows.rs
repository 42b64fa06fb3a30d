use interprocess::unnamed_pipe::{Recver, Sender};

use crate::backends::transport::bytes::{ByteSink, ByteSource};
use crate::backends::transport::polled::{BlockingOnly, Polled};

pub(super) fn source(recver: Recver) -> impl ByteSource {
    Polled(recver)
}

pub(super) fn sink(sender: Sender) -> impl ByteSink {
    BlockingOnly(sender)
}
