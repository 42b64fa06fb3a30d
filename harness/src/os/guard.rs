//! The guard: a process that cleans up after the harness dies, for whatever reason.
//!
//! The guard starts in a process group of its own, which no Ctrl-C reaches. It holds one end of a link
//! and sleeps until the link closes, which means that the harness is gone. Then it kills the process
//! groups that are still alive and removes the harness's folder. A file that both processes share
//! lists these groups; the harness adds each group before the group's processes receive their plan.
//! On Windows, closing the job objects kills the processes.
//!
//! The helpers of backends are in a second list. They may have to clean up after the killed
//! processes, so the guard kills them only if they don't exit in time.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(unix)]
use std::time::Duration;

use crate::backend::Handle;
use crate::os::link::{self, Arrival, Frame, HarnessLink, HarnessLinks, PeerLink};
use crate::os::mark::Mark;
#[cfg(unix)]
use crate::os::patience::{Patience, PatienceLeft};
use crate::os::spawn_lock::{self, Births};
use crate::os::supervisor::{self, ProcessGroup, ProcessRole, Program};
use crate::os::{folder, scratch};

/// The guard's first message: it runs in its role.
const READY: [u8; 1] = *b"!";

/// How long helpers may run after the harness has died.
#[cfg(unix)]
const GRACE: Duration = Duration::from_secs(5);

/// The harness's side of its guard. Dropping it ends the guard process.
#[derive(Debug)]
pub(crate) struct Guard {
    process: Child,
    /// When it closes, the guard starts to clean up.
    link: Option<Mutex<HarnessLinks>>,
    groups: Mutex<GroupList>,
    helpers: Mutex<GroupList>,
    /// Every helper holds a copy. When all copies are closed, the guard knows that the helpers are
    /// gone.
    lease: Option<Handle>,
}

impl Guard {
    /// Starts the guard of this process, which ends the marked processes and removes `folder` if this
    /// process dies.
    ///
    /// # Errors
    /// If the guard can't be started.
    pub(crate) fn start(program: &Program, folder: &Path, mark: Mark) -> io::Result<Guard> {
        let (mut link, guards_end) = link::pair()?;
        let mut command = program.command(ProcessRole::Guard);
        supervisor::lead_group_from_birth(&mut command);
        command
            .arg(folder)
            .arg(mark.number().to_string())
            .stdin(guards_end)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let births = Births::begin();
        let process = {
            let _starting = spawn_lock::starting();
            command.spawn()?
        };
        // The command holds a copy of the guard's end.
        drop(command);
        link.bind(process.id())?;
        let (groups, helpers) = (scratch::file()?, scratch::file()?);
        link.send(Frame {
            body: Vec::new(),
            handles: vec![groups.try_clone()?.into(), helpers.try_clone()?.into()],
        })?;
        let mut post = HarnessLinks::new(vec![link])?;
        // A program that doesn't look at its role replies something else, or nothing.
        let lease = match post.wait(None)?.pop() {
            Some((_, Arrival::Frame(mut frame))) if frame.body == READY => frame.handles.pop(),
            _ => return Err(io::Error::other("its program doesn't know its role")),
        };
        drop(births);
        // Only now, so that the guard itself outlives this process.
        supervisor::end_together()?;
        Ok(Guard {
            process,
            link: Some(Mutex::new(post)),
            groups: Mutex::new(GroupList::new(groups)),
            helpers: Mutex::new(GroupList::new(helpers)),
            lease,
        })
    }

    /// Tells the guard to kill the group if this process dies.
    ///
    /// # Errors
    /// If there is no room to write it down.
    pub(crate) fn register(&self, group: &ProcessGroup) -> io::Result<()> {
        locked(&self.groups).replace(NO_GROUP, group.number())
    }

    /// Removes a group from the list, because none of its processes is left.
    ///
    /// # Errors
    /// If the file can't be written.
    pub(crate) fn forget(&self, group: &ProcessGroup) -> io::Result<()> {
        locked(&self.groups).replace(group.number(), NO_GROUP)
    }

