//! After harnesses were killed, nothing is left of process, file, queue, shared memory or name.
//!
//! Each test runs in namespaces of its own, so that all it counts is its own: the first process there
//! starts harnesses, kills them and counts.

mod census;
mod deed;
mod rounds;

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Failed, Trial};
use rustix::process::geteuid;
use tempfile::TempDir;

use crate::shortage::PROGRAM;
use crate::shortage::linux::copy;
use deed::Deed;

/// Runs the first process of a namespace if the arguments ask for it.
pub(crate) fn of_this_process() -> Option<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [role, deed, times] = arguments.as_slice() else {
        return None;
    };
    let deed = deed::ALL.iter().find(|one| one.name == deed)?;
    (role == "leftovers").then(|| rounds::run(deed, times.parse().expect("a number")))
}

/// Returns the tests of this file: each with a few kills, and, ignored, with many. All are ignored if
/// the kernel allows no namespaces.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let allowed = unshared().arg("true").stderr(Stdio::null()).status();
    let allowed = allowed.is_ok_and(|status| status.success());
    deed::ALL.iter().flat_map(move |deed| {
        let [few, many] = deed.times;
        let trial =
            |name: String, times| Trial::test(name, move || assert_nothing_left(deed, times));
        let name = deed.name;
        [
            trial(format!("leftovers::a_few_{name}_leave_nothing"), few)
                .with_ignored_flag(!allowed),
            trial(format!("leftovers::many_{name}_leave_nothing"), many).with_ignored_flag(true),
        ]
    })
}

/// Returns a command that runs another one as the first process of new namespaces.
fn unshared() -> Command {
    let mut command = Command::new("unshare");
    if !geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args([
        "--mount",
        "--ipc",
        "--net",
        "--pid",
        "--fork",
        "--mount-proc",
    ]);
    command.stdin(Stdio::null());
    command
}

const MOUNTS: &str = "
    mount -t tmpfs tmpfs /dev/shm && mount -t tmpfs -o mode=1777 tmpfs \"$TMPDIR\" || exit 1
    mkdir -p /dev/mqueue; mount -t mqueue mqueue /dev/mqueue
    exec \"$@\"";

fn assert_nothing_left(deed: &Deed, times: u32) -> Result<(), Failed> {
    let folder = TempDir::new()?;
    let place = folder.path();
    fs::set_permissions(place, Permissions::from_mode(0o755))?;
    let temporary = place.join("tmp");
    fs::create_dir(&temporary)?;
    // Another user may be unable to read this crate's folder. References have no divergences.
    copy(Path::new("cases"), &place.join("cases"));
    copy(Path::new("golden"), &place.join("golden"));
    copy(
        Path::new("harness/adapters"),
        &place.join("harness/adapters"),
    );
    let program = place.join("ipc-conformance");
    fs::copy(PROGRAM, &program)?;
    let output = unshared()
        .args(["sh", "-c", MOUNTS, "sh"])
        .arg(env::current_exe()?)
        .args(["leftovers", deed.name, &times.to_string()])
        .env("TMPDIR", &temporary)
        .env_remove("IPC_CONFORMANCE_ROOT")
        .current_dir(place)
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&said).into_owned().into())
}
