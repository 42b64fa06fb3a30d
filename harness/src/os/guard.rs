//! The process that cleans up when the harness dies, however it dies.
//!
//! It is born into a group of its own, where no Ctrl-C reaches it, and holds the other end of a link
//! on which nothing is ever said again: when that closes, the harness is gone. A file that both share
//! lists the process groups that live, each before its processes get their plan; so the guard sleeps
//! until then. It kills those groups, and removes the harness's folder. On Windows closing job
//! objects does the killing. Backends' helpers are in a list of their own: they may have to clean up
//! behind those that were killed, so they are killed only if they don't go by themselves in time.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(unix)]
use std::time::{Duration, Instant};

use crate::backend::Handle;
use crate::os::inheritance::{self, Births};
use crate::os::link::{self, Arrival, Frame, HarnessLink, PeerLink, Post};
use crate::os::supervisor::{self, Group, Program, Role};
use crate::os::{folder, scratch};

/// What the guard says once it is one.
const READY: [u8; 1] = *b"!";

/// How long helpers may outlive the harness, if that dies.
#[cfg(unix)]
const GRACE: Duration = Duration::from_secs(5);

/// The harness's hold on its guard; dropped, the guard goes.
#[derive(Debug)]
pub struct Guard {
    process: Child,
    /// That it closes tells the guard.
    link: Option<Mutex<Post>>,
    groups: Mutex<Groups>,
    helpers: Mutex<Groups>,
    /// That nobody has it any more tells the guard that the helpers are gone.
    lease: Option<Handle>,
}

impl Guard {
    /// Starts the guard of this process, which is to remove this folder.
    ///
    /// # Errors
    /// Where it can't be started.
    pub fn start(program: &Program, folder: &Path) -> io::Result<Guard> {
        let (mut link, guards_end) = link::pair()?;
        let mut command = program.command(Role::Guard);
        supervisor::lead_group_from_birth(&mut command);
        command
            .arg(folder)
            .stdin(guards_end)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let births = Births::begin();
        let process = {
            let _starting = inheritance::starting();
            command.spawn()?
        };
        // It holds the guard's end.
        drop(command);
        link.bind(process.id())?;
        let (groups, helpers) = (scratch::file()?, scratch::file()?);
        link.send(Frame {
            body: Vec::new(),
            handles: vec![groups.try_clone()?.into(), helpers.try_clone()?.into()],
        })?;
        let mut post = Post::new(vec![link])?;
        // A program that doesn't know its role answers otherwise, or not at all.
        let lease = match post.wait(None)?.pop() {
            Some((_, Arrival::Frame(mut frame))) if frame.body == READY => frame.handles.pop(),
            _ => return Err(io::Error::other("its program doesn't know its role")),
        };
        drop(births);
        // The guard itself lives on.
        supervisor::end_together()?;
        Ok(Guard {
            process,
            link: Some(Mutex::new(post)),
            groups: Mutex::new(Groups::new(groups)),
            helpers: Mutex::new(Groups::new(helpers)),
            lease,
        })
    }

    /// Has the group killed if this process dies.
    ///
    /// # Errors
    /// Where there is no room to write it down.
    pub fn register(&self, group: &Group) -> io::Result<()> {
        locked(&self.groups).replace(NOBODY, group.number())
    }

    /// Forgets a group of which nobody is left.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn forget(&self, group: &Group) -> io::Result<()> {
        locked(&self.groups).replace(group.number(), NOBODY)
    }

    /// Has a helper's group killed if this process dies and the helper then doesn't go by itself.
    /// What the helper must have as long as it lives.
    ///
    /// # Errors
    /// Where there is no room to write it down, or for one more handle.
    pub fn register_helper(&self, group: &Group) -> io::Result<Handle> {
        locked(&self.helpers).replace(NOBODY, group.number())?;
        let lease = self.lease.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        lease.try_clone()
    }

    /// Forgets a helper's group of which nobody is left.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn forget_helper(&self, group: &Group) -> io::Result<()> {
        locked(&self.helpers).replace(group.number(), NOBODY)
    }
}

