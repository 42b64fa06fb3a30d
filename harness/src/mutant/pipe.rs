//! A mutant's end of a pipe.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::behavior::{EndBehavior, report};
use super::fault::Fault;
use super::goodbye::GOODBYE;
use super::header::ParcelHeader;
use super::mutation::Mutation;
use super::prefetch::Prefetch;
use crate::backend::{Failure, Outcome, PipeEnd, Wait};

/// The sound end is there until `close`, which consumes the mutant's end too.
const OPEN: &str = "an end in use is open";

pub(super) struct MutantPipe {
    pub(super) sound: Option<Box<dyn PipeEnd>>,
    incoming: FaultyReceiver,
    behavior: EndBehavior,
}

/// Receives messages by way of a prefetch, and removes goodbyes.
struct FaultyReceiver {
    prefetch: Option<Arc<Mutex<Prefetch>>>,
    listens: bool,
    /// Whether the last sender has said goodbye, or none is expected.
    orderly: bool,
}

impl FaultyReceiver {
    fn new(mutation: Mutation, header: &ParcelHeader) -> FaultyReceiver {
        let Mutation { fault, .. } = mutation;
        let prefetch = || {
            let prefetch = Prefetch::new(fault, mutation.trigger(), header.seed);
            Arc::new(Mutex::new(prefetch))
        };
        FaultyReceiver {
            prefetch: fault.is_of_the_keeper_or_prefetch().then(prefetch),
            listens: fault.wants_goodbyes(),
            orderly: !fault.wants_goodbyes(),
        }
    }

    fn shared(&self) -> FaultyReceiver {
        FaultyReceiver {
            prefetch: self.prefetch.clone(),
            ..*self
        }
    }

    fn has_prefetched(&self) -> bool {
        let prefetch = self.prefetch.as_deref();
        prefetch.is_some_and(|prefetch| !lock(prefetch).is_empty())
    }

    fn recv(
        &mut self,
        from: &mut dyn PipeEnd,
        message: &mut Vec<u8>,
        wait: Wait,
    ) -> Result<(), Failure> {
        let Some(prefetch) = &self.prefetch else {
            loop {
                from.recv(message, wait)?;
                if !self.listens {
                    return Ok(());
                }
                self.orderly = message == GOODBYE;
                if !self.orderly {
                    return Ok(());
                }
            }
        };
        let mut one = |wait| {
            let mut message = Vec::new();
            from.recv(&mut message, wait).map(|()| message)
        };
        let mut prefetched = lock(prefetch);
        prefetched.fill(&mut one);
        let taken = match prefetched.take() {
            Some(taken) => taken,
            None => {
                // Other threads may use the prefetched messages while this one waits.
                drop(prefetched);
                let first = one(wait)?;
                let mut prefetched = lock(prefetch);
                prefetched.add(first);
                prefetched.fill(one);
                // Empty if end of stream came, too early.
                prefetched.take().ok_or_else(Failure::end)?
            }
        };
        *message = taken;
        Ok(())
    }
}

fn lock(prefetch: &Mutex<Prefetch>) -> MutexGuard<'_, Prefetch> {
    prefetch.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MutantPipe {
    pub(super) fn new(
        sound: Box<dyn PipeEnd>,
        mutation: Mutation,
        header: &ParcelHeader,
    ) -> MutantPipe {
        MutantPipe {
            sound: Some(sound),
            incoming: FaultyReceiver::new(mutation, header),
            behavior: EndBehavior::new(mutation, header),
        }
    }

    pub(super) fn has_prefetched(&self) -> bool {
        self.incoming.has_prefetched()
    }

    fn send_rest(&mut self) {
        let Some(sound) = &mut self.sound else { return };
        // A failure has no caller to report to.
        if let Some(rest) = self.behavior.sending.rest() {
            let _ = sound.send(&rest, Wait::Deadline);
        }
        if self.incoming.listens && self.behavior.header.puts {
            let _ = sound.send(GOODBYE, Wait::Deadline);
        }
    }
}

impl PipeEnd for MutantPipe {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.behavior
            .put(message, wait, |message, wait| sound.send(message, wait))
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        if let Some(deaf) = self.behavior.receiving.deaf(wait) {
            return report(deaf);
        }
        let again = self.behavior.sending.echo();
        if let Some(again) = again.or_else(|| self.behavior.receiving.again()) {
            *message = again;
            return Ok(());
        }
        let sound = self.sound.as_mut().expect(OPEN);
        let incoming = &mut self.incoming;
        let got = (self.behavior).get(wait, |wait| incoming.recv(sound.as_mut(), message, wait));
        match got {
            Err(end) if end.outcome == Outcome::End && !self.incoming.orderly => {
                if let Some(again) = self.behavior.receiving.redelivered() {
                    *message = again;
                    return Ok(());
                }
                report(self.behavior.receiving.end_of_killed(end, wait))
            }
            Err(failure) if self.behavior.receiving.welcomes(&failure) => {
                message.clear();
                Ok(())
            }
            Err(failure) => Err(failure),
            Ok(()) => {
                self.behavior.receiving.took(message);
                Ok(())
            }
        }
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        let has_prefetched = self.incoming.has_prefetched();
        self.behavior.poll(wait, |wait| match has_prefetched {
            true => Ok(()),
            false => sound.poll(wait),
        })
    }

    fn raw(&mut self, length: Option<i64>, bytes: &[u8], part: Range<u64>) -> Result<(), Failure> {
        if self.behavior.fault() == Fault::OneReadOnly && part.start > 0 {
            super::acted::note();
            return Ok(());
        }
        self.sound.as_mut().expect(OPEN).raw(length, bytes, part)
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.send_rest();
        if self.behavior.receiving.goes_deaf() {
            return self.sound.take().expect(OPEN).close();
        }
        self.sound.as_mut().expect(OPEN).half_close()
    }

    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        let sound = self.sound.as_ref().expect(OPEN).share()?;
        Ok(Box::new(MutantPipe {
            sound: Some(sound),
            incoming: self.incoming.shared(),
            behavior: self.behavior.shared(),
        }))
    }

    fn close(mut self: Box<Self>) -> Result<(), Failure> {
        self.send_rest();
        self.sound.take().expect(OPEN).close()
    }
}

impl Drop for MutantPipe {
    fn drop(&mut self) {
        self.send_rest();
    }
}
