//! Puts that have begun: when each takes effect, between its begin and its end.

use std::collections::VecDeque;
use std::time::Duration;

use super::fault::Fault;
use crate::backends::broker::{BrokerEvent, ClientId, Request, RequestBody};

/// How long a put takes.
const UNDER_WAY: Duration = Duration::from_millis(2);

/// The number of puts in a full batch.
const BATCH: usize = 4;

/// Puts that have begun and haven't taken effect.
#[derive(Debug)]
pub(super) struct PendingPuts {
    fault: Fault,
    random: fastrand::Rng,
    held: VecDeque<(Duration, ClientId, Request)>,
}

impl PendingPuts {
    pub(super) fn new(fault: Fault, seed: u64) -> PendingPuts {
        PendingPuts {
            fault,
            random: fastrand::Rng::with_seed(seed),
            held: VecDeque::new(),
        }
    }

    /// Returns when the next of them is due.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.held.front().map(|(due, ..)| *due)
    }

    /// Returns the events that take effect, in this order, when this event comes at this time.
    pub(super) fn take(&mut self, event: BrokerEvent, now: Duration) -> Vec<BrokerEvent> {
        let mut happens = self.due(now);
        match event {
            BrokerEvent::Requested(client, request) if self.holds(&request) => {
                // A batch is due all at once.
                let due = match self.fault {
                    Fault::EmptyMeanwhile | Fault::NeverSurfacing => now + UNDER_WAY,
                    _ => self.next_deadline().unwrap_or(now + UNDER_WAY),
                };
                self.held.push_back((due, client, request));
                if self.fault == Fault::Batched && self.held.len() == BATCH {
                    happens.extend(self.due(Duration::MAX));
                }
            }
            BrokerEvent::Left(client) => {
                if self.fault == Fault::NeverSurfacing {
                    self.held.retain(|(_, other, _)| *other != client);
                }
                happens.extend(self.due(Duration::MAX));
                happens.push(event);
            }
            event => happens.push(event),
        }
        happens
    }

    fn holds(&self, request: &Request) -> bool {
        let delays = matches!(
            self.fault,
            Fault::Batched | Fault::EmptyMeanwhile | Fault::EitherOrder | Fault::NeverSurfacing
        );
        delays && matches!(request.body, RequestBody::Put { .. })
    }

    /// Takes the puts that are due by now.
    fn due(&mut self, now: Duration) -> Vec<BrokerEvent> {
        let count = self.held.iter().take_while(|(due, ..)| *due <= now).count();
        let mut due: Vec<(Duration, ClientId, Request)> = self.held.drain(..count).collect();
        if self.fault == Fault::EitherOrder {
            self.random.shuffle(&mut due);
        }
        due.into_iter()
            .map(|(_, client, request)| BrokerEvent::Requested(client, request))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Wait;

    const NOW: Duration = Duration::from_secs(1);

    fn put(client: ClientId) -> BrokerEvent {
        let body = RequestBody::Put {
            item: b"item".to_vec(),
            wait: Wait::Deadline,
        };
        BrokerEvent::Requested(client, Request { number: 0, body })
    }

    fn get(client: ClientId) -> BrokerEvent {
        let wait = Wait::Never;
        let body = RequestBody::Get { wait };
        BrokerEvent::Requested(client, Request { number: 0, body })
    }

    fn intake(fault: Fault) -> PendingPuts {
        PendingPuts::new(fault, 1)
    }

    #[test]
    fn a_put_takes_effect_later_and_a_get_at_once() {
        let mut intake = intake(Fault::EmptyMeanwhile);
        assert_eq!(intake.take(put(0), NOW), []);
        assert_eq!(intake.take(get(1), NOW), [get(1)]);
        let due = intake.next_deadline().unwrap();
        assert_eq!(
            intake.take(BrokerEvent::Tick, due),
            [put(0), BrokerEvent::Tick]
        );
        assert_eq!(intake.next_deadline(), None);
    }

    #[test]
    fn a_full_batch_takes_effect_at_once() {
        let mut intake = intake(Fault::Batched);
        for client in 0..3 {
            assert_eq!(intake.take(put(client), NOW), []);
        }
        assert_eq!(intake.take(put(3), NOW), [put(0), put(1), put(2), put(3)]);
    }

    #[test]
    fn overlapping_puts_take_effect_in_any_order() {
        let order = |seed| {
            let mut intake = PendingPuts::new(Fault::EitherOrder, seed);
            for client in 0..6 {
                intake.take(put(client), NOW);
            }
            intake.take(BrokerEvent::Tick, Duration::MAX)
        };
        assert_ne!(order(1), order(2));
        assert_eq!(order(1).len(), 7);
    }

    #[test]
    fn never_surfacing_drops_the_put_of_a_client_that_leaves() {
        let left = |fault| {
            let mut intake = intake(fault);
            intake.take(put(0), NOW);
            intake.take(BrokerEvent::Left(0), NOW)
        };
        assert_eq!(left(Fault::NeverSurfacing), [BrokerEvent::Left(0)]);
        assert_eq!(left(Fault::EmptyMeanwhile), [put(0), BrokerEvent::Left(0)]);
    }
}
