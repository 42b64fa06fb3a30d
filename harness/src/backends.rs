//! The built-in backends.
//!
//! In: the contract of [`crate::backend`], which they keep like any author's. Out: channels over the
//! system's own queues, pipes and sockets, and over libraries. Nothing here names cases, plans, judges
//! or the harness's own processes.

use std::any::Any;

use crate::backend::Backend;

pub(crate) mod broker;
mod check;
pub(crate) mod counting;
mod endpoint;
#[cfg(test)]
mod endpoint_tests;
mod framing;
#[cfg(feature = "interprocess")]
pub(crate) mod interprocess;
pub(crate) mod os_process;
pub(crate) mod pipe_lock;
pub(crate) mod posix_mq;
#[cfg(test)]
mod queue_tests;
#[cfg(unix)]
pub(crate) mod socketpair;
pub(crate) mod std_pipe;
#[cfg(unix)]
pub(crate) mod std_stdio;
#[cfg(unix)]
pub(crate) mod std_unix_socket;
pub(crate) mod sysv_msg;
mod transport;
pub(crate) mod versions;

pub(crate) use transport::chunks::{ChunkSize, TINY_CHUNKS};

use broker::Broker;
use os_process::OsProcess;
use std_pipe::StdPipe;
#[cfg(unix)]
use std_unix_socket::StdUnixSocket;

/// Returns whether this is a reference backend. These need only the standard library, must keep the
/// promises of every profile, and write the goldens. There is one for each kind; for endpoints, on
/// Unix only. The type decides, not the name: a wrapper of a reference isn't one.
pub(crate) fn is_reference(backend: &dyn Backend) -> bool {
    let backend: &dyn Any = backend;
    let everywhere = backend.is::<Broker>() || backend.is::<StdPipe>() || backend.is::<OsProcess>();
    #[cfg(unix)]
    let everywhere = everywhere || backend.is::<StdUnixSocket>();
    everywhere
}

#[cfg(test)]
mod tests;
