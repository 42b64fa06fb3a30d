//! The clients' requests and the server's replies, as framed messages.

use std::time::Duration;

use crate::backend::Wait;
use crate::backends::counting::Count;
use crate::backends::framing;

/// A client's request. The client chooses its number, and the reply has the same number. Each thread
/// of a client can have one request at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) number: u64,
    pub(crate) body: RequestBody,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestBody {
    /// Puts this item.
    Put { item: Vec<u8>, wait: Wait },
    /// Gets the next item.
    Get { wait: Wait },
    /// Marks an item as done.
    TaskDone,
    /// Waits until every item is marked as done.
    Join,
    /// Asks how many items there are.
    Count,
}

/// The server's reply to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The item is in the queue or marked as done, or all are.
    Done,
    /// The next item.
    Item(Vec<u8>),
    /// There is no item.
    Empty,
    /// There is no room.
    Full,
    /// There was no item, or no room, in time.
    Timeout,
    /// There is no item, and no producer is left.
    End,
    /// There is no room, and no consumer is left.
    Gone,
    /// Every item is marked as done already.
    AllDone,
    /// How many items there are, and whether there is no room.
    Count(Count),
}

/// One byte for the operation, one for the form of waiting, the timeout in nanoseconds, and the number.
const REQUEST_HEADER: usize = 1 + 1 + 2 * size_of::<u64>();

/// The longest item in bytes that fits a request.
pub(super) const LONGEST_ITEM: u64 = framing::LONGEST - REQUEST_HEADER as u64;

const PUT: u8 = b'p';
const GET: u8 = b'g';
const TASK_DONE: u8 = b't';
const JOIN: u8 = b'j';
const COUNT: u8 = b'c';

const DEADLINE: u8 = b'd';
const NEVER: u8 = b'n';
const FOR: u8 = b'f';

/// Replaces the content of `message` by a put of `item`.
pub(super) fn write_put(number: u64, item: &[u8], wait: Wait, message: &mut Vec<u8>) {
    write_header(PUT, number, wait, message);
    message.extend_from_slice(item);
}

/// Replaces the content of `message` by a get.
pub(super) fn write_get(number: u64, wait: Wait, message: &mut Vec<u8>) {
    write_header(GET, number, wait, message);
}

/// Replaces the content of `message` by a mark of an item as done.
pub(super) fn write_task_done(number: u64, message: &mut Vec<u8>) {
    write_header(TASK_DONE, number, Wait::Deadline, message);
}

/// Replaces the content of `message` by a join.
pub(super) fn write_join(number: u64, message: &mut Vec<u8>) {
    write_header(JOIN, number, Wait::Deadline, message);
}

/// Replaces the content of `message` by the question how many items there are.
pub(super) fn write_count(number: u64, message: &mut Vec<u8>) {
    write_header(COUNT, number, Wait::Deadline, message);
}

fn write_header(operation: u8, number: u64, wait: Wait, message: &mut Vec<u8>) {
    let (form, time) = match wait {
        Wait::Deadline => (DEADLINE, Duration::ZERO),
        Wait::Never => (NEVER, Duration::ZERO),
        Wait::For(time) => (FOR, time),
    };
    // A u64 holds 584 years.
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    message.clear();
    message.extend_from_slice(&[operation, form]);
    message.extend_from_slice(&nanos.to_le_bytes());
    message.extend_from_slice(&number.to_le_bytes());
}

/// Returns the request in a message; `None` if it is malformed.
pub(super) fn read_request(message: &[u8]) -> Option<Request> {
    let (header, item) = message.split_first_chunk::<REQUEST_HEADER>()?;
    let (operation, form) = (header[0], header[1]);
    let (rest, number) = header.split_last_chunk()?;
    let nanos = u64::from_le_bytes(*rest.last_chunk()?);
    let wait = match form {
        DEADLINE => Wait::Deadline,
        NEVER => Wait::Never,
        FOR => Wait::For(Duration::from_nanos(nanos)),
        _ => return None,
    };
    let body = match operation {
        PUT => RequestBody::Put {
            item: item.to_vec(),
            wait,
        },
        GET if item.is_empty() => RequestBody::Get { wait },
        TASK_DONE if item.is_empty() => RequestBody::TaskDone,
        JOIN if item.is_empty() => RequestBody::Join,
        COUNT if item.is_empty() => RequestBody::Count,
        _ => return None,
    };
    let number = u64::from_le_bytes(*number);
    Some(Request { number, body })
}

