//! That endpoints are met at as they can be, and each name of a connection is one process's.

use std::collections::BTreeSet;

use crate::case::diagnostic::{Diagnostic, Diagnostics, Spanned};
use crate::case::model::every_step;
use crate::case::model::{Action, Case, ConnectionSetup, EndName, Process, Step};
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
                let message = format!("`{}` is only there once it is made", end.channel);
                errors.push(Diagnostic::new(end.span, message));
            }
        }
    }
    for connection in symbols.connections() {
        let mut channels = case.channels.iter();
        if let Some(channel) = channels.find(|channel| channel.name == *connection.name) {
            let message = format!("`{}` is a channel already", connection.name.value);
            let diagnostic = Diagnostic::new(connection.name.span, message);
            errors.push(diagnostic.context(channel.name.span, "this one"));
        }
    }
}

/// Only an endpoint is met at; and who accepts or closes a listener has listened before.
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
                (&setup.on, Some("accepts"))
            }
            Action::Accept(setup) => (&setup.on, None),
            Action::Close(end) if symbols.endpoint_of(end).is_some() => {
                if !listens.contains(end.channel.as_str()) {
                    errors.push(deaf(&process.name, "closes", &end.channel, end.span));
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
            errors.push(deaf(&process.name, does, endpoint, endpoint.span));
        }
    });
}

fn deaf(process: &str, does: &str, endpoint: &str, position: crate::case::Span) -> Diagnostic {
    let message = format!("`{process}` {does} `{endpoint}`, and doesn't listen there before");
    Diagnostic::new(position, message).help(format!("`listen = \"{endpoint}\"` comes first"))
}

/// A name stands for connections of one endpoint, all accepted or all made by one process.
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
        "this name stands for a connection of another endpoint"
    } else if first.end.side != step.action.bound_side() {
        "one name is bound by `accept` or by `connect`, and not by both"
    } else {
        return;
    };
    let diagnostic = Diagnostic::new(setup.into.span, why);
    errors.push(diagnostic.context(first.name.span, "bound here"));
}

/// Whoever knows no key says so only where there is one to know.
fn without_key(setup: &ConnectionSetup, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    let Some(Spanned { value: None, span }) = &setup.key else {
        return;
    };
    if let Ok((_, endpoint)) = symbols.channel(&setup.on, setup.on.span)
        && endpoint.key.is_none()
    {
        let message = format!("`{}` has no key, so nobody knows it", *endpoint.name);
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
        let message = format!("`{}` is a connection of `{}`", end.channel, **binder);
        let diagnostic = Diagnostic::new(end.span, message);
        errors.push(diagnostic.context(connection.name.span, "bound here"));
    }
}
