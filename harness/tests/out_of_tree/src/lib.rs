//! A queue and a pipe over files, for processes that share a disk.

mod janitor;
pub mod ledger;
pub mod spool;

use ipc_conformance::registry::Registry;

use ledger::Ledger;
use spool::Spool;

/// Returns both backends, for the harness.
pub fn registry() -> Registry {
    Registry::new().with(Ledger).with(Spool)
}
