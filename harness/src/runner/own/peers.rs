//! The operating-system processes of one run, from their links, logs and outputs until they are
//! reaped.

use std::fs::File;
use std::io;
use std::time::Duration;

use crate::backend::{Handle, Key, Parcel};
use crate::history::{Exit, Residue};
use crate::os::link::{self, Frame, HarnessLink};
use crate::os::patience;
use crate::os::scratch;
use crate::os::spawn_lock::Births;
use crate::os::supervisor::{self, ProcessRole, Program, Running, Stdio3};
use crate::peer::log;
use crate::peer::wire::{self, ParcelNote, ToPeer};
use crate::plan::{Plan, ProcessIndex};
use crate::runner::failure::RunFailure;
use crate::runner::session::Session;
use crate::runner::shortage;

/// How much a process may write to a standard stream in bytes.
const MOST_OUTPUT: u64 = 32 << 20;

/// How many bytes of the standard error of a helper are kept.
pub(super) const KEPT: u64 = 16 << 10;

/// How long helpers may take to exit after all processes that they serve.
const GRACE: Duration = Duration::from_secs(2);

/// The peers and helpers of one run. Drop kills and reaps all that are left.
pub(super) struct PeerProcesses<'session> {
    session: &'session Session,
    program: Program,
    pub(super) peers: Vec<PeerProcess>,
    pub(super) helpers: Vec<HelperProcess>,
}

/// A process of the plan.
pub(super) struct PeerProcess {
    pub(super) log: File,
    pub(super) stdout: File,
    pub(super) stderr: File,
    /// The process's end of its link, until the process is started or its starter receives it.
    link: Option<Handle>,
    /// The process itself, if the harness started it.
    pub(super) running: Option<Running>,
    /// Its process id, once that is known.
    pub(super) pid: Option<u32>,
    /// Whether it handles the signals that steps send to it.
    pub(super) handles_signals: bool,
    pub(super) exit: Option<Exit>,
    pub(super) gone: bool,
}

/// A backend's helper process.
pub(super) struct HelperProcess {
    running: Running,
    pub(super) stderr: File,
    link: Option<HarnessLink>,
    pub(super) gone: bool,
}

impl HelperProcess {
    pub(super) fn pid(&self) -> u32 {
        self.running.pid()
    }

    fn is_running(&mut self) -> bool {
        matches!(self.running.exited(), Ok(None))
    }
}

impl<'session> PeerProcesses<'session> {
    /// Makes everything that must exist before the first process starts. Returns it with the
    /// harness's end of each process's link.
    pub(super) fn prepare(
        plan: &Plan,
        program: &Program,
        session: &'session Session,
    ) -> io::Result<(PeerProcesses<'session>, Vec<HarnessLink>)> {
        let prepared: Vec<(PeerProcess, HarnessLink)> = plan
            .processes
            .iter()
            .map(|_| prepare())
            .collect::<io::Result<_>>()?;
        let (peers, links) = prepared.into_iter().unzip();
        let program = program.clone();
        Ok((
            PeerProcesses {
                session,
                program,
                peers,
                helpers: Vec::new(),
            },
            links,
        ))
    }

    /// Returns the three handles that a process starts with. Works once for each process.
    pub(super) fn stdio(&mut self, process: ProcessIndex) -> io::Result<Stdio3> {
        let peer = &mut self.peers[process];
        Ok(Stdio3 {
            link: peer
                .link
                .take()
                .ok_or_else(|| io::Error::other("its starter has its link already"))?,
            stdout: peer.stdout.try_clone()?.into(),
            stderr: peer.stderr.try_clone()?.into(),
        })
    }

    /// Starts a process that no other process of the plan starts. It waits for its plan.
    /// `has_children` says whether it starts others itself.
    pub(super) fn start(&mut self, process: ProcessIndex, has_children: bool) -> io::Result<u32> {
        let stdio = self.stdio(process)?;
        let spawn = match has_children {
            true => supervisor::spawn_starter,
            false => supervisor::spawn_leader,
        };
        let running = spawn(&self.program, ProcessRole::Peer, stdio)?;
        let pid = running.pid();
        self.session.mark().put_on(pid);
        let group = running.group.clone();
        self.peers[process].running = Some(running);
        self.peers[process].pid = Some(pid);
        self.session.register(&group)?;
        Ok(pid)
    }

    /// Starts a backend's helper. An interruption doesn't kill it, and the guard kills it only if it
    /// doesn't exit: it exits after all processes that it serves, and may have to clean up after them.
    pub(super) fn start_helper(&mut self, backend: &Key, parcel: Parcel) -> io::Result<()> {
        let (mut link, peer) = link::pair()?;
        let stderr = scratch::file()?;
        let output: Handle = stderr.try_clone()?.into();
        let stdio = Stdio3 {
            link: peer,
            stdout: output.try_clone()?,
            stderr: output,
        };
        let births = Births::begin();
        let running = supervisor::spawn_leader(&self.program, ProcessRole::Helper, stdio)?;
        let pid = running.pid();
        self.session.mark().of_helpers().put_on(pid);
        let group = running.group.clone();
        self.helpers.push(HelperProcess {
            running,
            stderr,
            link: None,
            gone: false,
        });
        link.bind(pid)?;
        link.wait_for_birth()?;
        drop(births);
        let mut handles = vec![self.session.register_helper(&group)?];
        let parcel = ParcelNote::of(parcel, &mut handles);
        link.send(wire::frame(
            &ToPeer::Help {
                backend: backend.clone(),
                parcel,
            },
            handles,
        ))?;
        if let Some(helper) = self.helpers.last_mut() {
            helper.link = Some(link);
        }
        Ok(())
    }

