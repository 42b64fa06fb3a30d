//! Checks that channels and ends are used as their kinds allow.

use crate::backend::{Kind, Side};
use crate::case::diagnostic::{Diagnostic, Diagnostics, Spanned};
use crate::case::model::{
    Action, Case, ChannelKind, EndName, Get, Limit, OperationOptions, Poll, Put, QueueCall,
    RawWrite, Step, Until, every_step,
};
use crate::case::symbols::SymbolTable;

pub(super) fn check(case: &Case, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    channels(case, errors);
    let mut checker = EndChecker { symbols, errors };
    for process in &case.processes {
        process.holds.iter().for_each(|end| checker.must_exist(end));
        every_step(&process.steps, &mut |step| checker.step(step));
    }
}

fn channels(case: &Case, errors: &mut Diagnostics) {
    let mut channels = case.channels.iter();
    let first = channels.next();
    for other in channels {
        if let Some(first) = first.filter(|first| first.kind != other.kind) {
            errors.push(
                Diagnostic::new(
                    other.kind.span,
                    "all channels of a case must have the same kind",
                )
                .context(first.kind.span, "another kind here")
                .help("the kind decides which backends run the case"),
            );
        }
    }
    for channel in &case.channels {
        let kind = channel.kind.value;
        if let (Some(capacity), true) = (&channel.capacity, kind != ChannelKind::Queue) {
            let message = format!("only a queue has a capacity, but this is a {}", kind.word());
            errors.push(Diagnostic::new(capacity.span, message));
        }
        let two_ended = matches!(kind, ChannelKind::Pipe | ChannelKind::Stream);
        if let (Some(duplex), false) = (&channel.duplex, two_ended) {
            let message = format!(
                "only a pipe or a stream can be duplex, but this is a {}",
                kind.word()
            );
            errors.push(Diagnostic::new(duplex.span, message));
        }
        let of_endpoints = [
            ("mode", channel.mode.as_ref().map(|mode| mode.span)),
            ("length", channel.length.as_ref().map(|length| length.span)),
            (
                "backlog",
                channel.backlog.as_ref().map(|backlog| backlog.span),
            ),
            ("key", channel.key.as_ref().map(|key| key.span)),
        ];
        for (what, position) in of_endpoints {
            if let (Some(position), true) = (position, kind != ChannelKind::Endpoint) {
                let message = format!(
                    "only an endpoint has a {what}, but this is a {}",
                    kind.word()
                );
                errors.push(Diagnostic::new(position, message));
            }
        }
    }
}

struct EndChecker<'c, 'e> {
    symbols: &'c SymbolTable<'c>,
    errors: &'e mut Diagnostics,
}

impl EndChecker<'_, '_> {
    /// Adds a mistake if the end doesn't exist.
    fn must_exist(&mut self, end: &Spanned<EndName>) {
        self.kind(end);
    }