fn locked(groups: &Mutex<Groups>) -> MutexGuard<'_, Groups> {
    groups.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.lease = None;
        self.link = None;
        // Nothing is registered any more, so it exits at once; if it is gone already, as well.
        let _ = self.process.wait();
    }
}

/// No group has this number.
const NOBODY: u32 = 0;

/// The file of the groups that live: a number each, in any order, with gaps.
#[derive(Debug)]
struct Groups {
    file: File,
    numbers: Vec<u32>,
}

impl Groups {
    fn new(file: File) -> Groups {
        Groups {
            file,
            numbers: Vec::new(),
        }
    }

    /// Writes one number in the place of another, in one step.
    fn replace(&mut self, old: u32, new: u32) -> io::Result<()> {
        let place = self.numbers.iter().position(|number| *number == old);
        let place = place.unwrap_or(self.numbers.len());
        scratch::write_at(
            &self.file,
            &new.to_ne_bytes(),
            (place * size_of::<u32>()) as u64,
        )?;
        match self.numbers.get_mut(place) {
            Some(number) => *number = new,
            None => self.numbers.push(new),
        }
        Ok(())
    }

    /// Those that a file lists.
    fn listed(file: &File) -> io::Result<Vec<u32>> {
        let bytes = scratch::contents(file)?;
        let numbers = bytes
            .as_chunks()
            .0
            .iter()
            .map(|bytes| u32::from_ne_bytes(*bytes));
        Ok(numbers.filter(|number| *number != NOBODY).collect())
    }
}

/// What the guard process does.
pub(crate) fn serve() -> io::Result<()> {
    let folder = std::env::args_os().nth(1);
    let mut link = PeerLink::from_stdin()?;
    let given = link.recv()?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let [groups, helpers]: [Handle; 2] =
        (given.handles.try_into()).map_err(|_| io::ErrorKind::InvalidData)?;
    let (leased, lease) = link::pair()?;
    link.send(Frame {
        body: READY.to_vec(),
        handles: vec![lease],
    })?;
    while let Ok(Some(_)) = link.recv() {}
    kill(Groups::listed(&groups.into())?);
    end_helpers(leased, Groups::listed(&helpers.into())?)?;
    if let Some(folder) = folder {
        folder::remove(Path::new(&folder));
    }
    Ok(())
}

/// Kills helpers if they aren't gone in time. Gone are those that have no lease any more; their
/// numbers may be somebody else's by then, so where all are gone nobody is killed.
#[cfg(unix)]
fn end_helpers(leased: HarnessLink, helpers: Vec<u32>) -> io::Result<()> {
    if helpers.is_empty() {
        return Ok(());
    }
    let mut post = Post::new(vec![leased])?;
    // Nobody says anything there.
    if post.wait(Some(Instant::now() + GRACE))?.is_empty() {
        kill(helpers);
    }
    Ok(())
}

#[cfg(windows)]
fn end_helpers(_leased: HarnessLink, _helpers: Vec<u32>) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn kill(groups: Vec<u32>) {
    groups
        .into_iter()
        .filter_map(Group::from_number)
        .for_each(|group| group.kill());
}

#[cfg(windows)]
fn kill(_groups: Vec<u32>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_lists_those_that_live_and_uses_gaps_again() {
        let file = scratch::file().unwrap();
        let mut groups = Groups::new(file.try_clone().unwrap());
        for number in [11, 12, 13] {
            groups.replace(NOBODY, number).unwrap();
        }
        groups.replace(12, NOBODY).unwrap();
        assert_eq!(Groups::listed(&file).unwrap(), [11, 13]);
        groups.replace(NOBODY, 14).unwrap();
        assert_eq!(Groups::listed(&file).unwrap(), [11, 14, 13]);
    }
}
