//! Checks that processes listen before they accept, and that each name of a connection belongs to one
//! process.

use std::collections::BTreeSet;

use crate::case::diagnostic::{Diagnostic, Diagnostics, Spanned};
use crate::case::model::{Action, Case, ConnectionSetup, EndName, Process, Step, every_step};
use crate::case::symbols::SymbolTable;

pub(super) fn check(case: &Case, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    for (position, process) in case.processes.iter().enumerate() {
        listeners(process, symbols, errors);
        every_step(&process.steps, &mut |step| {
            match &step.action {
                Action::Accept(setup) | Action::Connect(setup) => {
                    bound_alike(setup, step, position, symbols, errors);
                    without_key(setup, symbols, errors);
                }
                _ => {}
            }
            for end in step.action.ends() {
                used_where_bound(end, position, case, symbols, errors);
            }
        });
        for end in &process.holds {
            if symbols.is_connection(&end.channel) {
                let message = format!(
                    "`{}` is made during the run, so a process can't hold it from the start",
                    end.channel
                );
                errors.push(Diagnostic::new(end.span, message));
            }
        }
    }
    for connection in symbols.connections() {
        let mut channels = case.channels.iter();
        if let Some(channel) = channels.find(|channel| channel.name == *connection.name) {
            let message = format!(
                "`{}` is already the name of a channel",
                connection.name.value
            );
            let diagnostic = Diagnostic::new(connection.name.span, message);
            errors.push(diagnostic.context(channel.name.span, "the channel"));
        }
    }
}

/// Checks that `listen`, `accept` and `connect` name an endpoint, and that a process listens before it
/// accepts or closes the listener.
fn listeners(process: &Process, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    let mut listens: BTreeSet<&str> = BTreeSet::new();
    every_step(&process.steps, &mut |step| {
        let (endpoint, does) = match &step.action {
            Action::Listen(listen) => {
                listens.insert(&listen.on);
                (&listen.on, None)
            }
            Action::Connect(setup) => (&setup.on, None),
            Action::Accept(setup) if setup.options.expect.is_empty() => {
                (&setup.on, Some("accepts at"))
            }
            Action::Accept(setup) => (&setup.on, None),
            Action::Close(end) if symbols.endpoint_of(end).is_some() => {
                if !listens.contains(end.channel.as_str()) {
                    errors.push(no_listen(&process.name, "closes", &end.channel, end.span));
                }
                return;
            }
            _ => return,
        };
        if let Err(error) = symbols.endpoint(endpoint) {
            errors.push(error);
        } else if let Some(does) = does
            && !listens.contains(endpoint.as_str())
        {
            errors.push(no_listen(&process.name, does, endpoint, endpoint.span));
        }
    });
}

fn no_listen(process: &str, does: &str, endpoint: &str, position: crate::case::Span) -> Diagnostic {
    let message = format!("`{process}` {does} `{endpoint}` without a `listen` before");
    Diagnostic::new(position, message)
        .help(format!("write `listen = \"{endpoint}\"` before this step"))
}

/// Checks that one process binds a name, to connections of one endpoint, by either `accept` or
/// `connect`.
fn bound_alike(
    setup: &ConnectionSetup,
    step: &Step,
    process: usize,
    symbols: &SymbolTable<'_>,
    errors: &mut Diagnostics,
) {
    let Some(first) = symbols.connection(&setup.into) else {
        return;
    };
    let why = if first.process != process {
        "another process binds this name"
    } else if first.endpoint.value != setup.on.value {
        "this name is already bound to a connection of another endpoint"
    } else if first.end.side != step.action.bound_side() {
        "a name can be bound by `accept` or by `connect`, but not by both"
    } else {
        return;
    };
    let diagnostic = Diagnostic::new(setup.into.span, why);
    errors.push(diagnostic.context(first.name.span, "bound here"));
}

/// Checks that a `connect` without a key names an endpoint that has one.
fn without_key(setup: &ConnectionSetup, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    let Some(Spanned { value: None, span }) = &setup.key else {
        return;
    };
    if let Ok((_, endpoint)) = symbols.channel(&setup.on, setup.on.span)
        && endpoint.key.is_none()
    {
        let message = format!(
            "`{}` has no key, so `\"$none\"` changes nothing",
            *endpoint.name
        );
        let diagnostic = Diagnostic::new(*span, message);
        errors.push(diagnostic.help("leave `key` out"));
    }
}

fn used_where_bound(
    end: &Spanned<EndName>,
    process: usize,
    case: &Case,
    symbols: &SymbolTable<'_>,
    errors: &mut Diagnostics,
) {
    if let Some(connection) = symbols.connection(&end.channel)
        && connection.process != process
    {
        let binder = &case.processes[connection.process].name;
        let message = format!(
            "`{}` is a connection of process `{}`",
            end.channel, **binder
        );
        let diagnostic = Diagnostic::new(end.span, message);
        errors.push(diagnostic.context(connection.name.span, "bound here"));
    }
}
