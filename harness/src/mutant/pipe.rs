//! A mutant's end of a pipe.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Mutation;
use super::goodbye::GOODBYE;
use super::header::ParcelHeader;
use super::manner::{Manner, report};
use super::stock::Stock;
use crate::backend::{Failure, Outcome, PipeEnd, Wait};

/// Only `close` takes the sound end, and the mutant's with it.
const OPEN: &str = "an end in use is open";

pub(super) struct MutantPipe {
    pub(super) sound: Option<Box<dyn PipeEnd>>,
    incoming: Incoming,
    manner: Manner,
}

/// What comes in by way of what is in stock, and without goodbyes.
struct Incoming {
    stock: Option<Arc<Mutex<Stock>>>,
    listens: bool,
    /// Whether who sent last has said goodbye, or nobody is awaited to.
    orderly: bool,
}

impl Incoming {
    fn new(mutation: Mutation, header: &ParcelHeader) -> Incoming {
        let Mutation { fault, .. } = mutation;
        let stock = || {
            let stock = Stock::new(fault, mutation.trigger(), header.seed);
            Arc::new(Mutex::new(stock))
        };
        Incoming {
            stock: fault.is_of_the_keeper_or_a_stock().then(stock),
            listens: fault.wants_goodbyes(),
            orderly: !fault.wants_goodbyes(),
        }
    }

    fn shared(&self) -> Incoming {
        Incoming {
            stock: self.stock.clone(),
            ..*self
        }
    }

    fn has_stock(&self) -> bool {
        let stock = self.stock.as_deref();
        stock.is_some_and(|stock| !lock(stock).is_empty())
    }

    fn recv(
        &mut self,
        from: &mut dyn PipeEnd,
        message: &mut Vec<u8>,
        wait: Wait,
    ) -> Result<(), Failure> {
        let Some(stock) = &self.stock else {
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
        let mut in_stock = lock(stock);
        in_stock.fill(&mut one);
        let taken = match in_stock.take() {
            Some(taken) => taken,
            None => {
                // Other threads may use the stock while this one waits.
                drop(in_stock);
                let first = one(wait)?;
                let mut in_stock = lock(stock);
                in_stock.add(first);
                in_stock.fill(one);
                // Nothing at all where the end has come, too early.
                in_stock.take().ok_or_else(Failure::end)?
            }
        };
        *message = taken;
        Ok(())
    }
}

fn lock(stock: &Mutex<Stock>) -> MutexGuard<'_, Stock> {
    stock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MutantPipe {
    pub(super) fn new(
        sound: Box<dyn PipeEnd>,
        mutation: Mutation,
        header: &ParcelHeader,
    ) -> MutantPipe {
        MutantPipe {
            sound: Some(sound),
            incoming: Incoming::new(mutation, header),
            manner: Manner::new(mutation, header),
        }
    }

    pub(super) fn has_stock(&self) -> bool {
        self.incoming.has_stock()
    }

    fn say_the_last(&mut self) {
        let Some(sound) = &mut self.sound else { return };
        // Nobody can be told any more whether this worked.
        if let Some(rest) = self.manner.sending.rest() {
            let _ = sound.send(&rest, Wait::Deadline);
        }
        if self.incoming.listens && self.manner.header.puts {
            let _ = sound.send(GOODBYE, Wait::Deadline);
        }
    }
}

impl PipeEnd for MutantPipe {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        self.manner
            .put(message, wait, |message, wait| sound.send(message, wait))
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        if let Some(deaf) = self.manner.receiving.deaf(wait) {
            return report(deaf);
        }
        let again = self.manner.sending.echo();
        if let Some(again) = again.or_else(|| self.manner.receiving.again()) {
            *message = again;
            return Ok(());
        }
        let sound = self.sound.as_mut().expect(OPEN);
        let incoming = &mut self.incoming;
        let got = (self.manner).get(wait, |wait| incoming.recv(sound.as_mut(), message, wait));
        match got {
            Err(end) if end.outcome == Outcome::End && !self.incoming.orderly => {
                if let Some(again) = self.manner.receiving.redelivered() {
                    *message = again;
                    return Ok(());
                }
                report(self.manner.receiving.end_of_killed(end, wait))
            }
            Err(failure) if self.manner.receiving.welcomes(&failure) => {
                message.clear();
                Ok(())
            }
            Err(failure) => Err(failure),
            Ok(()) => {
                self.manner.receiving.took(message);
                Ok(())
            }
        }
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        let sound = self.sound.as_mut().expect(OPEN);
        let has_stock = self.incoming.has_stock();
        self.manner.poll(wait, |wait| match has_stock {
            true => Ok(()),
            false => sound.poll(wait),
        })
    }

    fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.sound.as_mut().expect(OPEN).raw(bytes)
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.say_the_last();
        if self.manner.receiving.goes_deaf() {
            return self.sound.take().expect(OPEN).close();
        }
        self.sound.as_mut().expect(OPEN).half_close()
    }

    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        let sound = self.sound.as_ref().expect(OPEN).share()?;
        Ok(Box::new(MutantPipe {
            sound: Some(sound),
            incoming: self.incoming.shared(),
            manner: self.manner.shared(),
        }))
    }

    fn close(mut self: Box<Self>) -> Result<(), Failure> {
        self.say_the_last();
        self.sound.take().expect(OPEN).close()
    }
}

impl Drop for MutantPipe {
    fn drop(&mut self) {
        self.say_the_last();
    }
}
