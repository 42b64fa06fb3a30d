use std::io;
use std::process::Child;
use std::ptr::null_mut;
use std::time::{Duration, Instant};

use rustix::event::kqueue::{Event, EventFilter, EventFlags, ProcessEvents, kevent, kqueue};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::process::Pid;

use crate::os::spawn_lock;

/// Returns whether this child exits in this time.
pub(crate) fn child_exits_within(child: &Child, time: Duration) -> io::Result<bool> {
    exits_within(child.id(), time)
}

/// Returns whether the child with this process id, which isn't reaped, exits in this time.
#[expect(unsafe_code, reason = "no safe crate waits for events of a kqueue")]
pub(crate) fn exits_within(pid: u32, time: Duration) -> io::Result<bool> {
    let deadline = Instant::now().checked_add(time);
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or(io::ErrorKind::NotFound)?;
    let queue = {
        let _making = spawn_lock::making();
        let queue = kqueue()?;
        fcntl_setfd(&queue, FdFlags::CLOEXEC)?;
        queue
    };
    let flags = ProcessEvents::EXIT;
    let exit = EventFilter::Proc { pid, flags };
    let wanted = [Event::new(exit, EventFlags::ADD, null_mut())];
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let mut events = Vec::with_capacity(1);
        let room = rustix::buffer::spare_capacity(&mut events);
        // SAFETY: the event names a process, and no file descriptor.
        match unsafe { kevent(&queue, &wanted, room, left) } {
            Ok(_) => {}
            // It has exited already, so the system knows no such process.
            Err(Errno::SRCH) => return Ok(true),
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let Some(event) = events.first() else {
            return Ok(false);
        };
        if !event.flags().contains(EventFlags::ERROR) {
            return Ok(true);
        }
        return match event.data() {
            gone if gone == i64::from(Errno::SRCH.raw_os_error()) => Ok(true),
            code => Err(io::Error::from_raw_os_error(code as i32)),
        };
    }
}
