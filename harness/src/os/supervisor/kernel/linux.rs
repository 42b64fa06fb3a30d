//! Reads `/proc`. What can't be read there is left out: a process may exit at any time, and some
//! kernels restrict access.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::{Path, PathBuf};

use super::thread_name::PLAN_THREAD;
use crate::history::KernelView;
use crate::history::kernel::Descriptor;
use crate::plan::ProcessIndex;

/// How many threads of one process are read at most.
const MOST_THREADS: usize = 8;
/// How many descriptors of one poll are read at most.
const MOST_POLLED: usize = 4;
/// The size of a `struct pollfd`, which begins with the descriptor.
const POLLFD: usize = 8;

/// Returns what each thread of these processes is doing. Includes threads that a library started.
pub fn views(living: &[(ProcessIndex, u32)]) -> Vec<KernelView> {
    let open: Vec<OpenDescriptor> = living
        .iter()
        .flat_map(|one| OpenDescriptor::of(*one))
        .collect();
    living
        .iter()
        .flat_map(|(process, pid)| {
            let threads = numbers(&proc(*pid, "task")).into_iter();
            let threads = threads.take(MOST_THREADS);
            threads.filter_map(|thread| view(*process, *pid, thread, &open))
        })
        .collect()
}

fn view(
    process: ProcessIndex,
    pid: u32,
    thread: u32,
    open: &[OpenDescriptor],
) -> Option<KernelView> {
    let folder = proc(pid, "task").join(thread.to_string());
    let name = fs::read_to_string(folder.join("comm")).ok()?;
    let name = name.trim_end().to_owned();
    let number = match name.strip_prefix(PLAN_THREAD) {
        Some(number) => number.parse().ok(),
        None => (thread == pid).then_some(0),
    };
    let call = SystemCall::of(&folder.join("syscall"));
    let waits_for = call.as_ref().map(|call| call.descriptors(pid));
    let on = waits_for.unwrap_or_default().into_iter();
    let on = on.filter_map(|number| {
        let this = open
            .iter()
            .find(|one| one.process == process && one.number == number)?;
        Some(this.described(open))
    });
    let function = fs::read_to_string(folder.join("wchan")).ok();
    Some(KernelView {
        process,
        thread: number,
        name,
        call: call.and_then(|call| call.name).map(str::to_owned),
        on: on.collect(),
        // "0" means that the thread waits in no function of the kernel.
        function: function.filter(|name| !matches!(name.as_str(), "" | "0")),
    })
}

/// The system call that a thread waits in.
struct SystemCall {
    name: Option<&'static str>,
    arguments: Vec<u64>,
}

impl SystemCall {
    /// Parses `/proc/PID/syscall`: the number, then the arguments; or a word if the thread runs.
    fn of(path: &Path) -> Option<SystemCall> {
        let text = fs::read_to_string(path).ok()?;
        let mut words = text.split_ascii_whitespace();
        let number: libc::c_long = words.next()?.parse().ok()?;
        let hexadecimal = |word: &str| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok();
        Some(SystemCall {
            name: name(number),
            arguments: words.map_while(hexadecimal).collect(),
        })
    }

