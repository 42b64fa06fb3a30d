//! Steps that meet at an endpoint, and the channels that their connections are.

use super::steps::{Builder, Place};
use crate::backend::{End, Kind, Wait};
use crate::case::model::{Listen, Meeting};
use crate::case::scope::Scope;
use crate::case::{Diagnostic, Spanned};
use crate::plan::content::codec::Codec;
use crate::plan::{self, StepId};

impl<'c> Builder<'c> {
    pub(super) fn listen(
        &mut self,
        id: StepId,
        listen: &'c Listen,
        at: &Place<'_>,
    ) -> Result<plan::Action, Diagnostic> {
        self.expect_manner(id, &listen.manner, at)?;
        Ok(plan::Action::Listen {
            end: self.scope.endpoint(&listen.on)?,
            replace: listen.replace.as_ref().is_some_and(|replace| replace.value),
        })
    }

    /// `accept`, `connect`: at which endpoint, what the connection is from then on, and how long to
    /// wait for it.
    pub(super) fn meeting(
        &mut self,
        id: StepId,
        meeting: &'c Meeting,
        at: &Place<'_>,
    ) -> Result<(End, End, Wait), Diagnostic> {
        self.expect_manner(id, &meeting.manner, at)?;
        Ok((
            self.scope.endpoint(&meeting.on)?,
            self.bound(&meeting.into)?,
            at.values.wait(meeting.manner.wait.as_ref())?,
        ))
    }

    /// What a `connect` knows: its own key, or that it has none, or else the endpoint's.
    pub(super) fn key(&self, meeting: &Meeting) -> Result<Option<String>, Diagnostic> {
        if let Some(own) = &meeting.key {
            return Ok(own.value.clone());
        }
        let (_, endpoint) = self.scope.channel(&meeting.on, meeting.on.span)?;
        Ok(endpoint.key.as_ref().map(|key| key.value.clone()))
    }

    fn bound(&self, name: &Spanned<String>) -> Result<End, Diagnostic> {
        let none = || Diagnostic::new(name.span, format!("nothing binds `{}`", name.value));
        self.scope.bound(name).ok_or_else(none)
    }
}

/// One channel for each name of a connection, which carries items as its endpoint does.
pub(super) fn connections(scope: &Scope<'_>, codecs: &[Codec]) -> Vec<plan::Channel> {
    let channels = scope.connections().iter().map(|one| {
        // One of what is no endpoint is told elsewhere; its place is needed all the same.
        let endpoint = scope.endpoint(one.endpoint).ok().map(|end| end.channel);
        let codec = endpoint.map_or(Codec::Tagged, |channel| codecs[channel]);
        plan::Channel {
            duplex: true,
            endpoint,
            ..plan::Channel::new(one.name.value.as_str(), Kind::Pipe, codec)
        }
    });
    channels.collect()
}

/// The channel as which each is counted: all connections of one endpoint carry the same.
pub(super) fn alike(scope: &Scope<'_>, channels: usize) -> Vec<usize> {
    let connections = scope.connections().iter();
    let endpoints = connections.map(|one| {
        let endpoint = scope.endpoint(one.endpoint);
        endpoint.map_or(channels, |endpoint| endpoint.channel)
    });
    (0..channels).chain(endpoints).collect()
}
