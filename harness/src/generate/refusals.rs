//! Moves that a library refuses.

use super::recipe::Move;
use super::steps::{How, literal, put};
use super::world::World;
use crate::backend::Outcome;
use crate::case::model::{ChannelKind, Source};
use crate::plan::Item;

impl World {
    /// A put of an item that can't be encoded is refused, and changes nothing. A library that encodes later
    /// may need room for it in the meantime.
    pub(super) fn unsendable(&mut self, lane: usize, one: &Move) {
        let Some((sender, _)) = self.pair(lane, one.pick) else {
            return;
        };
        let may_carry_values = matches!(self.kind, ChannelKind::Queue | ChannelKind::Pipe);
        let Some(on) = self.lanes[lane].sending(sender).cloned() else {
            return;
        };
        if !may_carry_values || self.lanes[lane].capacity.is_some() {
            return;
        }
        self.ready(&[sender]);
        self.before_put(lane, sender, one.style);
        let how = How::expecting(&[Outcome::Refused]);
        let source = Source::Item(literal(Item::Unsendable));
        self.push(sender, put(self.word(), &on, source, None, how));
    }
}
