//! The backends that this crate brings.
//!
//! In: the contract of [`crate::backend`], which they keep like any author's. Out: channels over the
//! system's own queues, pipes and sockets, and over libraries. Nothing here knows of cases, judges or
//! the harness's own processes.

use std::any::Any;

use crate::backend::Backend;

pub mod broker;
mod check;
mod endpoint;
#[cfg(test)]
mod endpoint_tests;
mod framing;
#[cfg(feature = "interprocess")]
pub mod interprocess;
pub mod os_process;
pub mod pipe_lock;
pub mod posix_mq;
#[cfg(test)]
mod queue_tests;
#[cfg(unix)]
pub mod socketpair;
pub mod std_pipe;
#[cfg(unix)]
pub mod std_stdio;
#[cfg(unix)]
pub mod std_unix_socket;
pub mod sysv_msg;
pub(crate) mod transport;

pub use endpoint::EndpointBackend;
pub use transport::ByteBackend;

use broker::Broker;
use os_process::OsProcess;
use std_pipe::StdPipe;
#[cfg(unix)]
use std_unix_socket::StdUnixSocket;

/// Whether this is one of the reference backends, which stand on the standard library alone, are
/// held to every profile and say what goldens are; of endpoints there is one on Unix only. It goes by
/// the type, which no other backend can have, whatever it calls itself and whatever it wraps.
pub(crate) fn is_reference(backend: &dyn Backend) -> bool {
    let backend: &dyn Any = backend;
    let everywhere = backend.is::<Broker>() || backend.is::<StdPipe>() || backend.is::<OsProcess>();
    #[cfg(unix)]
    let everywhere = everywhere || backend.is::<StdUnixSocket>();
    everywhere
}

#[cfg(test)]
mod tests;