impl Reply {
    fn tag(&self) -> u8 {
        match self {
            Reply::Done => b'd',
            Reply::Item(_) => b'i',
            Reply::Empty => b'e',
            Reply::Full => b'f',
            Reply::Timeout => b't',
            Reply::End => b'.',
            Reply::Gone => b'g',
            Reply::AllDone => b'a',
            Reply::Count(_) => b'c',
        }
    }

    /// Replaces the content of `message` by this reply to the request with this number.
    pub(super) fn write(&self, number: u64, message: &mut Vec<u8>) {
        message.clear();
        message.extend_from_slice(&number.to_le_bytes());
        message.push(self.tag());
        if let Reply::Item(item) = self {
            message.extend_from_slice(item);
        }
        if let Reply::Count(count) = self {
            message.push(u8::from(count.is_full));
            message.extend_from_slice(&count.items.to_le_bytes());
        }
    }

    /// Returns the reply in a message and the number of its request; `None` if it is malformed.
    pub(super) fn read(message: &[u8]) -> Option<(u64, Reply)> {
        let (number, message) = message.split_first_chunk()?;
        let (tag, item) = message.split_first()?;
        let reply = Reply::of(*tag, item)?;
        Some((u64::from_le_bytes(*number), reply))
    }

    fn of(tag: u8, item: &[u8]) -> Option<Reply> {
        if tag == b'i' {
            return Some(Reply::Item(item.to_vec()));
        }
        if let (b'c', Some((is_full, items))) = (tag, item.split_first()) {
            let items = u64::from_le_bytes(items.try_into().ok()?);
            let is_full = *is_full != 0;
            return Some(Reply::Count(Count { items, is_full }));
        }
        [
            Reply::Done,
            Reply::Empty,
            Reply::Full,
            Reply::Timeout,
            Reply::End,
            Reply::Gone,
            Reply::AllDone,
        ]
        .into_iter()
        .find(|reply| item.is_empty() && reply.tag() == tag)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wait() -> impl Strategy<Value = Wait> {
        prop_oneof![
            Just(Wait::Deadline),
            Just(Wait::Never),
            any::<u64>().prop_map(|nanos| Wait::For(Duration::from_nanos(nanos))),
        ]
    }

    fn reply() -> impl Strategy<Value = Reply> {
        prop_oneof![
            Just(Reply::Done),
            any::<Vec<u8>>().prop_map(Reply::Item),
            Just(Reply::Empty),
            Just(Reply::Full),
            Just(Reply::Timeout),
            Just(Reply::End),
            Just(Reply::Gone),
            Just(Reply::AllDone),
            any::<(u64, bool)>()
                .prop_map(|(items, is_full)| Reply::Count(Count { items, is_full })),
        ]
    }

    proptest! {
        #[test]
        fn a_request_is_read_as_it_was_written(
            number: u64,
            item in any::<Vec<u8>>(),
            wait in wait(),
        ) {
            let mut message = Vec::new();
            let request = |body| Some(Request { number, body });
            write_put(number, &item, wait, &mut message);
            prop_assert_eq!(read_request(&message), request(RequestBody::Put { item, wait }));
            write_get(number, wait, &mut message);
            prop_assert_eq!(read_request(&message), request(RequestBody::Get { wait }));
            write_task_done(number, &mut message);
            prop_assert_eq!(read_request(&message), request(RequestBody::TaskDone));
            write_join(number, &mut message);
            prop_assert_eq!(read_request(&message), request(RequestBody::Join));
            write_count(number, &mut message);
            prop_assert_eq!(read_request(&message), request(RequestBody::Count));
        }

        #[test]
        fn a_reply_is_read_as_it_was_written(number: u64, reply in reply()) {
            let mut message = Vec::new();
            reply.write(number, &mut message);
            prop_assert_eq!(Reply::read(&message), Some((number, reply)));
        }

        #[test]
        fn malformed_input_is_neither(message in prop::collection::vec(any::<u8>(), 0..9)) {
            prop_assert_eq!(read_request(&message), None);
            let _ = Reply::read(&message);
        }
    }
}
