//! The feeder threads of a process.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The feeder threads of this process, for its exit to wait for.
pub(super) type Feeders = Arc<Mutex<Vec<JoinHandle<()>>>>;