    /// Tells the guard to kill a helper's group if this process dies and the helper then doesn't exit
    /// in time. Returns the lease, a handle that the helper must keep open until it exits.
    ///
    /// # Errors
    /// If there is no room to write it down, or for one more handle.
    pub(crate) fn register_helper(&self, group: &ProcessGroup) -> io::Result<Handle> {
        locked(&self.helpers).replace(NO_GROUP, group.number())?;
        let lease = self.lease.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        lease.try_clone()
    }

    /// Removes a helper's group from the list, because none of its processes is left.
    ///
    /// # Errors
    /// If the file can't be written.
    pub(crate) fn forget_helper(&self, group: &ProcessGroup) -> io::Result<()> {
        locked(&self.helpers).replace(group.number(), NO_GROUP)
    }
}

fn locked(groups: &Mutex<GroupList>) -> MutexGuard<'_, GroupList> {
    groups.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.lease = None;
        self.link = None;
        // Nothing is registered any more, so the guard exits at once, or has already exited.
        let _ = self.process.wait();
    }
}

/// The entry for a gap in the list: no group has this number.
const NO_GROUP: u32 = 0;

/// The shared file that lists the living groups: one number each, in any order, with gaps.
#[derive(Debug)]
struct GroupList {
    file: File,
    numbers: Vec<u32>,
}

impl GroupList {
    fn new(file: File) -> GroupList {
        GroupList {
            file,
            numbers: Vec::new(),
        }
    }

    /// Replaces one number by another in a single write.
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

    /// Reads the groups that a file lists.
    fn listed(file: &File) -> io::Result<Vec<u32>> {
        let bytes = scratch::contents(file)?;
        let numbers = bytes
            .as_chunks()
            .0
            .iter()
            .map(|bytes| u32::from_ne_bytes(*bytes));
        Ok(numbers.filter(|number| *number != NO_GROUP).collect())
    }
}

/// Runs the guard process.
pub(crate) fn serve() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (folder, mark) = (arguments.next(), arguments.next());
    let mark = mark.and_then(|number| number.to_str()?.parse().ok());
    let mark = mark.map(Mark::of_number);
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
    if let Some(mark) = mark {
        mark.end_all_but_helpers();
    }
    kill(GroupList::listed(&groups.into())?);
    end_helpers(leased, GroupList::listed(&helpers.into())?)?;
    if let Some(mark) = mark {
        mark.end();
    }
    if let Some(folder) = folder {
        folder::remove(Path::new(&folder));
    }
    Ok(())
}

/// Kills the helpers if they don't exit in time. They have all exited once every lease is closed;
/// then nothing is killed, because other processes may have taken their numbers.
#[cfg(unix)]
fn end_helpers(leased: HarnessLink, helpers: Vec<u32>) -> io::Result<()> {
    if helpers.is_empty() {
        return Ok(());
    }
    let mut post = HarnessLinks::new(vec![leased])?;
    // A helper leads its group.
    let mut patience = Patience::start(GRACE, helpers.iter().copied());
    while patience.look(helpers.iter().copied()) == PatienceLeft::Some {
        // Helpers send nothing over the lease, so the only arrival is its end.
        if !post.wait(Some(patience.next_look()))?.is_empty() {
            return Ok(());
        }
    }
    kill(helpers);
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
        .filter_map(ProcessGroup::from_number)
        .for_each(|group| group.kill());
}

#[cfg(windows)]
fn kill(_groups: Vec<u32>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_lists_living_groups_and_reuses_gaps() {
        let file = scratch::file().unwrap();
        let mut groups = GroupList::new(file.try_clone().unwrap());
        for number in [11, 12, 13] {
            groups.replace(NO_GROUP, number).unwrap();
        }
        groups.replace(12, NO_GROUP).unwrap();
        assert_eq!(GroupList::listed(&file).unwrap(), [11, 13]);
        groups.replace(NO_GROUP, 14).unwrap();
        assert_eq!(GroupList::listed(&file).unwrap(), [11, 14, 13]);
    }
}
