//! The server process: threads that read requests and write replies, and one that keeps the items.

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
/// A client that doesn't read its replies blocks only the thread that writes them.
///
/// # Errors
///
/// If the number of pipes isn't the number of clients, or if a thread can't be started. All clients
/// then find the server gone.
pub(super) fn serve(
    keeper: Box<dyn Keeper>,
    clients: usize,
    pipes: Vec<ClientPipes>,
) -> io::Result<()> {
    if pipes.len() != clients {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} pairs of pipes for {clients} clients", pipes.len()),
        ));
    }
    let (events, inbox) = mpsc::channel();
    thread::scope(|scope| {
        let mut outboxes = BTreeMap::new();
        for (client, pipes) in pipes.into_iter().enumerate() {
            let (outbox, replies) = mpsc::channel();
            let events = events.clone();
            thread::Builder::new().spawn_scoped(scope, move || {
                read_requests(client, pipes.requests, &events)
            })?;
            thread::Builder::new()
                .spawn_scoped(scope, move || write_replies(pipes.replies, &replies))?;
            outboxes.insert(client, outbox);
        }
        // Only the readers have senders now: the inbox ends when the last reader exits.
        drop(events);
        handle_events(keeper, &inbox, outboxes);
        Ok(())
    })
}

/// Handles events until all readers have exited.
fn handle_events(
    mut keeper: Box<dyn Keeper>,
    inbox: &Receiver<BrokerEvent>,
    mut outboxes: BTreeMap<ClientId, Sender<(u64, Reply)>>,
) {
    let start = Instant::now();
    loop {
        let event = match keeper.next_deadline() {
            None => inbox.recv().ok(),
            Some(deadline) => {
                let left = deadline.saturating_sub(start.elapsed());
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
        for (from, reply) in keeper.handle(event, start.elapsed()) {
            if let Some(outbox) = outboxes.get(&from.client) {
                // A client that no longer reads its replies is about to leave.
                let _ = outbox.send((from.number, reply));
            }
        }
    }
}

/// Passes on a client's requests until it leaves or sends something malformed.
fn read_requests(client: ClientId, mut requests: PipeReader, events: &Sender<BrokerEvent>) {
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
    // Without a receiver, the server has ended.
    let _ = events.send(BrokerEvent::Left(client));
}

/// Writes replies until there are no more or the client is gone.
fn write_replies(mut to: PipeWriter, replies: &Receiver<(u64, Reply)>) {
    let (mut message, mut frame) = (Vec::new(), Vec::new());
    for (number, reply) in replies {
        reply.write(number, &mut message);
        if framing::write_message(&mut to, &message, &mut frame).is_err() {
            return;
        }
    }
}
