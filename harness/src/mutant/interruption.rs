//! Calls that a signal interrupts.

use std::io;

use super::fault::Fault;
use super::mutation::Mutation;
use crate::backend::Failure;
use crate::os::supervisor::signal;

/// A call of a mutant that may fail because of a signal.
pub(super) struct Interruption {
    /// How many signals the process had handled before; none if that is no fault of the mutant.
    before: Option<u64>,
}

impl Interruption {
    /// Notes that a call begins.
    pub(super) fn watch(mutation: Mutation) -> Interruption {
        let is_fault = mutation.fault == Fault::Interrupted;
        Interruption {
            before: is_fault.then(signal::handled),
        }
    }

    /// The call is over: fails if a signal arrived meanwhile.
    pub(super) fn ends(self) -> Result<(), Failure> {
        match self.before {
            Some(before) if signal::handled() != before => {
                super::acted::note();
                Err(io::Error::from(io::ErrorKind::Interrupted).into())
            }
            _ => Ok(()),
        }
    }
}
