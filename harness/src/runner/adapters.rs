//! The adapter processes of a session: each serves one run at a time, and the next one after that.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fault::Fault;
use super::{Session, interrupt};
use crate::adapter::protocol::{Breach, RunNumber};
use crate::adapter::{Adapter, Column, PATIENCE, Process, Ready, Unfit};
use crate::os::supervisor::Group;

/// How many runs in a row may go wrong before an adapter is given up.
const CHANCES: u32 = 3;

/// What is known of all adapters of a session, by their commands.
#[derive(Debug, Default)]
pub(super) struct Adapters(Mutex<BTreeMap<String, State>>);

#[derive(Debug, Default)]
struct State {
    idle: Vec<Idle>,
    runs: RunNumber,
    /// How many runs went wrong since the last one that didn't.
    failures: u32,
    /// What went wrong last.
    last: String,
}

/// A process without a run.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) process: Process,
    /// What earlier runs left of their processes.
    pub(super) left: Vec<u32>,
}

impl Adapters {
    fn of<T>(&self, adapter: &Adapter, what: impl FnOnce(&mut State) -> T) -> T {
        what(self.all().entry(adapter.to_string()).or_default())
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all of them: each is told to exit, and killed if it doesn't. Their groups.
    pub(super) fn end(&self) -> Vec<Group> {
        let states = std::mem::take(&mut *self.all());
        let mut idle: Vec<Idle> = states.into_values().flat_map(|state| state.idle).collect();
        // All of them exit at once; then each is waited for.
        idle.iter_mut().for_each(|idle| idle.process.tell_to_stop());
        let end = |mut idle: Idle| {
            let _ = idle.process.exit_within(PATIENCE);
            idle.process.kill();
            idle.process.group().clone()
        };
        idle.into_iter().map(end).collect()
    }
}

impl Session {
    /// The columns of an adapter, which is started for that.
    pub fn introduce(&self, adapter: &Arc<Adapter>) -> Vec<Column> {
        adapter.columns(self.ready(adapter))
    }

    /// What an adapter says of itself.
    ///
    /// # Errors
    /// What is wrong with it, or what it lacks.
    pub fn ready(&self, adapter: &Arc<Adapter>) -> Result<Ready, Unfit> {
        let mut lease = self.start_adapter(adapter)?;
        let ready = lease.introduce()?;
        lease.give_back();
        Ok(ready)
    }

    /// Starts an adapter only to try something with it. Nothing is left of it behind that.
    ///
    /// # Errors
    /// Where it can't be started, or the attempt goes wrong.
    pub fn try_with<T>(
        &self,
        adapter: &Arc<Adapter>,
        attempt: impl FnOnce(&mut Process) -> Result<T, Unfit>,
    ) -> Result<T, Unfit> {
        let mut lease = self.start_adapter(adapter)?;
        let (process, _) = lease.parts();
        attempt(process).map_err(|unfit| lease.unfit(unfit))
    }

    /// An adapter process for one run, and the run's number.
    pub(super) fn lease(&self, adapter: &Arc<Adapter>) -> Result<Lease<'_>, Fault> {
        let (run, idle, given_up) = self.adapters.of(adapter, |state| {
            state.runs += 1;
            let given_up = (state.failures >= CHANCES).then(|| state.last.clone());
            (state.runs, state.idle.pop(), given_up)
        });
        if let Some(last) = given_up {
            return Err(Fault::Adapter(format!(
                "the adapter is given up after {CHANCES} runs in a row that went wrong; the last: {last}"
            )));
        }
        let lease = match idle {
            Some(idle) => Ok(Lease::new(self, adapter, idle, run)),
            None => self.start_adapter(adapter).and_then(|mut lease| {
                lease.run = run;
                lease.introduce()?;
                Ok(lease)
            }),
        };
        lease.map_err(|unfit| {
            if interrupt::requested() {
                return Fault::Interrupted;
            }
            let why = unfit.to_string();
            self.adapters.of(adapter, |state| state.fail(&why));
            Fault::Adapter(why)
        })
    }

    fn start_adapter(&self, adapter: &Arc<Adapter>) -> Result<Lease<'_>, Unfit> {
        let process = Process::start(adapter)?;
        let left = Vec::new();
        let lease = Lease::new(self, adapter, Idle { process, left }, 0);
        self.register(lease.idle().process.group())
            .map_err(|error| {
                Unfit::Absent(format!("the guard can't be told of the adapter: {error}"))
            })?;
        Ok(lease)
    }
}

impl State {
    fn fail(&mut self, why: &str) {
        self.failures += 1;
        // What it complained of was told with the run that went wrong.
        self.last = why.lines().next().unwrap_or_default().to_owned();
    }
}

/// An adapter process in use. Dropped, all that descends from it is killed.
#[derive(Debug)]
pub(super) struct Lease<'session> {
    session: &'session Session,
    adapter: Arc<Adapter>,
    idle: Option<Idle>,
    /// The number of the run that it is for.
    pub(super) run: RunNumber,
}

impl<'session> Lease<'session> {
    fn new(
        session: &'session Session,
        adapter: &Arc<Adapter>,
        idle: Idle,
        run: RunNumber,
    ) -> Lease<'session> {
        Lease {
            session,
            adapter: Arc::clone(adapter),
            idle: Some(idle),
            run,
        }
    }

    fn idle(&self) -> &Idle {
        self.idle
            .as_ref()
            .expect("it is only taken where the lease ends")
    }

    /// The process, and what earlier runs left of theirs.
    pub(super) fn parts(&mut self) -> (&mut Process, &mut Vec<u32>) {
        let idle = self
            .idle
            .as_mut()
            .expect("it is only taken where the lease ends");
        (&mut idle.process, &mut idle.left)
    }

    fn introduce(&mut self) -> Result<Ready, Unfit> {
        let adapter = Arc::clone(&self.adapter);
        let (process, _) = self.parts();
        let introduced = process.introduce(&adapter);
        introduced.map_err(|unfit| self.unfit(unfit))
    }

    /// Its run is over, and went as the protocol says.
    pub(super) fn succeeded(self) {
        self.session
            .adapters
            .of(&self.adapter, |state| state.failures = 0);
        self.give_back();
    }

    fn give_back(mut self) {
        if let Some(idle) = self.idle.take() {
            self.session
                .adapters
                .of(&self.adapter, |state| state.idle.push(idle));
        }
    }

    /// Why it is unfit, with its last words where it broke the protocol.
    fn unfit(&mut self, unfit: Unfit) -> Unfit {
        match unfit {
            Unfit::Broke(breach) => Unfit::Broke(self.last_words(&breach)),
            absent => absent,
        }
    }

    /// What it did, with its last words; it is killed for that. Where that may be an interruption's
    /// doing, we have heard of one then, if there was any.
    fn last_words(&mut self, breach: &Breach) -> Breach {
        let (process, _) = self.parts();
        interrupt::is_behind(process.exited());
        process.last_words(breach)
    }

    /// Its run went wrong in this way; it is killed.
    pub(super) fn failed(mut self, breach: &Breach) -> Fault {
        let why = self.last_words(breach).to_string();
        if interrupt::requested() {
            return Fault::Interrupted;
        }
        self.session
            .adapters
            .of(&self.adapter, |state| state.fail(&why));
        Fault::Adapter(why)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(mut idle) = self.idle.take() {
            idle.process.kill();
            self.session.forget(idle.process.group());
        }
    }
}
