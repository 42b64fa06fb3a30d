//! Replies that arrive over one connection, for several threads that wait for them.
//!
//! There is no thread that only reads: one of the waiting threads reads, and stores the replies to
//! the others.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The replies of type `R` that arrive over a connection of type `C`, each with the number of the
/// request that it belongs to.
#[derive(Debug)]
pub(crate) struct PendingReplies<C, R> {
    inbox: Mutex<Inbox<C, R>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Inbox<C, R> {
    /// `None` while a thread reads from it.
    connection: Option<C>,
    /// Replies that another thread has read, by the number of their request.
    unclaimed: BTreeMap<u64, R>,
}

impl<C, R> PendingReplies<C, R> {
    pub(crate) fn new(connection: C) -> PendingReplies<C, R> {
        PendingReplies {
            inbox: Mutex::new(Inbox {
                connection: Some(connection),
                unclaimed: BTreeMap::new(),
            }),
            changed: Condvar::new(),
        }
    }

    /// Waits for the reply to the request with this number. `read` waits for the next reply on the
    /// connection, to whichever request.
    ///
    /// # Errors
    /// If `read` returns an error. Each waiting thread calls `read` and sees the error itself.
    pub(crate) fn wait<E>(
        &self,
        number: u64,
        mut read: impl FnMut(&mut C) -> Result<(u64, R), E>,
    ) -> Result<R, E> {
        let mut inbox = self.lock();
        loop {
            if let Some(reply) = inbox.unclaimed.remove(&number) {
                return Ok(reply);
            }
            let Some(mut connection) = inbox.connection.take() else {
                let changed = self.changed.wait(inbox);
                inbox = changed.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(inbox);
            let read = read(&mut connection);
            inbox = self.lock();
            inbox.connection = Some(connection);
            // Another thread must read from now on, or this was its reply.
            self.changed.notify_all();
            match read? {
                (of, reply) if of == number => return Ok(reply),
                (of, reply) => drop(inbox.unclaimed.insert(of, reply)),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inbox<C, R>> {
        // No code that holds the lock panics, so a poisoned inbox is consistent.
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{self, Receiver, RecvError};
    use std::thread;

    type Connection = Receiver<(u64, char)>;

    fn wait(replies: &PendingReplies<Connection, char>, number: u64) -> Result<char, RecvError> {
        replies.wait(number, |connection| connection.recv())
    }

    #[test]
    fn each_thread_receives_its_reply_in_any_order_of_arrival() {
        let (sender, connection) = mpsc::channel();
        let replies = PendingReplies::new(connection);
        thread::scope(|scope| {
            let waiting = [(1, 'a'), (2, 'b'), (3, 'c')].map(|(number, expected)| {
                let replies = &replies;
                (scope.spawn(move || wait(replies, number)), expected)
            });
            for reply in [(3, 'c'), (1, 'a'), (2, 'b')] {
                sender.send(reply).unwrap();
            }
            for (thread, expected) in waiting {
                assert_eq!(thread.join().unwrap(), Ok(expected));
            }
        });
    }

    #[test]
    fn a_reply_to_another_thread_is_kept_for_it() {
        let (sender, connection) = mpsc::channel();
        let replies = PendingReplies::new(connection);
        sender.send((2, 'b')).unwrap();
        sender.send((1, 'a')).unwrap();
        assert_eq!(wait(&replies, 1), Ok('a'));
        assert_eq!(wait(&replies, 2), Ok('b'));
    }

    #[test]
    fn every_waiting_thread_sees_the_end_of_the_connection() {
        let (sender, connection) = mpsc::channel();
        let replies = PendingReplies::new(connection);
        drop(sender);
        thread::scope(|scope| {
            let waiting = [1, 2].map(|number| {
                let replies = &replies;
                scope.spawn(move || wait(replies, number))
            });
            for thread in waiting {
                assert_eq!(thread.join().unwrap(), Err(RecvError));
            }
        });
    }
}
