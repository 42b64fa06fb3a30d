//! Endpoints: the first process listens, and the others connect.

use super::recipe::Move;
use super::steps::{How, at, end};
use super::world::{Lane, World};
use crate::backend::{Outcome, Side};
use crate::case::model::{Action, Channel, ChannelKind, ConnectionSetup, Event, Listen};

/// The name of the endpoint, and the label of the step that begins to listen.
const ENDPOINT: &str = "e";
const LISTENING: &str = "listening";

impl World {
    /// Adds an endpoint, at which the first process listens.
    pub(super) fn endpoint(&mut self) {
        self.channels.push(Channel {
            name: at(ENDPOINT.to_owned()),
            kind: at(ChannelKind::Endpoint),
            capacity: None,
            duplex: None,
            mode: None,
            length: None,
            backlog: None,
            key: None,
        });
        let listen = Listen {
            on: at(ENDPOINT.to_owned()),
            replace: None,
            options: How::default().labelled(LISTENING).options(),
        };
        self.push(0, Action::Listen(listen));
    }

    /// One process connects, and the first one accepts it.
    pub(super) fn connect(&mut self, one: &Move) {
        let clients: Vec<usize> = (1..self.parties.len())
            .filter(|party| self.is_alive(*party))
            .collect();
        if self.kind != ChannelKind::Endpoint || clients.is_empty() || !self.is_alive(0) {
            return;
        }
        let client = clients[usize::from(one.pick) % clients.len()];
        self.ready(&[client]);
        if one.style % 8 == 5 {
            return self.rival(client, one);
        }
        // One connection after the other, so that each accept has its certain connect.
        let accepted = self.lanes.iter().rev().find_map(|lane| lane.accepted);
        if let Some(accepted) = accepted {
            self.order(accepted, client, one.style);
        }
        self.push(client, Action::Await(Event::Done(at(LISTENING.to_owned()))));
        let number = self.lanes.len() / 2;
        let [server_name, client_name] = [format!("s{number}"), format!("k{number}")];
        let setup = |into: &str| ConnectionSetup {
            on: at(ENDPOINT.to_owned()),
            into: at(into.to_owned()),
            key: None,
            options: How::default().options(),
        };
        self.push(client, Action::Connect(setup(&client_name)));
        self.push(0, Action::Accept(setup(&server_name)));
        let accepted = self.now(0);
        let server = vec![(0, end(&server_name, Side::Queue))];
        let client = vec![(client, end(&client_name, Side::Queue))];
        let first = self.lanes.len();
        for (from, to, back) in [
            (server.clone(), client.clone(), first + 1),
            (client, server, first),
        ] {
            let mut lane = Lane::new(from, to);
            lane.back = Some(back);
            lane.accepted = Some(accepted);
            self.lanes.push(lane);
        }
    }

    /// A process tries to listen too, and the first one listens at least until that failed.
    fn rival(&mut self, rival: usize, one: &Move) {
        self.push(rival, Action::Await(Event::Done(at(LISTENING.to_owned()))));
        let listen = Listen {
            on: at(ENDPOINT.to_owned()),
            replace: None,
            options: How::expecting(&[Outcome::Taken]).options(),
        };
        self.push(rival, Action::Listen(listen));
        let now = self.now(rival);
        self.order(now, 0, one.style / 8);
    }
}
