//! Starts a peer: reads the first order, attaches to the ends, and runs the steps.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use super::bindings::Bindings;
use super::children::Children;
use super::delays::Delays;
use super::descriptors;
use super::fault_trigger::FaultTrigger;
use super::log_and_link::LogAndLink;
use super::resources::ProcessResources;
use super::thread::{StepResult, Thread};
use crate::backend::{Attached, Backend, Failure, Handle, Kind, Parcel};
use crate::os::link::PeerLink;
use crate::os::scratch;
use crate::os::supervisor::signal;
use crate::peer::log::LogWriter;
use crate::peer::wire::{self, EndNote, FromPeer, FromThread, Give, ToPeer};
use crate::plan::{End, GivenEnd, Item, Plan, ProcessIndex, Signal};
use crate::registry::Registry;

/// Runs a spawned process. Doesn't return unless it fails before the first step.
pub(super) fn serve(registry: &Registry) -> io::Result<()> {
    let mut link = PeerLink::from_stdin()?;
    link.say_alive();
    let code = live(registry, link, None)?;
    std::process::exit(code)
}

/// Runs the process whose orders arrive over this link. Returns its exit code.
///
/// A forked process starts with the `inherited` variables of its starter, a spawned one with those of
/// the plan.
pub(super) fn live(
    registry: &Registry,
    link: PeerLink,
    inherited: Option<BTreeMap<String, Item>>,
) -> io::Result<i32> {
    // Even after an error, the link must close only when this process exits.
    let mut link = ManuallyDrop::new(link);
    let Some(frame) = link.recv()? else {
        return Ok(0);
    };
    let ToPeer::Give(give) = wire::message(&frame.body)? else {
        return Err(io::Error::other("the first order must be `give`"));
    };
    // Another holder of an end would keep the process at its other end from seeing that it was closed.
    let Some(begin) = link.recv()? else {
        return Ok(0);
    };
    let ToPeer::Begin = wire::message(&begin.body)? else {
        return Err(io::Error::other("the second order must be `begin`"));
    };
    let mut handles = frame.handles.into_iter();
    let log = LogWriter::open(next(&mut handles)?.into())?;
    let plan = wire::plan(&scratch::contents(&next(&mut handles)?.into())?)?;
    let me = give.process;
    let stdout = standard_output()?;
    if plan.processes[me].starter.is_some() {
        let alive = FromPeer::Alive {
            pid: std::process::id(),
        };
        link.send(wire::frame(&FromThread::by_process(alive), Vec::new()))?;
    }
    let signals: Vec<Signal> = plan.signals_to(me).collect();
    if !signals.is_empty() {
        signals.into_iter().try_for_each(signal::handle)?;
        let handles = FromThread::by_process(FromPeer::HandlesSignals);
        link.send(wire::frame(&handles, Vec::new()))?;
    }
    let equipment = match equip(registry, &mut link, &plan, &give, handles) {
        Ok(equipment) => equipment,
        Err(halt) => {
            return Ok(halt.code(|word| {
                // This fails only if the harness is gone.
                let _ = link.send(wire::frame(&FromThread::by_process(word), Vec::new()));
            }));
        }
    };
    let resources = ProcessResources {
        registry: registry.clone(),
        folder: give.folder,
        children: equipment.children,
        descriptors_before: equipment.descriptors_before,
    };
    let first = Thread {
        log_and_link: LogAndLink::Own {
            log,
            link: ManuallyDrop::into_inner(link),
        },
        stdout: Arc::new(stdout),
        me,
        number: 0,
        backend: equipment.backend,
        ends: equipment.ends,
        bindings: Bindings::new(inherited.unwrap_or_else(|| plan.processes[me].vars.clone())),
        delays: Delays::of(plan.seed, me, 0),
        buffer: Vec::new(),
        fault_trigger: FaultTrigger::of(&plan, me),
        unannounced: None,
        resources: Some(resources),
        plan: Arc::new(plan),
    };
    Ok(first.run())
}

/// Duplicates the standard output, which may later become a channel's end.
fn standard_output() -> io::Result<File> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
    #[cfg(windows)]
    let handle = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
    Ok(handle.into())
}

fn next(handles: &mut impl Iterator<Item = Handle>) -> io::Result<Handle> {
    handles
        .next()
        .ok_or_else(|| io::Error::other("a handle didn't come with the order"))
}

/// What a process has received or made before its first step.
struct Equipment {
    backend: Arc<dyn Backend>,
    ends: BTreeMap<End, Attached>,
    children: Children,
    descriptors_before: Option<u64>,
}

fn equip(
    registry: &Registry,
    link: &mut PeerLink,
    plan: &Plan,
    give: &Give,
    mut handles: impl Iterator<Item = Handle>,
) -> StepResult<Equipment> {
    let backend = (registry.get(&give.backend))
        .ok_or_else(|| format!("this program has no backend {}", give.backend))?;
    let mut parcels = parcels(&give.ends, &mut handles)?;
    let children = Children::new(&give.children, &mut handles)?;
    for _ in 0..deposits_awaited(plan, give.process) {
        let frame = link.recv()?;
        let frame = frame.ok_or_else(|| "the harness is gone".to_owned())?;
        let ToPeer::Ends(notes) = wire::message(&frame.body)? else {
            let why = "expected ends from the harness, and received another order";
            return Err(why.to_owned().into());
        };
        parcels.extend(self::parcels(&notes, &mut frame.handles.into_iter())?);
    }

    let arrived = parcels
        .values()
        .map(|parcel| parcel.handles.len() as u64)
        .sum::<u64>();
    let descriptors_before = descriptors::open_descriptors().map(|open| open - arrived);
    let mut ends = BTreeMap::new();
    for given in &plan.processes[give.process].ends {
        if let Some(parcel) = parcels.remove(&given.end) {
            let attach = || attach(backend.as_ref(), plan, *given, parcel);
            let attached = Failure::of_panic(attach)
                .map_err(|failure| ("attaching to its end failed", failure))?;
            ends.insert(given.end, attached);
        }
    }
    Ok(Equipment {
        backend,
        ends,
        children,
        descriptors_before,
    })
}

fn parcels(
    notes: &[EndNote],
    handles: &mut impl Iterator<Item = Handle>,
) -> io::Result<BTreeMap<End, Parcel>> {
    notes
        .iter()
        .map(|note| Ok((note.end, note.parcel.parcel(handles)?)))
        .collect()
}

/// Returns how many more orders bring ends: one for each channel that another process opens.
fn deposits_awaited(plan: &Plan, me: ProcessIndex) -> usize {
    let mut channels: Vec<usize> = (plan.processes[me].ends.iter())
        .map(|given| given.end.channel)
        .filter(|channel| {
            plan.channels[*channel]
                .opener
                .is_some_and(|opener| opener != me)
        })
        .collect();
    channels.dedup();
    channels.len()
}

/// Attaches to an end. Fails if the backend returns an end of another kind than the channel's.
pub(super) fn attach(
    backend: &dyn Backend,
    plan: &Plan,
    given: GivenEnd,
    parcel: Parcel,
) -> Result<Attached, Failure> {
    let channel = &plan.channels[given.end.channel];
    let attached = backend.attach(&channel.into(), given.into(), parcel)?;
    match (channel.kind, &attached) {
        (Kind::Queue, Attached::Queue(_))
        | (Kind::Pipe, Attached::Pipe(_))
        | (Kind::Stream, Attached::Stream(_))
        | (Kind::Endpoint, Attached::Endpoint(_)) => Ok(attached),
        (kind, _) => Err(Failure::refused(format!(
            "the backend attached something that isn't a {kind}"
        ))),
    }
}
