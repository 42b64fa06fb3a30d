//! An adapter that keeps to the protocol, with a queue in the memory of its own process.

pub(crate) mod peer;

use std::collections::{BTreeMap, VecDeque};
use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use ipc_conformance::backend::{Capability, Kind, Outcome, Wait};
use ipc_conformance::internals::protocol::{
    Declared, Exited, FromAdapter, Hosted, RunNumber, ToAdapter, VERSION,
};
use ipc_conformance::internals::{Action, Item, Limit, Plan, ProcessIndex, Step};
use serde::{Deserialize, Serialize};

/// The item that the queue loses.
pub(crate) const LOST: i64 = 666;

/// A request of a process to its adapter.
#[derive(Debug, Serialize, Deserialize)]
enum Request {
    /// Passes this message on to the harness.
    Tell(FromAdapter),
    /// Puts this item.
    Put { channel: usize, item: Item },
    /// Gets an item; waits for one or not.
    Get { channel: usize, waits: bool },
}

/// A reply of the adapter to a process.
#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    /// The process's plan and its place in it.
    Be {
        run: RunNumber,
        me: ProcessIndex,
        plan: Plan,
    },
    /// The event that it asked the harness for has happened, or can't happen any more.
    Answer(bool),
    /// The outcome of its put or get.
    Done(Outcome, Option<Item>),
}

#[derive(Default)]
struct State {
    run: RunNumber,
    queues: BTreeMap<usize, VecDeque<Item>>,
    /// The processes that wait for an item, with their channel.
    getting: Vec<(usize, ProcessIndex)>,
    peers: BTreeMap<ProcessIndex, ChildStdin>,
    pids: BTreeMap<ProcessIndex, u32>,
}

pub(crate) fn serve() -> ExitCode {
    let state = Arc::new(Mutex::new(State::default()));
    for line in io::stdin().lock().lines() {
        let line = line.expect("the pipe carries text");
        match serde_json::from_str(&line) {
            Ok(ToAdapter::Start { version }) if version == VERSION => tell(&ready()),
            Ok(ToAdapter::Start { version }) => {
                tell(&FromAdapter::Refused {
                    why: format!("version {version} is unknown here"),
                });
                return ExitCode::SUCCESS;
            }
            Ok(ToAdapter::Run { run, plan, .. }) => match unsupported(&plan) {
                Some(why) => refuse(run, why),
                None => begin(&state, run, &plan),
            },
            Ok(ToAdapter::Answer {
                process, happened, ..
            }) => {
                reply(&mut lock(&state), process, &Reply::Answer(happened));
            }
            Ok(ToAdapter::End { run }) => end(&state, run),
            Ok(ToAdapter::Stop {}) => break,
            // A run with an unknown plan is reported as unsupported.
            Err(error) => match number(&line) {
                Some(run) => refuse(run, error.to_string()),
                None => tell(&FromAdapter::Error {
                    why: error.to_string(),
                }),
            },
        }
    }
    ExitCode::SUCCESS
}

/// Returns the number of the run in a line, even if the rest is unknown.
fn number(line: &str) -> Option<RunNumber> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    message["run"]["run"].as_u64()
}

fn refuse(run: RunNumber, why: String) {
    tell(&FromAdapter::Unsupported { run, why });
    tell(&FromAdapter::Done { run });
}

fn ready() -> FromAdapter {
    let hosted = |kind, name: &str, native: &[Capability]| Hosted {
        kind,
        name: name.to_owned(),
        about: "a queue in the adapter's memory".to_owned(),
        library: None,
        version: None,
        capabilities: Declared {
            native: native.to_vec(),
            ..Declared::default()
        },
    };
    let of_queue = [
        Capability::TryGet,
        Capability::SeveralProducers,
        Capability::SeveralConsumers,
        Capability::SharedItems,
        Capability::FreeExit,
        Capability::RoomWithoutConsumers,
        Capability::Values,
        Capability::Linearizable,
        Capability::StrictEmpty,
        Capability::Spawn,
    ];
    FromAdapter::Ready {
        version: VERSION.to_owned(),
        name: "honest".to_owned(),
        about: "an honest adapter".to_owned(),
        runtime: None,
        backends: vec![hosted(Kind::Queue, "honest/queue", &of_queue)],
    }
}

