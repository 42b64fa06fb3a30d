//! Who takes the place of the built program, as the scene asks for it: here nobody does.

use std::process::Command;

#[derive(Clone, Copy, Debug)]
pub(crate) enum StandIn {}

impl StandIn {
    pub(crate) fn command(self) -> Command {
        match self {}
    }
}
