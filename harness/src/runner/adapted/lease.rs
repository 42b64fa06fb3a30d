//! The use of adapter processes: each serves one run at a time, and then the next one.

use std::sync::Arc;

use super::pool::{CHANCES, IdleAdapter};
use crate::adapter::protocol::{Breach, EARLIER_VERSION, RunNumber, VERSION};
use crate::adapter::{Adapter, AdapterColumn, AdapterIntroduction, AdapterProcess, Unusable};
use crate::os::shortage::Shortage;
use crate::runner::failure::RunFailure;
use crate::runner::interrupt;
use crate::runner::session::Session;

impl Session {
    /// Starts an adapter, and returns its columns.
    pub fn introduce(&self, adapter: &Arc<Adapter>) -> Vec<AdapterColumn> {
        adapter.columns(self.ready(adapter))
    }

    /// Starts an adapter, and returns what it hosts.
    ///
    /// # Errors
    /// The adapter breaks the protocol, or lacks something that it needs.
    pub fn ready(&self, adapter: &Arc<Adapter>) -> Result<AdapterIntroduction, Unusable> {
        let (lease, ready) = self.introduced(adapter)?;
        lease.give_back();
        Ok(ready)
    }

    /// Starts an adapter that has introduced itself. One that refuses the present version of the protocol is
    /// asked whether it speaks the version before.
    fn introduced(
        &self,
        adapter: &Arc<Adapter>,
    ) -> Result<(Lease<'_>, AdapterIntroduction), Unusable> {
        let introduced = || {
            let mut lease = self.start_adapter(adapter)?;
            let introduction = lease.introduce()?;
            Ok((lease, introduction))
        };
        let speak = |version| self.adapters.of(adapter, |pool| pool.version = version);
        match introduced() {
            Err(Unusable::Absent(why)) => {
                speak(EARLIER_VERSION);
                introduced().map_err(|_| {
                    speak(VERSION);
                    Unusable::Absent(why)
                })
            }
            other => other,
        }
    }

    /// Starts an adapter, calls `attempt` with it, and kills it.
    ///
    /// # Errors
    /// The adapter can't be started, or the attempt fails.
    pub fn try_with<T>(
        &self,
        adapter: &Arc<Adapter>,
        attempt: impl FnOnce(&mut AdapterProcess) -> Result<T, Unusable>,
    ) -> Result<T, Unusable> {
        let mut lease = self.start_adapter(adapter)?;
        let (process, _) = lease.parts();
        attempt(process).map_err(|unfit| lease.unfit(unfit))
    }

    /// Returns an adapter process for one run, and starts one if none is idle.
    pub(super) fn lease(
        &self,
        adapter: &Arc<Adapter>,
        permutation: &str,
    ) -> Result<Lease<'_>, RunFailure> {
        let (run, idle, given_up) = self.adapters.of(adapter, |pool| {
            pool.runs += 1;
            (pool.runs, pool.idle.pop(), pool.given_up())
        });
        if let Some(last) = given_up {
            return Err(RunFailure::Adapter(format!(
                "the adapter is given up after {CHANCES} runs in a row that went wrong; the last: {last}"
            )));
        }
        let lease = match idle {
            Some(idle) => Ok(Lease::new(self, adapter, idle, run)),
            None => {
                let _start = self.starts.begin();
                self.introduced(adapter).map(|(mut lease, _)| {
                    lease.run = run;
                    lease
                })
            }
        };
        lease.map_err(|unfit| {
            if interrupt::requested() {
                return RunFailure::Interrupted;
            }
            let why = unfit.to_string();
            if unfit.is_slow() {
                return RunFailure::TooSlow(why);
            }
            if let Unusable::Lacking(why) = unfit {
                return RunFailure::Machine(why);
            }
            self.adapters
                .of(adapter, |pool| pool.fail(permutation, &why));
            RunFailure::Adapter(why)
        })
    }

    fn start_adapter(&self, adapter: &Arc<Adapter>) -> Result<Lease<'_>, Unusable> {
        let (mark, temporary) = self.room_for_adapter().map_err(|error| {
            let what = format!("the adapter's folder can't be made: {error}");
            Unusable::Lacking(Shortage::explained(&error, what).to_string())
        })?;
        let process = {
            let version = self.adapters.of(adapter, |pool| pool.version);
            AdapterProcess::start(adapter, temporary.as_deref(), mark, version)?
        };
        let left = Vec::new();
        let lease = Lease::new(self, adapter, IdleAdapter { process, left }, 0);
        self.register(lease.idle().process.group())
            .map_err(|error| {
                Unusable::Lacking(format!("the guard can't register the adapter: {error}"))
            })?;
        Ok(lease)
    }
}

