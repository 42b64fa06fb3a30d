//! What a plan says of a channel.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ProcessIndex;
use crate::backend::{self, EndpointOptions, Kind};
use crate::plan::content::codec::Codec;

/// One channel of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Channel {
    /// Its name in the case file.
    pub name: String,
    /// What it promises.
    pub kind: Kind,
    /// The most items that it holds; none for as many as there is room for.
    pub capacity: Option<u64>,
    /// Whether both ends send.
    pub duplex: bool,
    /// How items become bytes.
    pub codec: Codec,
    /// The process that opens it; none for the supervisor.
    pub opener: Option<ProcessIndex>,
    /// Who may connect to an endpoint, as Unix writes it; none for whatever the library does.
    #[serde(default)]
    pub mode: Option<u32>,
    /// How many bytes an endpoint's name is to have, with something before the channel's; none for
    /// no more than that.
    #[serde(default)]
    pub length: Option<u64>,
    /// How many clients may wait to be accepted at an endpoint; none for as many as the library has
    /// room for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backlog: Option<u64>,
    /// What whoever connects to an endpoint must prove to know, and its listener too; none for
    /// whoever comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The endpoint of which this is a connection, made by `accept` at side a and by `connect` at
    /// side b; nobody opens it. In a plan it stands for all that its name is bound to, in whichever
    /// process; see [`crate::history::connections`].
    #[serde(default)]
    pub endpoint: Option<usize>,
}

impl From<&Channel> for backend::Channel {
    fn from(channel: &Channel) -> backend::Channel {
        backend::Channel {
            name: channel.name.clone(),
            kind: channel.kind,
            capacity: channel.capacity,
            duplex: channel.duplex,
            endpoint: EndpointOptions {
                mode: channel.mode,
                name_length: channel.length,
                backlog: channel.backlog,
                key: channel.key.clone(),
            },
        }
    }
}

impl Channel {
    /// A channel of which nothing more is asked: one-way, as large as there is room for, opened by
    /// the supervisor.
    pub fn new(name: impl Into<String>, kind: Kind, codec: Codec) -> Channel {
        Channel {
            name: name.into(),
            kind,
            capacity: None,
            duplex: false,
            codec,
            opener: None,
            mode: None,
            length: None,
            backlog: None,
            key: None,
            endpoint: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(backlog: Option<u64>) -> serde_json::Value {
        let channel = Channel {
            backlog,
            ..Channel::new("e", Kind::Endpoint, Codec::Bytes)
        };
        let written = serde_json::to_value(&channel).unwrap();
        let read: Channel = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(read, channel);
        written
    }

    #[test]
    fn a_backlog_is_written_where_one_is_asked_for_and_nowhere_else() {
        assert_eq!(written(Some(3))["backlog"], 3);
        assert_eq!(written(None).get("backlog"), None);
    }
}
