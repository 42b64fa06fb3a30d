//! The process that cleans up when the harness dies, however it dies.
//!
//! It is born into a group of its own, where no Ctrl-C reaches it, and holds the read end of a pipe.
//! A line registers a process group before its processes get their plan, another one forgets it.
//! At the end of the pipe the harness is gone: the guard kills the groups that are still
//! registered, and removes the harness's folder. On Windows closing job objects does the killing.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::Mutex;

use crate::folder;
use crate::supervisor::{self, Group, INHERITANCE, Program, Role};

/// What the guard says once it is one.
const READY: [u8; 1] = *b"!";

/// The harness's hold on its guard; dropped, the guard goes.
#[derive(Debug)]
pub struct Guard {
    process: Child,
    lines: Option<Mutex<ChildStdin>>,
}

impl Guard {
    /// Starts the guard of this process, which is to remove this folder.
    ///
    /// # Errors
    /// Where it can't be started.
    pub fn start(program: &Program, folder: &Path) -> io::Result<Guard> {
        let mut command = program.command(Role::Guard);
        supervisor::lead_group(&mut command);
        command
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = {
            let _reading = INHERITANCE
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            command.spawn()?
        };
        let mut answer = [0];
        let missing = || io::Error::other("the guard has no pipes");
        let lines = process.stdin.take().ok_or_else(missing)?;
        // A program that doesn't know its role answers otherwise, or not at all.
        process
            .stdout
            .take()
            .ok_or_else(missing)?
            .read_exact(&mut answer)?;
        if answer != READY {
            return Err(io::Error::other("its program doesn't know its role"));
        }
        Ok(Guard {
            process,
            lines: Some(Mutex::new(lines)),
        })
    }

    /// Has the group killed if this process dies.
    ///
    /// # Errors
    /// Where the guard is gone.
    pub fn register(&self, group: &Group) -> io::Result<()> {
        self.write('+', group)
    }

    /// Forgets a group of which nobody is left.
    ///
    /// # Errors
    /// Where the guard is gone.
    pub fn forget(&self, group: &Group) -> io::Result<()> {
        self.write('-', group)
    }

    fn write(&self, sign: char, group: &Group) -> io::Result<()> {
        let Some(lines) = &self.lines else {
            return Ok(());
        };
        let line = format!("{sign}{}\n", group.number());
        lines
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .write_all(line.as_bytes())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.lines = None;
        // Nothing is registered any more, so it exits at once; if it is gone already, as well.
        let _ = self.process.wait();
    }
}

/// What the guard process does.
pub(crate) fn serve() -> io::Result<()> {
    let folder = std::env::args_os().nth(1);
    let lines = BufReader::new(io::stdin().lock()).lines();
    let mut out = io::stdout();
    out.write_all(&READY)?;
    out.flush()?;
    let mut groups = BTreeSet::new();
    for line in lines.map_while(Result::ok) {
        match (
            line.split_at_checked(1),
            line.get(1..).and_then(|n| n.parse::<u32>().ok()),
        ) {
            (Some(("+", _)), Some(number)) => groups.insert(number),
            (Some(("-", _)), Some(number)) => groups.remove(&number),
            _ => false,
        };
    }
    kill(groups);
    if let Some(folder) = folder {
        folder::remove(Path::new(&folder));
    }
    Ok(())
}

#[cfg(unix)]
fn kill(groups: BTreeSet<u32>) {
    groups
        .into_iter()
        .filter_map(Group::from_number)
        .for_each(|group| group.kill());
}

#[cfg(windows)]
fn kill(_groups: BTreeSet<u32>) {}
