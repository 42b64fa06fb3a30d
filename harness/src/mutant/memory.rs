//! A sound backend in memory, for the tests of mutants.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Instant;

use crate::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    Opened, Outcome, Parcel, PipeEnd, QueueEnd, Side, StreamEnd, System, Wait,
};

/// A backend with one channel, of which every attached end is an end.
#[derive(Clone)]
pub(super) struct Memory {
    kind: Kind,
    shared: Arc<(Mutex<MemoryChannel>, Condvar)>,
}

#[derive(Default)]
struct MemoryChannel {
    capacity: Option<u64>,
    items: VecDeque<Vec<u8>>,
    putting_ends: usize,
    puts: usize,
}

impl Memory {
    pub(super) fn new(kind: Kind) -> Memory {
        Memory {
            kind,
            shared: Arc::default(),
        }
    }

    /// Returns how many puts there were.
    pub(super) fn puts(&self) -> usize {
        self.lock().puts
    }

    fn lock(&self) -> MutexGuard<'_, MemoryChannel> {
        self.shared.0.lock().unwrap()
    }

    /// Waits until `ready` has a result, no longer than `wait` says.
    fn wait_for<T>(
        &self,
        wait: Wait,
        at_once: Outcome,
        ready: impl Fn(&mut MemoryChannel) -> Option<Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let start = Instant::now();
        let mut shared = self.lock();
        loop {
            if let Some(result) = ready(&mut shared) {
                self.shared.1.notify_all();
                return result;
            }
            shared = match wait {
                Wait::Deadline => self.shared.1.wait(shared).unwrap(),
                Wait::Never => return Err(Failure::new(at_once, "not now")),
                Wait::For(time) => {
                    let left = time.saturating_sub(start.elapsed());
                    if left.is_zero() {
                        return Err(Failure::new(Outcome::Timeout, "not in time"));
                    }
                    self.shared.1.wait_timeout(shared, left).unwrap().0
                }
            };
        }
    }
}

impl Backend for Memory {
    fn key(&self) -> Key {
        Key::new(self.kind, "memory")
    }

    fn about(&self) -> About {
        "in memory".into()
    }

    fn capabilities(&self, _system: System) -> Option<Capabilities> {
        Some(Capabilities::new().native(Capability::ALL))
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        self.lock().capacity = channel.capacity;
        Ok(Box::new(MemoryOpened))
    }

    fn attach(
        &self,
        _channel: &Channel,
        grant: Grant,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        assert!(parcel.data.is_empty(), "the mutant took its header");
        let puts = grant.side != Side::Rx && grant.puts;
        self.lock().putting_ends += usize::from(puts);
        let end = Box::new(MemoryEnd {
            memory: self.clone(),
            puts,
        });
        Ok(match self.kind {
            Kind::Queue => Attached::Queue(end),
            Kind::Pipe => Attached::Pipe(end),
            _ => Attached::Stream(end),
        })
    }
}

struct MemoryOpened;

impl Opened for MemoryOpened {
    fn grant(&mut self, _grant: Grant) -> Result<Parcel, Failure> {
        Ok(Parcel::default())
    }
}

struct MemoryEnd {
    memory: Memory,
    puts: bool,
}

impl MemoryEnd {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        self.memory.wait_for(wait, Outcome::Full, |shared| {
            let room = shared
                .capacity
                .is_none_or(|capacity| (shared.items.len() as u64) < capacity);
            room.then(|| {
                shared.items.push_back(item.to_vec());
                shared.puts += 1;
                Ok(())
            })
        })
    }

    fn get(&mut self, wait: Wait) -> Result<Vec<u8>, Failure> {
        self.memory.wait_for(wait, Outcome::Empty, |shared| {
            match shared.items.pop_front() {
                Some(item) => Some(Ok(item)),
                None => (shared.putting_ends == 0).then(|| Err(Failure::end())),
            }
        })
    }

    fn look(&self, wait: Wait) -> Result<(), Failure> {
        self.memory.wait_for(wait, Outcome::Empty, |shared| {
            (!shared.items.is_empty() || shared.putting_ends == 0).then_some(Ok(()))
        })
    }

    fn stop_putting(&mut self) {
        if std::mem::take(&mut self.puts) {
            self.memory.lock().putting_ends -= 1;
            self.memory.shared.1.notify_all();
        }
    }
}

impl Drop for MemoryEnd {
    fn drop(&mut self) {
        self.stop_putting();
    }
}

impl QueueEnd for MemoryEnd {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        self.put(item, wait)
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        *item = self.get(wait)?;
        Ok(())
    }
}

impl PipeEnd for MemoryEnd {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        self.put(message, wait)
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        *message = self.get(wait)?;
        Ok(())
    }

    fn poll(&mut self, wait: Wait) -> Result<(), Failure> {
        self.look(wait)
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        self.stop_putting();
        Ok(())
    }
}

impl StreamEnd for MemoryEnd {
    fn write(&mut self, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        self.put(bytes, wait)?;
        Ok(bytes.len())
    }

    fn read(&mut self, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        let written = self.get(wait)?;
        let (taken, rest) = written.split_at(written.len().min(bytes.len()));
        bytes[..taken.len()].copy_from_slice(taken);
        if !rest.is_empty() {
            self.memory.lock().items.push_front(rest.to_vec());
        }
        Ok(taken.len())
    }
}