/// Returns the first thing in a plan that this adapter can't do.
fn unsupported(plan: &Plan) -> Option<String> {
    plan.fault.map(|_| "faults".to_owned()).or_else(|| {
        plan.steps()
            .find_map(|(_, Step { action, .. })| match action {
                Action::Put { .. }
                | Action::Get {
                    limit: Limit::Count(_) | Limit::Until(_),
                    wait: Wait::Deadline | Wait::Never,
                    ..
                }
                | Action::Kill { .. }
                | Action::Barrier { .. }
                | Action::Await { .. }
                | Action::Idle { .. }
                | Action::Repeat { .. }
                | Action::Exit { .. }
                | Action::Print { .. } => None,
                other => Some(format!("no step {other:?}")),
            })
    })
}

fn begin(state: &Arc<Mutex<State>>, run: RunNumber, plan: &Plan) {
    let mut now = lock(state);
    *now = State {
        run,
        ..State::default()
    };
    for me in 0..plan.processes.len() {
        let mut child =
            Command::new(env::current_exe().expect("the system knows this program's path"))
                .arg("peer")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("this program can be started");
        now.pids.insert(me, child.id());
        now.peers
            .insert(me, child.stdin.take().expect("the stream is a pipe"));
        reply(
            &mut now,
            me,
            &Reply::Be {
                run,
                me,
                plan: plan.clone(),
            },
        );
        let state = Arc::clone(state);
        thread::spawn(move || attend(&state, me, child));
    }
}

/// Serves one process until it exits.
fn attend(state: &Mutex<State>, me: ProcessIndex, mut child: Child) {
    let from = BufReader::new(child.stdout.take().expect("the stream is a pipe"));
    for line in from.lines().map_while(Result::ok) {
        match serde_json::from_str(&line).expect("a process writes requests") {
            Request::Tell(message) => tell(&message),
            Request::Put { channel, item } => {
                let mut state = lock(state);
                if item != Item::Int(LOST) {
                    state.queues.entry(channel).or_default().push_back(item);
                }
                reply(&mut state, me, &Reply::Done(Outcome::Ok, None));
                hand_out(&mut state, channel);
            }
            Request::Get { channel, waits } => {
                let mut state = lock(state);
                state.getting.push((channel, me));
                hand_out(&mut state, channel);
                if !waits && state.getting.last() == Some(&(channel, me)) {
                    state.getting.pop();
                    reply(&mut state, me, &Reply::Done(Outcome::Empty, None));
                }
            }
        }
    }
    let status = child.wait().expect("a child can be waited for");
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    let exit = match (status.code(), signal) {
        (Some(code), _) => Exited::Code(code),
        (None, Some(signal)) => Exited::Signal(signal),
        (None, None) => Exited::Unseen,
    };
    let mut state = lock(state);
    let run = state.run;
    tell(&FromAdapter::Exited {
        run,
        process: me,
        exit,
    });
    state.getting.retain(|(_, process)| *process != me);
    state.peers.remove(&me);
    if state.peers.is_empty() {
        tell(&FromAdapter::Done { run });
    }
}

/// Gives items to waiting processes, in the order of their requests.
fn hand_out(state: &mut State, channel: usize) {
    while let Some(place) = state.getting.iter().position(|(of, _)| *of == channel)
        && let Some(item) = state.queues.entry(channel).or_default().pop_front()
    {
        let (_, process) = state.getting.remove(place);
        reply(state, process, &Reply::Done(Outcome::Ok, Some(item)));
    }
}

fn end(state: &Mutex<State>, run: RunNumber) {
    let state = lock(state);
    if state.peers.is_empty() || state.run != run {
        return;
    }
    for pid in state.pids.values() {
        let pid = i32::try_from(*pid)
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        // Processes that have already exited are reported too.
        let _ = rustix::process::kill_process(
            pid.expect("a pid isn't 0"),
            rustix::process::Signal::KILL,
        );
    }
}

fn reply(state: &mut State, process: ProcessIndex, reply: &Reply) {
    if let Some(peer) = state.peers.get_mut(&process) {
        let line = serde_json::to_string(reply).expect("plain data can be serialized");
        // A killed process no longer reads.
        let _ = writeln!(peer, "{line}");
    }
}

fn tell(message: &FromAdapter) {
    let mut line = serde_json::to_vec(message).expect("plain data can be serialized");
    line.push(b'\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(&line).expect("the harness reads");
    stdout.flush().expect("the harness reads");
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no thread panics")
}
