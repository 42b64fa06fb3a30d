//! The server process: threads that read and write, around the state.

use std::collections::BTreeMap;
use std::io::{self, PipeReader, PipeWriter};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Instant;

use super::protocol::{self, Reply};
use super::state::{BrokerEvent, ClientId, Keeper};
use crate::backends::framing;

/// The server's ends of one client's pipes.
pub(super) struct ClientPipes {
    pub(super) requests: PipeReader,
    pub(super) replies: PipeWriter,
}

/// Serves until all clients have left.
///
/// A client that doesn't read its replies stops only the thread that writes to it.
///
/// # Errors
///
/// When there isn't one line for each of so many clients, or a thread can't be started. All
/// clients then find the server gone.
pub(super) fn serve(
    keeper: Box<dyn Keeper>,
    clients: usize,
    lines: Vec<ClientPipes>,
) -> io::Result<()> {
    if lines.len() != clients {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} lines for {clients} clients", lines.len()),
        ));
    }
    let (events, inbox) = mpsc::channel();
    thread::scope(|scope| {
        let mut outboxes = BTreeMap::new();
        for (client, line) in lines.into_iter().enumerate() {
            let (outbox, replies) = mpsc::channel();
            let events = events.clone();
            thread::Builder::new()
                .spawn_scoped(scope, move || listen(client, line.requests, &events))?;
            thread::Builder::new().spawn_scoped(scope, move || talk(line.replies, &replies))?;
            outboxes.insert(client, outbox);
        }
        // What is left of the senders is the listeners': the inbox ends with the last of them.
        drop(events);
        preside(keeper, &inbox, outboxes);
        Ok(())
    })
}

/// Handles one event after the other.
fn preside(
    mut keeper: Box<dyn Keeper>,
    inbox: &Receiver<BrokerEvent>,
    mut outboxes: BTreeMap<ClientId, Sender<(u64, Reply)>>,
) {
    let beginning = Instant::now();
    loop {
        let event = match keeper.next_deadline() {
            None => inbox.recv().ok(),
            Some(deadline) => {
                let left = deadline.saturating_sub(beginning.elapsed());
                match inbox.recv_timeout(left) {
                    Ok(event) => Some(event),
                    Err(RecvTimeoutError::Timeout) => Some(BrokerEvent::Tick),
                    Err(RecvTimeoutError::Disconnected) => None,
                }
            }
        };
        let Some(event) = event else { return };
        if let BrokerEvent::Left(client) = event {
            outboxes.remove(&client);
        }
        for (from, reply) in keeper.handle(event, beginning.elapsed()) {
            if let Some(outbox) = outboxes.get(&from.client) {
                // Whoever doesn't take its replies any more is about to leave.
                let _ = outbox.send((from.number, reply));
            }
        }
    }
}

/// Passes on what a client asks, until it leaves or what it sends makes no sense.
fn listen(client: ClientId, mut requests: PipeReader, events: &Sender<BrokerEvent>) {
    let mut message = Vec::new();
    while framing::read_message(&mut requests, &mut message).is_ok() {
        let Some(request) = protocol::read_request(&message) else {
            break;
        };
        if events
            .send(BrokerEvent::Requested(client, request))
            .is_err()
        {
            return;
        }
    }
    // Without a receiver the server is over, and nobody needs to know.
    let _ = events.send(BrokerEvent::Left(client));
}

/// Writes replies, until there are no more or nobody reads them.
fn talk(mut to: PipeWriter, replies: &Receiver<(u64, Reply)>) {
    let (mut message, mut frame) = (Vec::new(), Vec::new());
    for (number, reply) in replies {
        reply.write(number, &mut message);
        if framing::write_message(&mut to, &message, &mut frame).is_err() {
            return;
        }
    }
}