    /// Returns the descriptors that the call waits for.
    fn descriptors(&self, pid: u32) -> Vec<u32> {
        let argument = |place: usize| self.arguments.get(place).copied();
        let first = argument(0).and_then(|first| u32::try_from(first).ok());
        match self.name {
            Some("poll" | "ppoll") => match (argument(0), argument(1)) {
                (Some(place), Some(count)) => polled(pid, place, count).unwrap_or_default(),
                _ => Vec::new(),
            },
            Some(
                "read" | "readv" | "write" | "writev" | "recvfrom" | "recvmsg" | "sendto"
                | "sendmsg" | "connect" | "accept" | "accept4" | "flock" | "fcntl" | "splice"
                | "mq_timedsend" | "mq_timedreceive",
            ) => first.into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// Reads the descriptors from an array of `struct pollfd` in a process's memory.
fn polled(pid: u32, place: u64, count: u64) -> Option<Vec<u32>> {
    let count = usize::try_from(count).ok()?.min(MOST_POLLED);
    let mut bytes = vec![0; count * POLLFD];
    let memory = File::open(proc(pid, "mem")).ok()?;
    memory.read_exact_at(&mut bytes, place).ok()?;
    let number = |entry: &[u8]| {
        let number = entry.first_chunk().copied().map(i32::from_ne_bytes);
        number.and_then(|number| u32::try_from(number).ok())
    };
    Some(bytes.chunks_exact(POLLFD).filter_map(number).collect())
}

/// Returns the name of a system call that may wait for long. Numbers differ between processors.
fn name(number: libc::c_long) -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    let old = [
        (libc::SYS_poll, "poll"),
        (libc::SYS_select, "select"),
        (libc::SYS_epoll_wait, "epoll_wait"),
        (libc::SYS_pause, "pause"),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let old: [(libc::c_long, &str); 0] = [];
    let everywhere = [
        (libc::SYS_read, "read"),
        (libc::SYS_readv, "readv"),
        (libc::SYS_write, "write"),
        (libc::SYS_writev, "writev"),
        (libc::SYS_recvfrom, "recvfrom"),
        (libc::SYS_recvmsg, "recvmsg"),
        (libc::SYS_sendto, "sendto"),
        (libc::SYS_sendmsg, "sendmsg"),
        (libc::SYS_connect, "connect"),
        (libc::SYS_accept, "accept"),
        (libc::SYS_accept4, "accept4"),
        (libc::SYS_ppoll, "ppoll"),
        (libc::SYS_pselect6, "pselect6"),
        (libc::SYS_epoll_pwait, "epoll_pwait"),
        (libc::SYS_futex, "futex"),
        (libc::SYS_wait4, "wait4"),
        (libc::SYS_waitid, "waitid"),
        (libc::SYS_nanosleep, "nanosleep"),
        (libc::SYS_clock_nanosleep, "clock_nanosleep"),
        (libc::SYS_flock, "flock"),
        (libc::SYS_fcntl, "fcntl"),
        (libc::SYS_splice, "splice"),
        (libc::SYS_msgrcv, "msgrcv"),
        (libc::SYS_msgsnd, "msgsnd"),
        (libc::SYS_mq_timedreceive, "mq_timedreceive"),
        (libc::SYS_mq_timedsend, "mq_timedsend"),
        (libc::SYS_semop, "semop"),
        (libc::SYS_semtimedop, "semtimedop"),
    ];
    let mut calls = everywhere.into_iter().chain(old);
    calls.find_map(|(call, name)| (call == number).then_some(name))
}

/// A descriptor that a process has open.
struct OpenDescriptor {
    process: ProcessIndex,
    number: u32,
    /// The kernel's name of the open object, which is the same for all processes that share it.
    target: PathBuf,
    object: &'static str,
    /// `true` for writing only, `false` for reading only, `None` for both.
    writes: Option<bool>,
}

impl OpenDescriptor {
    fn of((process, pid): (ProcessIndex, u32)) -> Vec<OpenDescriptor> {
        let open = |number: u32| {
            let link = proc(pid, "fd").join(number.to_string());
            let target = fs::read_link(&link).ok()?;
            let object = object(&link, &target)?;
            let info = fs::read_to_string(proc(pid, "fdinfo").join(number.to_string()));
            Some(OpenDescriptor {
                process,
                number,
                target,
                object,
                writes: info.ok().as_deref().and_then(writes),
            })
        };
        let numbers = numbers(&proc(pid, "fd")).into_iter();
        numbers.filter_map(open).collect()
    }

    /// Describes the descriptor. For a pipe, adds the processes that have its other end: writers for
    /// a reader, readers for a writer. The kernel doesn't report here which sockets are connected.
    fn described(&self, all: &[OpenDescriptor]) -> Descriptor {
        let facing = self.writes.map(|writes| {
            let faces = |other: &&OpenDescriptor| {
                other.target == self.target && other.writes == Some(!writes)
            };
            let mut facing: Vec<ProcessIndex> = all
                .iter()
                .filter(faces)
                .map(|other| other.process)
                .collect();
            facing.dedup();
            facing
        });
        let is_pipe = matches!(self.object, "a pipe" | "a FIFO");
        Descriptor {
            number: self.number,
            object: self.object.to_owned(),
            facing: facing.filter(|_| is_pipe),
        }
    }
}

/// Returns the sort of object that a descriptor is open on. Names in the file system aren't shown,
/// since they mean little to the reader of a report.
fn object(link: &Path, target: &Path) -> Option<&'static str> {
    let target = target.to_str()?;
    let word = match target.split_once(':') {
        Some(("pipe", _)) => "a pipe",
        Some(("socket", _)) => "a socket",
        Some(("anon_inode", what)) => match what.trim_matches(['[', ']']) {
            "eventpoll" => "an epoll instance",
            "eventfd" => "an eventfd",
            _ => "an anonymous inode",
        },
        _ if fs::metadata(link).is_ok_and(|data| data.file_type().is_fifo()) => "a FIFO",
        _ => "a file",
    };
    Some(word)
}

/// Parses the octal flags in `/proc/PID/fdinfo/N`, whose last two bits are the access mode.
fn writes(info: &str) -> Option<bool> {
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
    match u32::from_str_radix(flags.trim(), 8).ok()? & 3 {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// Returns the entries of a folder that are numbers, sorted.
fn numbers(folder: &Path) -> Vec<u32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut numbers: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
}

fn proc(pid: u32, entry: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{entry}"))
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use rstest::rstest;

    use super::*;

    /// Waits until the child waits for something, and returns what is seen of it.
    fn views_of(child: &Child) -> Vec<KernelView> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let mut views = views(&[(0, child.id()), (1, std::process::id())]);
            views.retain(|view| view.process == 0 && !view.on.is_empty());
            if !views.is_empty() || Instant::now() > deadline {
                return views;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_view_of_a_read_names_the_descriptor_and_the_writing_process() {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let views = views_of(&child);
        child.kill().unwrap();
        child.wait().unwrap();
        let [view] = &views[..] else {
            panic!("{views:?}");
        };
        assert_eq!(view.to_string(), "in read(2) on fd 0, a pipe");
        assert_eq!(view.thread, Some(0));
        assert_eq!(view.on[0].facing, Some(vec![1]));
    }

    #[test]
    fn an_exited_process_has_no_views() {
        let mut child = Command::new("true").stdin(Stdio::null()).spawn().unwrap();
        child.wait().unwrap();
        assert_eq!(views(&[(0, child.id())]), []);
    }

    #[rstest]
    #[case::reads("pos:\t0\nflags:\t0100000\nmnt_id:\t15\n", Some(false))]
    #[case::writes("pos:\t0\nflags:\t02000001\n", Some(true))]
    #[case::both("flags:\t02\n", None)]
    #[case::nothing("pos:\t0\n", None)]
    fn flags_tell_the_access_mode(#[case] info: &str, #[case] expected: Option<bool>) {
        assert_eq!(writes(info), expected);
    }
}