    /// Takes the harness's ends of the helpers' links.
    pub(super) fn helper_links(&mut self) -> impl Iterator<Item = HarnessLink> {
        self.helpers
            .iter_mut()
            .filter_map(|helper| helper.link.take())
    }

    /// Reaps a process whose link is closed. The process is exiting, or it has lost its link, which
    /// isn't the library's to close: then it is killed, as the harness couldn't see its exit.
    pub(super) fn peer_is_gone(&mut self, process: ProcessIndex) -> io::Result<()> {
        let peer = &mut self.peers[process];
        peer.gone = true;
        if let Some(running) = &mut peer.running {
            running.kill();
            peer.exit = Some(running.wait()?);
        }
        Ok(())
    }

    /// Reaps a helper whose link is closed.
    ///
    /// # Errors
    /// If it couldn't do its task, because the machine ran out of something.
    pub(super) fn helper_is_gone(&mut self, helper: usize) -> Result<(), RunFailure> {
        let helper = &mut self.helpers[helper];
        helper.gone = true;
        helper.running.kill();
        let exit = helper.running.wait()?;
        let stderr = scratch::end(&helper.stderr, KEPT)?;
        shortage::in_exit("the backend's helper", Some(exit), &stderr).map_or(Ok(()), Err)
    }

    /// Checks that no process has written too much to its standard output or standard error.
    ///
    /// # Errors
    /// If one has: the harness holds that in memory.
    pub(super) fn check_output(&self, plan: &Plan) -> Result<(), RunFailure> {
        let check = |file: &File, of: &dyn Fn() -> String, stream| {
            if file.metadata()?.len() <= MOST_OUTPUT {
                return Ok(());
            }
            let most = MOST_OUTPUT >> 20;
            let what = format!(
                "{} wrote more than {most} MiB to its standard {stream}",
                of()
            );
            Err(RunFailure::Adapter(what))
        };
        for (peer, process) in self.peers.iter().zip(&plan.processes) {
            let name = || process.name();
            check(&peer.stdout, &name, "output")?;
            check(&peer.stderr, &name, "error")?;
        }
        let name = || "the backend's helper".to_owned();
        let mut helpers = self.helpers.iter();
        helpers.try_for_each(|helper| check(&helper.stderr, &name, "error"))
    }

    /// Kills all processes of the plan.
    pub(super) fn kill_all(&mut self) {
        let groups = self.peers.iter().filter_map(|peer| peer.running.as_ref());
        groups.for_each(|running| running.group.kill());
    }

    /// Kills and reaps all that is left. Returns what was left after the processes of the plan exited.
    pub(super) fn clear(&mut self) -> Vec<Residue> {
        let known: Vec<u32> = self.peers.iter().filter_map(|peer| peer.pid).collect();
        let mut left = Vec::new();
        for (process, peer) in self.peers.iter_mut().enumerate() {
            let Some(running) = peer.running.take() else {
                continue;
            };
            let group = running.group.clone();
            if clear(running, peer.gone, &known) {
                left.push(Residue::Process { of: Some(process) });
            }
            self.session.forget(&group);
        }
        for helper in self.helpers.drain(..) {
            let group = helper.running.group.clone();
            if clear(helper.running, helper.gone, &known) || !helper.gone {
                left.push(Residue::Process { of: None });
            }
            self.session.forget_helper(&group);
        }
        left
    }
}

impl Drop for PeerProcesses<'_> {
    /// After an error, helpers may still have to clean up after the killed processes.
    fn drop(&mut self) {
        self.kill_all();
        let pids: Vec<u32> = self.helpers.iter().map(HelperProcess::pid).collect();
        let helpers = &mut self.helpers;
        patience::wait_until(
            GRACE,
            || pids.iter().copied(),
            || !helpers.iter_mut().any(|helper| helper.is_running()),
        );
        self.clear();
    }
}

/// Kills and reaps the leader of a group and all others in the group. Only then may the guard forget
/// the group. Returns whether any process but the `known` ones was left after the leader.
fn clear(mut running: Running, gone: bool, known: &[u32]) -> bool {
    if !gone {
        running.group.kill();
    }
    // It is gone or was killed, so this doesn't block. Its exit is known already.
    let _ = running.reap();
    // From here on its process id may be used again, unless a process is left in its group.
    let others = running.group.others(known);
    running.group.kill();
    others
}

fn prepare() -> io::Result<(PeerProcess, HarnessLink)> {
    let (harness, link) = link::pair()?;
    let peer = PeerProcess {
        log: log::create()?,
        stdout: scratch::file()?,
        stderr: scratch::file()?,
        link: Some(link),
        running: None,
        pid: None,
        handles_signals: false,
        exit: None,
        gone: false,
    };
    Ok((peer, harness))
}

/// Sends a frame to a process. If it is gone, the frame is lost.
pub(super) fn send(link: Option<&mut HarnessLink>, frame: Frame) {
    if let Some(link) = link {
        let _ = link.send(frame);
    }
}