    /// Returns the kind of the end's channel; none and a mistake if the end doesn't exist.
    fn kind(&mut self, end: &Spanned<EndName>) -> Option<ChannelKind> {
        if end.side == Side::Queue && self.symbols.is_connection(&end.channel) {
            return Some(ChannelKind::Pipe);
        }
        match self.symbols.end(end) {
            Ok(_) => {
                let channel = self.symbols.channel(&end.channel, end.span);
                channel.ok().map(|(_, channel)| channel.kind.value)
            }
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    fn step(&mut self, step: &Step) {
        match &step.action {
            Action::Put(put) => self.put(put),
            Action::Get(get) => self.get(get),
            Action::Poll(poll) => self.poll(poll, step),
            Action::TaskDone(call) => self.queue_call("task-done", call),
            Action::Hint(hint, call) => self.queue_call(hint.word(), call),
            Action::JoinQueue(call) => self.queue_call("join-queue", call),
            Action::Close(end) => {
                if let Err(error) = self.symbols.closed(end) {
                    self.errors.push(error);
                }
            }
            Action::HalfClose(end) => self.half_close(end),
            Action::Raw(raw) => self.raw(raw),
            Action::Open(name) => self.channel(name),
            _ => {}
        }
    }

    fn channel(&mut self, name: &Spanned<String>) {
        if let Err(error) = self.symbols.channel(name, name.span) {
            self.errors.push(error);
        }
    }

    fn put(&mut self, put: &Put) {
        let Some(kind) = self.kind(&put.on) else {
            return;
        };
        self.word(put.word, kind, ["put", "send", "write"], &put.on);
        self.direction(&put.on, Side::Rx, "only receives", &put.options);
    }

    fn get(&mut self, get: &Get) {
        let Some(kind) = self.kind(&get.on) else {
            return;
        };
        self.word(get.word, kind, ["get", "recv", "read"], &get.on);
        self.direction(&get.on, Side::Tx, "only sends", &get.options);
        if let Limit::Until(awaited) = &get.limit
            && awaited.is_empty()
        {
            let message = "`until` needs an item, or `\"$end\"`";
            self.errors.push(Diagnostic::new(get.on.span, message));
        }
        if let (Some(buffer), true) = (&get.buffer, kind != ChannelKind::Pipe) {
            let message = format!("only a pipe receives into a buffer, not a {}", kind.word());
            self.errors.push(Diagnostic::new(buffer.span, message));
        }
        let no_items = "a stream has no message boundaries, so no single item can be read from it";
        let item = match &get.limit {
            Limit::Item(item) => Some(item.span),
            Limit::Items(items) => items.first().map(|item| item.span),
            Limit::Until(awaited) => {
                let mut items = awaited.iter().filter(|one| one.value != Until::End);
                items.next().map(|item| item.span)
            }
            Limit::One | Limit::Count(_) => None,
        };
        match (&get.size, item) {
            (_, Some(item)) if kind == ChannelKind::Stream => {
                let help = "write `until = \"$end\"`; the harness still compares the bytes";
                self.errors.push(Diagnostic::new(item, no_items).help(help));
            }
            (Some(size), None) => {
                let message = "`size` pads expected numbers, but this step expects none";
                self.errors.push(Diagnostic::new(size.span, message));
            }
            _ => {}
        }
    }

    fn poll(&mut self, poll: &Poll, step: &Step) {
        if poll.on.is_empty() {
            let message = "`poll` needs at least one end";
            self.errors.push(Diagnostic::new(step.span, message));
        }
        for (position, end) in poll.on.iter().enumerate() {
            if poll.on[..position]
                .iter()
                .any(|other| other.value == end.value)
            {
                let message = format!("`{}` is listed twice", end.value);
                self.errors.push(Diagnostic::new(end.span, message));
            }
            match self.kind(end) {
                Some(ChannelKind::Queue) => {
                    let message = "a queue can't be polled";
                    let help = "use `get` with `wait = \"never\"`";
                    self.errors
                        .push(Diagnostic::new(end.span, message).help(help));
                }
                Some(_) => self.direction(end, Side::Tx, "only sends", &poll.options),
                None => {}
            }
        }
    }

    fn queue_call(&mut self, step: &str, call: &QueueCall) {
        if let Some(kind) = self.kind(&call.on)
            && kind != ChannelKind::Queue
        {
            let (channel, kind) = (&call.on.channel, kind.word());
            let message = format!("`{step}` needs a queue, and `{channel}` is a {kind}");
            self.errors.push(Diagnostic::new(call.on.span, message));
        }
    }

    fn raw(&mut self, raw: &RawWrite) {
        if let Some(kind) = self.kind(&raw.on)
            && kind != ChannelKind::Pipe
        {
            let message = format!(
                "`raw` needs a pipe, and `{}` is a {}",
                raw.on.channel,
                kind.word()
            );
            self.errors.push(Diagnostic::new(raw.on.span, message));
        }
    }

    fn half_close(&mut self, end: &Spanned<EndName>) {
        let one_way = matches!(end.side, Side::Queue | Side::Tx | Side::Rx);
        if self.kind(end).is_some() && one_way && !self.symbols.is_connection(&end.channel) {
            let message = format!("`{}` is one-way, so it has no half to close", end.value);
            let help = format!("write `close = \"{}\"`", end.value);
            self.errors
                .push(Diagnostic::new(end.span, message).help(help));
        }
    }

    /// Checks that the step has the key for this kind of channel.
    fn word(
        &mut self,
        word: Spanned<Kind>,
        kind: ChannelKind,
        words: [&str; 3],
        end: &Spanned<EndName>,
    ) {
        let of = |kind| match kind {
            Kind::Queue => words[0],
            Kind::Stream => words[2],
            _ => words[1],
        };
        let wanted = match kind {
            ChannelKind::Queue => Kind::Queue,
            ChannelKind::Pipe | ChannelKind::Endpoint => Kind::Pipe,
            ChannelKind::Stream => Kind::Stream,
        };
        if word.value != wanted {
            let (used, right) = (of(word.value), of(wanted));
            let message = format!("`{}` is a {wanted}, which has no `{used}`", end.channel);
            let diagnostic = Diagnostic::new(word.span, message);
            self.errors
                .push(diagnostic.help(format!("write `{right}`")));
        }
    }

    /// Checks that the end can be used in this direction, unless the case states the outcome.
    fn direction(
        &mut self,
        end: &Spanned<EndName>,
        wrong: Side,
        does: &str,
        options: &OperationOptions,
    ) {
        if end.side == wrong && options.expect.is_empty() {
            let right = EndName {
                channel: end.channel.clone(),
                side: wrong.opposite(),
            };
            let message = format!("`{}` {does}", end.value);
            let help = format!(
                "write `{right}`; or if the case is about that, state the outcome with `expect`"
            );
            self.errors
                .push(Diagnostic::new(end.span, message).help(help));
        }
    }
}
