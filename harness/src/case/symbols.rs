//! The symbol table of a case: what each name in it refers to.

use std::collections::BTreeSet;

use super::diagnostic::{Diagnostic, Span, Spanned};
use super::model::{
    Action, Case, Channel, ChannelKind, EndName, Process, Step, Target, every_step,
};
use super::name;
use crate::backend::Side;
use crate::plan::End;

/// Every name that a case defines.
pub(crate) struct SymbolTable<'c> {
    case: &'c Case,
    labels: Vec<&'c Spanned<String>>,
    variables: BTreeSet<&'c str>,
    connections: Vec<ConnectionSymbol<'c>>,
}

/// A name that `accept` or `connect` binds to a connection.
#[derive(Clone, Copy)]
pub(crate) struct ConnectionSymbol<'c> {
    /// The name, at the position where it is first bound.
    pub(crate) name: &'c Spanned<String>,
    /// The endpoint of the connection.
    pub(crate) endpoint: &'c Spanned<String>,
    /// The index of the process that binds it.
    pub(crate) process: usize,
    /// Its end in a plan: [`Side::A`] for `accept`, [`Side::B`] for `connect`.
    pub(crate) end: End,
}

impl<'c> SymbolTable<'c> {
    /// Collects every name that the case defines.
    pub(crate) fn of(case: &'c Case) -> SymbolTable<'c> {
        let mut symbols = SymbolTable {
            case,
            labels: Vec::new(),
            variables: case.vars.iter().map(|var| var.name.as_str()).collect(),
            connections: Vec::new(),
        };
        for (position, process) in case.processes.iter().enumerate() {
            every_step(&process.steps, &mut |step| symbols.collect(position, step));
        }
        symbols
    }

    fn collect(&mut self, process: usize, step: &'c Step) {
        self.labels.extend(step.action.label());
        match &step.action {
            Action::Get(get) => self
                .variables
                .extend(get.into.iter().map(|into| into.as_str())),
            Action::Accept(setup) | Action::Connect(setup) if !self.is_connection(&setup.into) => {
                let end = End {
                    channel: self.case.channels.len() + self.connections.len(),
                    side: step.action.bound_side(),
                };
                self.connections.push(ConnectionSymbol {
                    name: &setup.into,
                    endpoint: &setup.on,
                    process,
                    end,
                });
            }
            _ => {}
        }
    }

    /// Returns the labels, in file order.
    pub(crate) fn labels(&self) -> &[&'c Spanned<String>] {
        &self.labels
    }

    /// Returns the channel with this name, and its index.
    pub(crate) fn channel(
        &self,
        name: &str,
        position: Span,
    ) -> Result<(usize, &'c Channel), Diagnostic> {
        let channels = &self.case.channels;
        match channels.iter().position(|channel| *channel.name == name) {
            Some(at) => Ok((at, &channels[at])),
            None => {
                let names = channels.iter().map(|channel| channel.name.as_str());
                Err(unknown("channel", name, position, names))
            }
        }
    }

    /// Returns whether `accept` or `connect` binds this name.
    pub(crate) fn is_connection(&self, name: &str) -> bool {
        self.connection(name).is_some()
    }

    /// Returns the connection that `accept` or `connect` binds to this name.
    pub(crate) fn connection(&self, name: &str) -> Option<ConnectionSymbol<'c>> {
        let mut connections = self.connections.iter();
        connections.find(|one| one.name.value == name).copied()
    }

    /// Returns the names of connections, in file order. In a plan, their channels follow those of the
    /// case in the same order.
    pub(crate) fn connections(&self) -> &[ConnectionSymbol<'c>] {
        &self.connections
    }

    /// Returns the end of the connection with this name.
    pub(crate) fn bound(&self, name: &str) -> Option<End> {
        self.connection(name).map(|connection| connection.end)
    }

    /// Returns the end of the endpoint with this name.
    pub(crate) fn endpoint(&self, name: &Spanned<String>) -> Result<End, Diagnostic> {
        let (channel, model) = self.channel(name, name.span)?;
        if model.kind.value == ChannelKind::Endpoint {
            return Ok(End {
                channel,
                side: Side::Name,
            });
        }
        let message = format!("`{}` is a {}, not an endpoint", **name, model.kind.word());
        let help = "`listen`, `accept` and `connect` need an endpoint";
        Err(Diagnostic::new(name.span, message).help(help))
    }

    /// Returns the end with this name.
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
                format!("`{}` is a queue, which has only one end", name.channel)
            }
            (ChannelKind::Endpoint, _) => {
                format!(
                    "`{}` is an endpoint, which has no ends: only its connections do",
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

    /// Returns what `close` closes: an end, or the listener of an endpoint.
    pub(crate) fn closed(&self, name: &Spanned<EndName>) -> Result<End, Diagnostic> {
        self.endpoint_of(name).map_or_else(|| self.end(name), Ok)
    }

    /// Returns the end of an endpoint, if this is the name of one.
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

    /// Returns the process with this name, and its index.
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

    /// Checks that a step has this label.
    pub(crate) fn label(&self, label: &Spanned<String>) -> Result<(), Diagnostic> {
        let mut names = self.labels.iter().map(|known| known.as_str());
        if names.any(|name| name == label.value) {
            return Ok(());
        }
        let names = self.labels.iter().map(|known| known.as_str());
        Err(unknown("label", label, label.span, names))
    }

    /// Returns the names of axes: those of rows, then free ones, then draws.
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

    /// Returns whether this is the name of an axis, whose value is known before the run.
    pub(crate) fn is_axis(&self, name: &str) -> bool {
        self.axes().any(|axis| axis.value == name)
    }

    /// Returns whether this is the name of a variable, whose value is only known during the run.
    pub(crate) fn is_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// Returns the mistake that no axis and no variable has this name.
    pub(crate) fn no_reference(&self, name: &str, position: Span) -> Diagnostic {
        let axes = self.axes().map(|axis| axis.as_str());
        let names: Vec<&str> = axes.chain(self.variables.iter().copied()).collect();
        let help = match name::nearest(name, names.iter().copied().chain(["item", "n", "i"])) {
            Some(meant) => Some(format!("did you mean `${meant}`?")),
            None if names.is_empty() => Some(format!("for the text itself write `$${name}`")),
            None => Some(format!("the case has `${}`", names.join("`, `$"))),
        };
        let message = format!("no axis or variable is called `{name}`");
        Diagnostic::new(position, message).maybe_help(help)
    }
}

/// Returns the sides that a channel has.
fn sides(channel: &Channel) -> &'static [Side] {
    match (channel.kind.value, channel.is_duplex()) {
        (ChannelKind::Queue, _) => &[Side::Queue],
        (ChannelKind::Endpoint, _) => &[],
        (_, true) => &[Side::A, Side::B],
        (_, false) => &[Side::Tx, Side::Rx],
    }
}

/// Returns the mistake that nothing of this sort has this name.
fn unknown<'a>(
    sort: &str,
    name: &str,
    position: Span,
    names: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let names: Vec<&str> = names.collect();
    let help = match name::nearest(name, names.iter().copied()) {
        Some(meant) => Some(format!("did you mean `{meant}`?")),
        None if names.is_empty() => None,
        None => Some(format!("the case has `{}`", names.join("`, `"))),
    };
    Diagnostic::new(position, format!("no {sort} is called `{name}`")).maybe_help(help)
}
