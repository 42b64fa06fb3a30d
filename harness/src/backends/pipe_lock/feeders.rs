//! The feeder threads of a process.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The feeder threads of this process. Its exit waits for them.
pub(super) type Feeders = Arc<Mutex<Vec<JoinHandle<()>>>>;
