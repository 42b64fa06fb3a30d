//! What there is in the namespaces of this process.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything that outlives a process unless something removes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Census {
    /// The command lines of all other processes.
    processes: Vec<String>,
    /// The files in the folder for temporary files, at any depth, and shared memory by name.
    files: BTreeSet<PathBuf>,
    /// The queues, semaphores and shared memory of System V.
    numbered: Vec<String>,
    /// The abstract names of sockets.
    names: BTreeSet<String>,
}

impl Census {
    pub(super) fn take() -> Census {
        let mut files = BTreeSet::new();
        for folder in [
            std::env::temp_dir(),
            "/dev/shm".into(),
            "/dev/mqueue".into(),
        ] {
            add_files(&folder, &mut files);
        }
        let kinds = ["msg", "sem", "shm"];
        let numbered = kinds.iter().flat_map(|kind| {
            let all = read(&format!("/proc/sysvipc/{kind}"));
            let lines = all.lines().skip(1);
            lines
                .map(|line| format!("{kind} {}", line.trim()))
                .collect::<Vec<_>>()
        });
        let sockets = read("/proc/net/unix");
        let paths = sockets
            .lines()
            .filter_map(|line| line.split(' ').next_back());
        Census {
            processes: processes(),
            files,
            numbered: numbered.collect(),
            names: paths
                .filter(|path| path.starts_with('@'))
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// Returns the command lines of all processes but this one.
fn processes() -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let others = pids.filter(|pid: &u32| *pid != std::process::id());
    others
        .map(|pid| {
            let words = read(&format!("/proc/{pid}/cmdline")).replace('\0', " ");
            format!("{pid} {words}")
        })
        .collect()
}

fn add_files(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            add_files(&entry.path(), files);
        }
        files.insert(entry.path());
    }
}

fn read(file: &str) -> String {
    let bytes = fs::read(file).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
