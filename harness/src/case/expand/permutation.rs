//! Builds one permutation: the plan and the expected results.

use std::collections::BTreeMap;

use super::context::StepContext;
use super::layout::{Layout, ends, starters};
use super::numbers::ReplicaNumbers;
use super::steps::StepBuilder;
use super::values::AxisValues;
use super::victims::Victims;
use super::{
    barriers, buffers, codecs, deadlocks, encoding, endpoints, numbers, operations, rehearsal,
    requires, traffic,
};
use crate::backend::Kind;
use crate::case::diagnostic::Spanned;
use crate::case::model::{Action, Case, ChannelKind, Process, Term, every_step};
use crate::case::symbols::SymbolTable;
use crate::case::{Diagnostic, Diagnostics};
use crate::plan::{self, Codec, Crash, ExpectedExit, Item, Permutation, Plan, Start};

/// Builds the permutation of the case with these values of its axes.
pub(super) fn permutation(
    name: &str,
    case: &Case,
    symbols: &SymbolTable<'_>,
    values: &AxisValues<'_>,
) -> Result<Permutation, Diagnostics> {
    let mut errors = Diagnostics::new();
    let layout = Layout::of(case, values, &mut errors);
    // Everything that follows from a wrong count would report it again.
    if !errors.is_empty() {
        return Err(errors);
    }
    let starters = starters(case, &layout, symbols, &mut errors);
    let mut builder = StepBuilder::new(symbols, &layout);
    let mut processes = Vec::new();
    let mut exits = Vec::new();
    for (group, model) in case.processes.iter().enumerate() {
        for (replica, index) in layout.group(group).enumerate() {
            let values = values.in_replica(replica as u64);
            let numbers = ReplicaNumbers::of(model, replica as u64, symbols, &values);
            let context = StepContext {
                values: &values,
                numbers: &numbers,
                rounds: None,
            };
            let starter = starters[index];
            let steps = builder.steps(&model.steps, &context);
            exits.push(exit(model, &steps, &values, &mut errors));
            processes.push(plan::Process {
                group: model.name.value.clone(),
                replica: layout.replica(group, index),
                start: start(model, starter.is_some(), &values, &mut errors),
                starter,
                vars: variables(case, model),
                ends: ends(model, symbols, &mut errors),
                steps,
            });
        }
    }
    builder.labels.resolve(&mut processes);
    errors.extend(std::mem::take(&mut builder.errors));
    let expected = std::mem::take(&mut builder.expected);
    let channels = channels(case, symbols, &processes, values, &mut errors);
    let plan = Plan {
        channels,
        processes,
        deadline: case.deadline.value,
        seed: 0,
        fault: None,
    };
    // These checks would report a step as missing that was left out because of a mistake.
    if errors.is_empty() {
        operations::few(&plan, &expected, &mut errors);
    }
    if errors.is_empty() {
        numbers::distinct(&plan, &expected, &mut errors);
        barriers::agree(&plan, &expected, &mut errors);
        encoding::agree(&plan, &expected, &mut errors);
        buffers::agree(&plan, &expected, &mut errors);
        deadlocks::certain(&plan, &expected, &mut errors);
    }
    // These find the same mistakes again, less precisely.
    if errors.is_empty() {
        let victims = Victims::of(case, &plan);
        rehearsal::mistakes(case, &plan, &expected, &victims, &mut errors);
        traffic::enough(&plan, &expected, &victims, &mut errors);
    }
    let permutation = Permutation {
        case: name.into(),
        values: values.axes().to_vec(),
        exits,
        clauses: case.clauses.iter().map(|id| id.value.clone()).collect(),
        requires: requires::derive(case, &plan, &expected),
        plan,
        expected,
    };
    errors.or(permutation)
}

fn start(
    process: &Process,
    started: bool,
    values: &AxisValues<'_>,
    errors: &mut Diagnostics,
) -> Start {
    let start = process.start.as_ref().filter(|_| started);
    start.map_or(Start::Spawn, |start| {
        values.start(start).unwrap_or_else(|error| {
            errors.push(error);
            Start::Spawn
        })
    })
}

fn exit(
    process: &Process,
    steps: &[plan::Step],
    values: &AxisValues<'_>,
    errors: &mut Diagnostics,
) -> ExpectedExit {
    let otherwise = crash(steps).map_or(ExpectedExit::Code(0), exit_after);
    process.exit.as_ref().map_or(otherwise, |exit| {
        values.exit(exit).unwrap_or_else(|error| {
            errors.push(error);
            otherwise
        })
    })
}

/// Returns how the process crashes first, if it does.
fn crash(steps: &[plan::Step]) -> Option<Crash> {
    plan::flat(steps)
        .into_iter()
        .find_map(|step| match step.action {
            plan::Action::Crash { how } => Some(how),
            _ => None,
        })
}