/// An adapter process in use. Drop kills it and all processes that descend from it.
#[derive(Debug)]
pub(super) struct Lease<'session> {
    session: &'session Session,
    adapter: Arc<Adapter>,
    idle: Option<IdleAdapter>,
    /// The number of its run.
    pub(super) run: RunNumber,
}

impl<'session> Lease<'session> {
    fn new(
        session: &'session Session,
        adapter: &Arc<Adapter>,
        idle: IdleAdapter,
        run: RunNumber,
    ) -> Lease<'session> {
        Lease {
            session,
            adapter: Arc::clone(adapter),
            idle: Some(idle),
            run,
        }
    }

    fn idle(&self) -> &IdleAdapter {
        self.idle
            .as_ref()
            .expect("only the end of the lease takes it")
    }

    /// Returns the process, and the processes that earlier runs left behind.
    pub(super) fn parts(&mut self) -> (&mut AdapterProcess, &mut Vec<u32>) {
        let idle = self
            .idle
            .as_mut()
            .expect("only the end of the lease takes it");
        (&mut idle.process, &mut idle.left)
    }

    fn introduce(&mut self) -> Result<AdapterIntroduction, Unusable> {
        let adapter = Arc::clone(&self.adapter);
        let (process, _) = self.parts();
        let introduced = process.introduce(&adapter);
        introduced.map_err(|unfit| self.unfit(unfit))
    }

    /// Its run is over, and the adapter kept to the protocol.
    pub(super) fn succeeded(self) {
        self.session
            .adapters
            .of(&self.adapter, |pool| pool.failures = 0);
        self.give_back();
    }

    fn give_back(mut self) {
        if let Some(idle) = self.idle.take() {
            self.session
                .adapters
                .of(&self.adapter, |pool| pool.idle.push(idle));
        }
    }

    /// Adds the adapter's standard error if it broke the protocol.
    fn unfit(&mut self, unfit: Unusable) -> Unusable {
        match unfit {
            Unusable::Broke(breach) => {
                let breach = self.last_words(&breach);
                match Shortage::in_text_of_start(&breach.to_string()) {
                    None => Unusable::Broke(breach),
                    Some((shortage, line)) => Unusable::Lacking(shortage.sentence(line)),
                }
            }
            other => other,
        }
    }

    /// Kills the adapter, and returns the breach with the adapter's standard error. If an interruption
    /// may have caused the breach, [`interrupt::requested`] knows of it from then on.
    fn last_words(&mut self, breach: &Breach) -> Breach {
        let (process, _) = self.parts();
        interrupt::caused(process.exited());
        process.last_words(breach)
    }

    /// Its run of this permutation failed in this way. Kills the adapter.
    pub(super) fn failed(mut self, permutation: &str, breach: &Breach) -> RunFailure {
        let why = self.last_words(breach).to_string();
        if interrupt::requested() {
            return RunFailure::Interrupted;
        }
        if breach.is_slow() {
            return RunFailure::TooSlow(why);
        }
        let failure = RunFailure::of_adapter(why);
        if let RunFailure::Adapter(why) = &failure {
            self.session
                .adapters
                .of(&self.adapter, |pool| pool.fail(permutation, why));
        }
        failure
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
