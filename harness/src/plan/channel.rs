//! A channel of a plan.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::ProcessIndex;
use crate::backend::{self, EndpointOptions, Kind, with_schema};
use crate::plan::Codec;

/// One channel of a plan.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Channel")]
pub struct PlannedChannel {
    /// Its name in the case file.
    pub name: String,
    /// Its kind, which decides what it promises.
    pub kind: Kind,
    /// The most items that it holds; none for no limit but the library's own.
    pub capacity: Option<u64>,
    /// Whether both ends send.
    pub duplex: bool,
    /// The encoding of its items.
    pub codec: Codec,
    /// The process that opens it; none if the supervisor does.
    pub opener: Option<ProcessIndex>,
    /// For an endpoint, the Unix permission bits that restrict which users may connect; none for
    /// the library's default.
    #[serde(default)]
    pub mode: Option<u32>,
    /// For an endpoint, the length of its name in bytes, reached by a prefix before the channel's name;
    /// none for no prefix.
    #[serde(default)]
    pub length: Option<u64>,
    /// For an endpoint, the number of clients that may wait to be accepted; none for the library's
    /// default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backlog: Option<u64>,
    /// For an endpoint, the key with which clients and listener authenticate to each other; none for no
    /// authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// For a connection, the index of its endpoint. `accept` makes side a and `connect` makes side b,
    /// so no process opens it. One such channel stands for every connection that is bound to its name.
    #[serde(default)]
    pub endpoint: Option<usize>,
}

impl From<&PlannedChannel> for backend::Channel {
    fn from(channel: &PlannedChannel) -> backend::Channel {
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

impl PlannedChannel {
    /// Returns a channel with every option at its default: one-way, without a limit, and opened by the
    /// supervisor.
    pub fn new(name: impl Into<String>, kind: Kind, codec: Codec) -> PlannedChannel {
        PlannedChannel {
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
        let channel = PlannedChannel {
            backlog,
            ..PlannedChannel::new("e", Kind::Endpoint, Codec::Bytes)
        };
        let written = serde_json::to_value(&channel).unwrap();
        let read: PlannedChannel = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(read, channel);
        written
    }

    #[test]
    fn a_backlog_is_serialized_only_if_there_is_one() {
        assert_eq!(written(Some(3))["backlog"], 3);
        assert_eq!(written(None).get("backlog"), None);
    }
}
