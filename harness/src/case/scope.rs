//! What the names in a case refer to.

use std::collections::BTreeSet;

use super::diagnostic::{Diagnostic, Span, Spanned};
use super::model::{
    Action, Case, Channel, ChannelKind, EndName, Get, Process, Put, Raw, Step, Target,
};
use super::name;
use crate::backend::{End, Side};

/// Every name that a case gives.
pub(crate) struct Scope<'c> {
    case: &'c Case,
    labels: Vec<&'c Spanned<String>>,
    variables: BTreeSet<&'c str>,
    connections: Vec<Connection<'c>>,
}

/// A name that `accept` or `connect` binds.
#[derive(Clone, Copy)]
pub(crate) struct Connection<'c> {
    /// The name, where it is bound first.
    pub(crate) name: &'c Spanned<String>,
    /// The endpoint that it is a connection of.
    pub(crate) endpoint: &'c Spanned<String>,
    /// The place of the process that binds it.
    pub(crate) process: usize,
    /// What it stands for in a plan: [`Side::A`] of what was accepted, [`Side::B`] of what was made.
    pub(crate) end: End,
}

impl<'c> Scope<'c> {
    /// Every name that this case gives.
    pub(crate) fn of(case: &'c Case) -> Scope<'c> {
        let mut scope = Scope {
            case,
            labels: Vec::new(),
            variables: case.vars.iter().map(|var| var.name.as_str()).collect(),
            connections: Vec::new(),
        };
        for (place, process) in case.processes.iter().enumerate() {
            every_step(&process.steps, &mut |step| scope.collect(place, step));
        }
        scope
    }

    fn collect(&mut self, process: usize, step: &'c Step) {
        self.labels.extend(step.action.label());
        match &step.action {
            Action::Get(get) => self
                .variables
                .extend(get.into.iter().map(|into| into.as_str())),
            Action::Accept(meeting) | Action::Connect(meeting)
                if !self.is_connection(&meeting.into) =>
            {
                let end = End {
                    channel: self.case.channels.len() + self.connections.len(),
                    side: step.action.bound_side(),
                };
                self.connections.push(Connection {
                    name: &meeting.into,
                    endpoint: &meeting.on,
                    process,
                    end,
                });
            }
            _ => {}
        }
    }

    /// The labels, in file order.
    pub(crate) fn labels(&self) -> &[&'c Spanned<String>] {
        &self.labels
    }

    /// The channel with this name, and its place.
    pub(crate) fn channel(
        &self,
        name: &str,
        place: Span,
    ) -> Result<(usize, &'c Channel), Diagnostic> {
        let channels = &self.case.channels;
        match channels.iter().position(|channel| *channel.name == name) {
            Some(at) => Ok((at, &channels[at])),
            None => {
                let names = channels.iter().map(|channel| channel.name.as_str());
                Err(unknown("channel", name, place, names))
            }
        }
    }

    /// Whether this name is one that `accept` or `connect` binds.
    pub(crate) fn is_connection(&self, name: &str) -> bool {
        self.connection(name).is_some()
    }

    /// What is bound to this name, by `accept` or `connect`.
    pub(crate) fn connection(&self, name: &str) -> Option<Connection<'c>> {
        let mut connections = self.connections.iter();
        connections.find(|one| one.name.value == name).copied()
    }

    /// Every name of a connection, in the order of the file. In a plan their channels follow those
    /// of the case.
    pub(crate) fn connections(&self) -> &[Connection<'c>] {
        &self.connections
    }

    /// The end that `accept` or `connect` makes of a connection with this name.
    pub(crate) fn bound(&self, name: &str) -> Option<End> {
        self.connection(name).map(|connection| connection.end)
    }

    /// The end that a process has of the endpoint with this name.
    pub(crate) fn endpoint(&self, name: &Spanned<String>) -> Result<End, Diagnostic> {
        let (channel, model) = self.channel(name, name.span)?;
        if model.kind.value == ChannelKind::Endpoint {
            return Ok(End {
                channel,
                side: Side::Name,
            });
        }
        let message = format!("`{}` is a {}, and no endpoint", **name, model.kind.word());
        let help = "only an endpoint is listened at and connected to";
        Err(Diagnostic::new(name.span, message).help(help))
    }

    /// The end with this name.
    pub(crate) fn end(&self, name: &Spanned<EndName>) -> Result<End, Diagnostic> {
        if let (Some(end), Side::Queue) = (self.bound(&name.channel), name.side) {
            return Ok(end);
        }
        let (channel, model) = self.channel(&name.channel, name.span)?;
        let sides = sides(model);
        if sides.contains(&name.side) {
            return Ok(End {
                channel,
                side: name.side,
            });
        }
        let kind = model.kind.word();
        let message = match (model.kind.value, model.is_duplex()) {
            (ChannelKind::Queue, _) => {
                format!("`{}` is a queue, and has just one end", name.channel)
            }
            (ChannelKind::Endpoint, _) => {
                format!(
                    "`{}` is an endpoint: only its connections have ends",
                    name.channel
                )
            }
            (_, true) => format!(
                "`{}` is a duplex {kind}: its ends are `a` and `b`",
                name.channel
            ),
            (_, false) => format!(
                "`{}` is a one-way {kind}: its ends are `tx` and `rx`",
                name.channel
            ),
        };
        let ends: Vec<_> = sides
            .iter()
            .map(|side| format!("`{}{}`", name.channel, side.suffix()))
            .collect();
        let help = (!ends.is_empty()).then(|| format!("write {}", ends.join(" or ")));
        Err(Diagnostic::new(name.span, message).maybe_help(help))
    }

