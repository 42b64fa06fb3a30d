//! The options of a run that no argument changes.

use std::io;
use std::sync::Arc;

use super::problem::Problem;
use crate::corpus::CaseFolder;
use crate::event::ExitCode;
use crate::os::supervisor::Program;
use crate::runner::{Options, interrupt};

/// Returns the default options of a run, which an interrupt from now on ends.
pub(super) fn default_options(folder: &CaseFolder) -> Result<Options, Problem> {
    let cant_start =
        |error: io::Error| Problem::new(ExitCode::Harness, format_args!("can't start: {error}"));
    interrupt::listen().map_err(cant_start)?;
    let program = Program::current().map_err(cant_start)?;
    Ok(Options::new(program, Arc::clone(&folder.catalogue)))
}
