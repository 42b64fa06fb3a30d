//! Writes the canonical text of a case.
//!
//! There is one layout for everything, with one step on each line. [`super::parse()`] reads the same
//! case from the text.

use std::fmt::Write as _;

use super::model::{Case, Channel, ChannelKind, DEADLINE, Process, PropertyTable, Sweep};
use crate::case::{Binding, Draw};
use crate::plan::{ExpectedExit, Start};

mod step;
mod value;

use value::{bare_or_quoted, duration, item, list, quoted, term, text};

/// Returns the canonical text of a case.
pub(crate) fn write(case: &Case) -> String {
    let mut out = String::new();
    head(case, &mut out);
    if !case.axes.is_empty() {
        out.push_str("\n[axes]\n");
        for axis in &case.axes {
            line(&mut out, &axis.name, &list(&axis.value.value, item));
        }
    }
    if let Some(property) = &case.property {
        write_property(property, &mut out);
    }
    if let Some(sweep) = &case.sweep {
        write_sweep(sweep, &mut out);
    }
    if !case.vars.is_empty() {
        out.push_str("\n[vars]\n");
        for Binding { name, value } in &case.vars {
            line(&mut out, name, &item(value));
        }
    }
    case.channels.iter().for_each(|c| channel(c, &mut out));
    case.processes.iter().for_each(|p| process(p, &mut out));
    out
}

/// Writes `key = value`. Writing to a string can't fail.
fn line(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "{} = {value}", bare_or_quoted(key));
}

fn head(case: &Case, out: &mut String) {
    line(out, "title", &quoted(&case.title));
    if let Some(why) = &case.why {
        line(out, "why", &quoted(why));
    }
    line(
        out,
        "clauses",
        &list(&case.clauses, |id| quoted(id.as_str())),
    );
    if !case.requires.is_empty() {
        line(
            out,
            "requires",
            &list(&case.requires, |one| quoted(one.word())),
        );
    }
    if !case.systems.is_empty() {
        line(
            out,
            "systems",
            &list(&case.systems, |one| quoted(one.word())),
        );
    }
    if case.deadline.value != DEADLINE {
        line(out, "deadline", &duration(case.deadline.value));
    }
    if !case.rows.is_empty() {
        out.push_str("rows = [\n");
        for row in &case.rows {
            let pairs = row.value.iter().map(|Binding { name, value }| {
                format!("{} = {}", bare_or_quoted(name), item(value))
            });
            let _ = writeln!(out, "  {},", value::braces(pairs));
        }
        out.push_str("]\n");
    }
}

fn write_property(property: &PropertyTable, out: &mut String) {
    out.push_str("\n[property]\n");
    line(out, "runs", &term(&property.runs, u64::to_string));
    if property.draw.is_empty() {
        return;
    }
    out.push_str("\n[property.draw]\n");
    for Binding { name, value } in &property.draw {
        let draw = match &value.value {
            Draw::Range { from, to } => format!("{{ from = {from}, to = {to} }}"),
            Draw::OneOf(items) => format!("{{ one-of = {} }}", list(items, item)),
        };
        line(out, name, &draw);
    }
}

fn write_sweep(sweep: &Sweep, out: &mut String) {
    out.push_str("\n[sweep]\n");
    line(out, sweep.fault.word(), &quoted(&sweep.process.to_string()));
    line(out, "at", &list(&sweep.at, |at| quoted(at.word())));
    if let Some(moments) = &sweep.moments {
        line(out, "moments", &moments.value.to_string());
    }
}

fn channel(channel: &Channel, out: &mut String) {
    let _ = writeln!(out, "\n[channels.{}]", bare_or_quoted(&channel.name));
    line(out, "kind", &quoted(channel.kind.word()));
    if let Some(capacity) = &channel.capacity {
        line(out, "capacity", &term(capacity, u64::to_string));
    }
    if let Some(duplex) = &channel.duplex {
        line(out, "duplex", &duplex.value.to_string());
    }
    if let Some(mode) = &channel.mode {
        line(out, "mode", &quoted(&format!("{:04o}", mode.value)));
    }
    if let Some(length) = &channel.length {
        line(out, "length", &term(length, u64::to_string));
    }
    if let Some(backlog) = &channel.backlog {
        line(out, "backlog", &term(backlog, u64::to_string));
    }
    if let Some(key) = &channel.key {
        line(out, "key", &text(key));
    }
}

impl ChannelKind {
    /// Returns the word for it in case files.
    pub fn word(self) -> &'static str {
        match self {
            ChannelKind::Queue => "queue",
            ChannelKind::Pipe => "pipe",
            ChannelKind::Stream => "stream",
            ChannelKind::Endpoint => "endpoint",
        }
    }
}

fn process(process: &Process, out: &mut String) {
    let _ = writeln!(out, "\n[processes.{}]", bare_or_quoted(&process.name));
    if let Some(count) = &process.count {
        line(out, "count", &term(count, u64::to_string));
    }
    if let Some(start) = &process.start {
        let word = |start: &Start| quoted(start.word());
        line(out, "start", &term(start, word));
    }
    if !process.holds.is_empty() {
        line(
            out,
            "holds",
            &list(&process.holds, |end| quoted(&end.to_string())),
        );
    }
    if let Some(exit) = &process.exit {
        let written = term(exit, |exit: &ExpectedExit| match exit {
            ExpectedExit::Code(code) => code.to_string(),
            ExpectedExit::Killed => quoted("killed"),
            ExpectedExit::Any => quoted("any"),
        });
        line(out, "exit", &written);
    }
    line(out, "steps", &step::block(&process.steps, 0));
}

#[cfg(test)]
mod law;
