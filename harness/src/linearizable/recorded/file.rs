//! The contents of a file.

use super::channel::RecordedChannel;
use super::name_table::NameTable;

/// The histories in a file, one for each channel.
#[derive(Clone, Debug, Default)]
pub struct RecordedFile {
    /// The channels, in the order in which they first appear.
    pub channels: Vec<RecordedChannel>,
    pub(super) peers: NameTable,
}

impl RecordedFile {
    /// Returns the number of operations on all channels.
    pub fn operations(&self) -> usize {
        self.channels.iter().map(RecordedChannel::operations).sum()
    }

    /// Returns the name of a peer, as JSON.
    pub fn peer(&self, peer: u32) -> &str {
        self.peers.name(peer).unwrap_or("null")
    }
}
