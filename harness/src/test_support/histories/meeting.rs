//! The operations of a process of a made-up history at an endpoint, and on its connections.

use super::*;
use crate::plan::RawWrite;

/// After each operation comes a call that sets its result.
impl HistoryBuilder {
    pub(crate) fn listen(self) -> HistoryBuilder {
        self.listening(false)
    }

    /// A listen that replaces the previous listener.
    pub(crate) fn replace(self) -> HistoryBuilder {
        self.listening(true)
    }

    fn listening(mut self, replace: bool) -> HistoryBuilder {
        let end = self.give(Side::Name, false, false);
        let action = Action::Listen { end, replace };
        self.step(OperationKind::Listen, Some(end), None, action)
    }

    pub(crate) fn close_listener(self) -> HistoryBuilder {
        self.close(Side::Name)
    }

    pub(crate) fn accept(mut self, name: &str) -> HistoryBuilder {
        let end = self.give(Side::Name, false, false);
        let action = Action::Accept {
            end,
            into: self.bound(name, Side::A),
            wait: Wait::Deadline,
        };
        self.step(OperationKind::Accept, Some(end), None, action)
    }

    /// A connect with the key of the endpoint.
    pub(crate) fn connect(self, name: &str) -> HistoryBuilder {
        let key = self.permutation.plan.channels[0].key.clone();
        self.connecting(name, key)
    }

    /// A connect with this key, or with none.
    pub(crate) fn connect_knowing(self, key: Option<&str>, name: &str) -> HistoryBuilder {
        self.connecting(name, key.map(str::to_owned))
    }

    /// The endpoint has this key.
    pub(crate) fn keyed(mut self, key: &str) -> HistoryBuilder {
        self.permutation.plan.channels[0].key = Some(key.to_owned());
        self
    }

    fn connecting(mut self, name: &str, key: Option<String>) -> HistoryBuilder {
        let end = self.give(Side::Name, false, false);
        let action = Action::Connect {
            end,
            into: self.bound(name, Side::B),
            key,
            wait: Wait::Deadline,
        };
        self.step(OperationKind::Connect, Some(end), None, action)
    }

    /// The last operation showed this number.
    pub(crate) fn showing(mut self, number: u32) -> HistoryBuilder {
        self.last().content = Some(Content::of(&number.to_le_bytes()));
        self
    }

    pub(crate) fn send_on(self, name: &str, item: impl Into<Item>) -> HistoryBuilder {
        let end = self.named(name);
        self.put_to(end, item.into())
    }

    /// A receive that returns this item.
    pub(crate) fn recv_on(self, name: &str, item: impl Into<Item>) -> HistoryBuilder {
        let end = self.named(name);
        self.get_from(end, Some(item.into()), Limit::Count(1))
    }

    /// A receive that returns no item.
    pub(crate) fn ask_of(self, name: &str) -> HistoryBuilder {
        let end = self.named(name);
        self.get_from(end, None, Limit::Count(1))
    }

    /// Writes the header of a message of this length and these bytes, of both together only this part.
    pub(crate) fn raw_on(
        self,
        name: &str,
        length: Option<i64>,
        bytes: &[u8],
        from: u64,
        to: Option<u64>,
    ) -> HistoryBuilder {
        let end = self.named(name);
        let action = Action::Raw(RawWrite {
            end,
            length,
            bytes: bytes.to_vec(),
            from,
            to,
        });
        self.step(OperationKind::Raw, Some(end), None, action)
    }

    pub(crate) fn hang_up(self, name: &str) -> HistoryBuilder {
        let end = self.named(name);
        self.step(OperationKind::Close, Some(end), None, Action::Close { end })
    }

    /// The case sets the mode and the length of the endpoint's name.
    pub(crate) fn with_name(mut self, mode: Option<u32>, length: Option<u64>) -> HistoryBuilder {
        let endpoint = &mut self.permutation.plan.channels[0];
        endpoint.mode = mode;
        endpoint.length = length;
        self
    }

    /// Gives the process an end of the connection with this name, and returns it.
    fn bound(&mut self, name: &str, side: Side) -> End {
        let channels = &mut self.permutation.plan.channels;
        let known = channels.iter().position(|channel| channel.name == name);
        let channel = known.unwrap_or_else(|| {
            channels.push(PlannedChannel {
                duplex: true,
                endpoint: Some(0),
                ..PlannedChannel::new(name, Kind::Pipe, channels[0].codec)
            });
            channels.len() - 1
        });
        let end = End { channel, side };
        let ends = &mut self.permutation.plan.processes[self.current].ends;
        if !ends.iter().any(|given| given.end == end) {
            let (puts, gets) = (true, true);
            ends.push(GivenEnd { end, puts, gets });
        }
        end
    }

    fn named(&self, name: &str) -> End {
        let channels = &self.permutation.plan.channels;
        let bound = |given: &&GivenEnd| channels[given.end.channel].name == name;
        let ends = &self.permutation.plan.processes[self.current].ends;
        ends.iter().find(bound).expect("the process bound it").end
    }
}
