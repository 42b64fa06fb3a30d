//! Named pipes of messages, which keep message boundaries.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use interprocess::os::windows::named_pipe::{
    DuplexPipeStream, PipeListenerOptions, PipeMode, pipe_mode,
};
use recvmsg::RecvResult;
use recvmsg::prelude::{MsgBuf, RecvMsg};

use super::{pair, path};
use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    Opened, Outcome, Parcel, PipeEnd, Side, System, Wait,
};
use crate::backends::check::check_kind;
use crate::backends::interprocess::without_blocking;
use crate::backends::transport::bytes::{read_failure, write_failure};
use crate::backends::transport::half::{ONLY_RECEIVES, ONLY_SENDS, OneDirection};
use crate::backends::transport::polled::no_such_form;
use crate::backends::versions;

type Stream = DuplexPipeStream<pipe_mode::Messages>;

/// The backend `pipe:interprocess/named-pipe-messages`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedPipeMessages;

impl Backend for NamedPipeMessages {
    fn key(&self) -> Key {
        Key::new(Kind::Pipe, "interprocess/named-pipe-messages")
    }

    fn about(&self) -> About {
        versions::interprocess("named_pipe with pipe_mode::Messages")
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new()
            .native([
                Capability::TryGet,
                Capability::TryPut,
                Capability::Duplex,
                Capability::Boundaries,
                Capability::ZeroLength,
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::Threads,
                Capability::SeveralChannels,
                Capability::Backpressure,
                Capability::OpenInPeer,
                Capability::Spawn,
            ])
            .composed([Capability::Values]);
        // The library sends only the beginning of a longer message.
        capabilities.largest_message = Some(u32::MAX.into());
        (system == System::Windows).then_some(capabilities)
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_kind(Kind::Pipe, channel)?;
        let path = path(channel, host);
        let options = PipeListenerOptions::new().path(path.as_str());
        let listener = options.mode(PipeMode::Messages).create_duplex()?;
        let a = Stream::connect_by_path(path.as_str())?;
        let b: Stream = listener.accept()?;
        Ok(Box::new(pair(channel, a, b)?))
    }

    fn attach(&self, channel: &Channel, grant: Grant, parcel: Parcel) -> Result<Attached, Failure> {
        check_kind(Kind::Pipe, channel)?;
        let [handle] = parcel.into_handles()?;
        let stream = Arc::new(Stream::try_from(handle).map_err(io::Error::from)?);
        let (gets, puts) = (grant.side != Side::Tx, grant.side != Side::Rx);
        Ok(Attached::Pipe(Box::new(NamedPipeEnd {
            from: OneDirection::of(gets.then(|| Arc::clone(&stream)), ONLY_SENDS),
            to: OneDirection::of(puts.then_some(stream), ONLY_RECEIVES),
        })))
    }
}

#[derive(Clone)]
struct NamedPipeEnd {
    from: OneDirection<Arc<Stream>>,
    to: OneDirection<Arc<Stream>>,
}

impl PipeEnd for NamedPipeEnd {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        let stream = self.to.get()?;
        if u32::try_from(message.len()).is_err() {
            let length = message.len();
            return Err(Failure::refused(format!(
                "a message of {length} bytes is too long"
            )));
        }
        let sent = in_form(stream, wait, "no timed form of sending", |stream| {
            stream.send(message)
        });
        match sent {
            Ok(sent) if sent == message.len() => Ok(()),
            Ok(sent) => {
                let said = format!("{sent} of {} bytes were sent", message.len());
                Err(Failure::new(Outcome::Error, said).indefinite())
            }
            Err(error) => Err(write_failure(&error, wait)),
        }
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let stream = self.from.get()?;
        message.clear();
        let mut room = MsgBuf::from(std::mem::take(message));
        let received = in_form(stream, wait, "no timed form of receiving", |stream| {
            (&**stream).recv_msg(&mut room, None)
        });
        match received.map_err(|error| read_failure(error, wait))? {
            RecvResult::EndOfStream => Err(Failure::end()),
            RecvResult::Fit | RecvResult::Spilled => {
                message.extend_from_slice(room.filled_part());
                Ok(())
            }
            RecvResult::QuotaExceeded(quota) => {
                Err(Failure::new(Outcome::Error, quota.to_string()))
            }
        }
    }

    fn poll(&mut self, _wait: Wait) -> Result<(), Failure> {
        self.from.get()?;
        Err(Failure::refused("this library has no poll"))
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.to.get()?;
        Err(Failure::refused("this library can't close one direction"))
    }

    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        Ok(Box::new(self.clone()))
    }
}

/// Makes a call in the library's blocking or nonblocking mode. `lacking` names the missing timed form.
fn in_form<T>(
    stream: &mut Arc<Stream>,
    wait: Wait,
    lacking: &str,
    call: impl FnOnce(&mut Arc<Stream>) -> io::Result<T>,
) -> io::Result<T> {
    match wait.limit() {
        None => call(stream),
        Some(Duration::ZERO) => {
            without_blocking(stream, |stream, on| stream.set_nonblocking(on), call)
        }
        Some(_) => Err(no_such_form(lacking)),
    }
}