fn exit_after(crash: Crash) -> ExpectedExit {
    match crash {
        Crash::Kill => ExpectedExit::Killed,
        // Unix systems report a signal, Windows a code.
        Crash::Abort => ExpectedExit::Any,
        Crash::Exit => ExpectedExit::Code(Crash::CODE),
    }
}

fn first_values(case: &Case) -> BTreeMap<String, Item> {
    let bindings = case.vars.iter();
    bindings
        .map(|var| (var.name.value.clone(), var.value.value.clone()))
        .collect()
}

/// The variables of a fresh image: those of the case, and none as the value of those that only a get
/// stores to.
fn variables(case: &Case, process: &Process) -> BTreeMap<String, Item> {
    let mut vars = first_values(case);
    every_step(&process.steps, &mut |step| {
        if let Action::Get(get) = &step.action
            && let Some(into) = &get.into
        {
            vars.entry(into.value.clone()).or_insert(Item::None);
        }
    });
    vars
}

fn channels(
    case: &Case,
    symbols: &SymbolTable<'_>,
    processes: &[plan::Process],
    values: &AxisValues<'_>,
    errors: &mut Diagnostics,
) -> Vec<plan::PlannedChannel> {
    let own = case.channels.len();
    let counted_as = endpoints::alike(symbols, own);
    let codecs = codecs::derive(processes, &first_values(case), counted_as, own);
    let mut channels = Vec::new();
    for (position, (model, codec)) in case.channels.iter().zip(&codecs).enumerate() {
        let capacity = model.capacity.as_ref().and_then(|term| {
            let nothing = "a queue of capacity 0 holds nothing";
            let help = "leave `capacity` out for a queue without a limit";
            positive(term, values, nothing, help, errors)
        });
        let backlog = model.backlog.as_ref().and_then(|term| {
            let nothing = "with a backlog of 0 no client could wait to be accepted";
            let help = "leave `backlog` out for the library's default";
            positive(term, values, nothing, help, errors)
        });
        let kind = match model.kind.value {
            ChannelKind::Queue => Kind::Queue,
            ChannelKind::Pipe => Kind::Pipe,
            ChannelKind::Stream => Kind::Stream,
            ChannelKind::Endpoint => Kind::Endpoint,
        };
        if kind == Kind::Stream && *codec == Codec::Tagged && is_sent_to(processes, position) {
            let message = format!(
                "`{}` is a stream, which carries only bytes",
                model.name.value
            );
            let help = "write only bytes, only text, or only numbers with a `size`";
            errors.push(Diagnostic::new(model.kind.span, message).help(help));
        }
        channels.push(plan::PlannedChannel {
            name: model.name.value.clone(),
            kind,
            capacity,
            duplex: model.is_duplex(),
            codec: *codec,
            opener: opener(processes, position, model.name.span, errors),
            mode: model.mode.as_ref().map(|mode| mode.value),
            length: model.length.as_ref().and_then(|length| {
                let length = values.number(length);
                length.map_err(|error| errors.push(error)).ok()
            }),
            backlog,
            key: model.key.as_ref().map(|key| key.value.clone()),
            endpoint: None,
        });
    }
    channels.extend(endpoints::connections(symbols, &codecs));
    channels
}

/// Returns a number; none and a mistake with the message `nothing` if it is 0.
fn positive(
    term: &Spanned<Term<u64>>,
    values: &AxisValues<'_>,
    nothing: &str,
    help: &str,
    errors: &mut Diagnostics,
) -> Option<u64> {
    let number = values.number(term).and_then(|number| match number {
        0 => Err(Diagnostic::new(term.span, nothing).help(help)),
        some => Ok(some),
    });
    number.map_err(|error| errors.push(error)).ok()
}

fn is_sent_to(processes: &[plan::Process], channel: usize) -> bool {
    let mut ends = processes.iter().flat_map(|process| &process.ends);
    ends.any(|given| given.end.channel == channel && given.puts)
}

/// Returns the process that opens the channel; none if the supervisor does.
fn opener(
    processes: &[plan::Process],
    channel: usize,
    position: crate::case::Span,
    errors: &mut Diagnostics,
) -> Option<plan::ProcessIndex> {
    let opens = |steps: &[plan::Step]| {
        let mut steps = steps.iter();
        steps.any(|step| matches!(step.action, plan::Action::Open { channel: c } if c == channel))
    };
    let mut openers = (0..processes.len()).filter(|index| opens(&processes[*index].steps));
    let first = openers.next()?;
    if let Some(second) = openers.next() {
        let message = format!(
            "`{}` and `{}` both open this channel",
            processes[first].name(),
            processes[second].name()
        );
        errors.push(Diagnostic::new(position, message));
    }
    Some(first)
}
