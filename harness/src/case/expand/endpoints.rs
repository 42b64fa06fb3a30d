//! Expands `listen`, `accept` and `connect`, and the channels of their connections.

use super::context::StepContext;
use super::steps::StepBuilder;
use crate::backend::{Kind, Wait};
use crate::case::model::{ConnectionSetup, Listen};
use crate::case::symbols::SymbolTable;
use crate::case::{Diagnostic, Spanned};
use crate::plan::{self, Codec, End, StepId};

impl<'c> StepBuilder<'c> {
    pub(super) fn listen(
        &mut self,
        id: StepId,
        listen: &'c Listen,
        context: &StepContext<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        self.apply_expect(id, &listen.options, context)?;
        Ok(plan::Action::Listen {
            end: self.symbols.endpoint(&listen.on)?,
            replace: listen.replace.as_ref().is_some_and(|replace| replace.value),
        })
    }

    /// Returns the endpoint of an `accept` or `connect`, the end of the connection, and how long to wait
    /// for it.
    pub(super) fn setup(
        &mut self,
        id: StepId,
        setup: &'c ConnectionSetup,
        context: &StepContext<'_>,
    ) -> Result<(End, End, Wait), Diagnostic> {
        self.apply_expect(id, &setup.options, context)?;
        Ok((
            self.symbols.endpoint(&setup.on)?,
            self.bound(&setup.into)?,
            context.values.wait(setup.options.wait.as_ref())?,
        ))
    }

    /// Returns the key of a `connect`: its own, if it has the field `key`, or else the endpoint's.
    pub(super) fn key(&self, setup: &ConnectionSetup) -> Result<Option<String>, Diagnostic> {
        if let Some(own) = &setup.key {
            return Ok(own.value.clone());
        }
        let (_, endpoint) = self.symbols.channel(&setup.on, setup.on.span)?;
        Ok(endpoint.key.as_ref().map(|key| key.value.clone()))
    }

    fn bound(&self, name: &Spanned<String>) -> Result<End, Diagnostic> {
        let none = || {
            Diagnostic::new(
                name.span,
                format!("no `accept` or `connect` binds `{}`", name.value),
            )
        };
        self.symbols.bound(name).ok_or_else(none)
    }
}

/// Returns a channel for each name of a connection, with the codec of its endpoint.
pub(super) fn connections(
    symbols: &SymbolTable<'_>,
    codecs: &[Codec],
) -> Vec<plan::PlannedChannel> {
    let channels = symbols.connections().iter().map(|one| {
        // The check reports a connection to something that isn't an endpoint. The channel is added
        // anyway, because those after it are referred to by index.
        let endpoint = symbols.endpoint(one.endpoint).ok().map(|end| end.channel);
        let codec = endpoint.map_or(Codec::Tagged, |channel| codecs[channel]);
        plan::PlannedChannel {
            duplex: true,
            endpoint,
            ..plan::PlannedChannel::new(one.name.value.as_str(), Kind::Pipe, codec)
        }
    });
    channels.collect()
}

/// Returns the index under which each channel is counted: all connections of one endpoint have the
/// index of the endpoint, because they share a codec.
pub(super) fn alike(symbols: &SymbolTable<'_>, channels: usize) -> Vec<usize> {
    let connections = symbols.connections().iter();
    let endpoints = connections.map(|one| {
        let endpoint = symbols.endpoint(one.endpoint);
        endpoint.map_or(channels, |endpoint| endpoint.channel)
    });
    (0..channels).chain(endpoints).collect()
}