    /// What `close` closes: an end, or the listener of an endpoint.
    pub(crate) fn closed(&self, name: &Spanned<EndName>) -> Result<End, Diagnostic> {
        self.endpoint_of(name).map_or_else(|| self.end(name), Ok)
    }

    /// What a process has of the endpoint that this names, if it names one.
    pub(crate) fn endpoint_of(&self, name: &EndName) -> Option<End> {
        let mut channels = self.case.channels.iter();
        let named = |model: &Channel| {
            *model.name == name.channel && model.kind.value == ChannelKind::Endpoint
        };
        let channel = channels.position(named)?;
        (name.side == Side::Queue).then_some(End {
            channel,
            side: Side::Name,
        })
    }

    /// The process with this name, and its place.
    pub(crate) fn process(
        &self,
        target: &Spanned<Target>,
    ) -> Result<(usize, &'c Process), Diagnostic> {
        let processes = &self.case.processes;
        let named = |process: &Process| *process.name == target.process;
        match processes.iter().position(named) {
            Some(at) => Ok((at, &processes[at])),
            None => {
                let names = processes.iter().map(|process| process.name.as_str());
                Err(unknown("process", &target.process, target.span, names))
            }
        }
    }

    /// Whether some step has this label.
    pub(crate) fn label(&self, label: &Spanned<String>) -> Result<(), Diagnostic> {
        let mut names = self.labels.iter().map(|known| known.as_str());
        if names.any(|name| name == label.value) {
            return Ok(());
        }
        let names = self.labels.iter().map(|known| known.as_str());
        Err(unknown("label", label, label.span, names))
    }

    /// The axes' names, those of rows first.
    pub(crate) fn axes(&self) -> impl Iterator<Item = &'c Spanned<String>> {
        let rows = self.case.rows.first().into_iter();
        let drawn = self
            .case
            .property
            .iter()
            .flat_map(|property| &property.draw);
        rows.flat_map(|row| row.iter().map(|binding| &binding.name))
            .chain(self.case.axes.iter().map(|axis| &axis.name))
            .chain(drawn.map(|draw| &draw.name))
    }

    /// Whether this names an axis, whose value is known before the run.
    pub(crate) fn is_axis(&self, name: &str) -> bool {
        self.axes().any(|axis| axis.value == name)
    }

    /// Whether this names a variable, whose value is only known in it.
    pub(crate) fn is_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// That no axis and no variable has this name.
    pub(crate) fn no_reference(&self, name: &str, place: Span) -> Diagnostic {
        let axes = self.axes().map(|axis| axis.as_str());
        let names: Vec<&str> = axes.chain(self.variables.iter().copied()).collect();
        let help = match name::nearest(name, names.iter().copied().chain(["item", "n", "i"])) {
            Some(meant) => Some(format!("did you mean `${meant}`?")),
            None if names.is_empty() => Some(format!("for the text itself write `$${name}`")),
            None => Some(format!("the case has `${}`", names.join("`, `$"))),
        };
        let message = format!("no axis or variable is called `{name}`");
        Diagnostic::new(place, message).maybe_help(help)
    }
}

/// The sides that a channel has.
fn sides(channel: &Channel) -> &'static [Side] {
    match (channel.kind.value, channel.is_duplex()) {
        (ChannelKind::Queue, _) => &[Side::Queue],
        (ChannelKind::Endpoint, _) => &[],
        (_, true) => &[Side::A, Side::B],
        (_, false) => &[Side::Tx, Side::Rx],
    }
}

/// That nothing of this sort has this name.
fn unknown<'a>(
    sort: &str,
    name: &str,
    place: Span,
    names: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let names: Vec<&str> = names.collect();
    let help = match name::nearest(name, names.iter().copied()) {
        Some(meant) => Some(format!("did you mean `{meant}`?")),
        None if names.is_empty() => None,
        None => Some(format!("the case has `{}`", names.join("`, `"))),
    };
    Diagnostic::new(place, format!("no {sort} is called `{name}`")).maybe_help(help)
}

/// Calls `visit` for every step, those inside others after the step they are in.
pub(crate) fn every_step<'c>(steps: &'c [Step], visit: &mut impl FnMut(&'c Step)) {
    for step in steps {
        visit(step);
        match &step.action {
            Action::Get(get) => every_step(&get.each, visit),
            Action::Repeat(repeat) => every_step(&repeat.steps, visit),
            Action::Threads(threads) => threads.iter().for_each(|steps| every_step(steps, visit)),
            _ => {}
        }
    }
}

impl Action {
    /// The side of a connection that this binds.
    pub(crate) fn bound_side(&self) -> Side {
        match self {
            Action::Accept(_) => Side::A,
            _ => Side::B,
        }
    }

    /// The ends that it is done to, without those of steps inside it.
    pub(crate) fn ends(&self) -> &[Spanned<EndName>] {
        match self {
            Action::Put(Put { on, .. })
            | Action::Get(Get { on, .. })
            | Action::Raw(Raw { on, .. })
            | Action::Close(on)
            | Action::HalfClose(on) => std::slice::from_ref(on),
            Action::Poll(poll) => &poll.on,
            _ => &[],
        }
    }

    /// The label that the step gives itself.
    pub(crate) fn label(&self) -> Option<&Spanned<String>> {
        let manner = match self {
            Action::Put(put) => &put.manner,
            Action::Get(get) => &get.manner,
            Action::Poll(poll) => &poll.manner,
            Action::Listen(listen) => &listen.manner,
            Action::Accept(meeting) | Action::Connect(meeting) => &meeting.manner,
            _ => return None,
        };
        manner.label.as_ref()
    }
}
