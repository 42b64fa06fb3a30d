//! Shortages that need another user or a mount of their own.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use rustix::process::geteuid;
use tempfile::TempDir;

use super::{PROGRAM, Ran, SOME, scripted};
use crate::named::{self, Named};

/// Tests that need nothing.
const TESTS: &[Named] = &[
    (
        "a_report_that_cant_be_written_is_named",
        a_report_that_cant_be_written_is_named,
    ),
    (
        "odd_places_are_named_or_left_out",
        odd_places_are_named_or_left_out,
    ),
    (
        "few_processes_charge_no_library",
        few_processes_charge_no_library,
    ),
];

/// Tests that need a namespace.
const IN_NAMESPACES: &[Named] = &[
    (
        "a_full_folder_charges_no_library",
        a_full_folder_charges_no_library,
    ),
    (
        "a_folder_without_inodes_is_told_at_the_start",
        a_folder_without_inodes_is_told_at_the_start,
    ),
    (
        "a_folder_with_few_inodes_charges_no_library",
        a_folder_with_few_inodes_charges_no_library,
    ),
];

/// Returns the tests of this file. Those that need a namespace are ignored if the kernel allows none.
pub(super) fn trials() -> impl Iterator<Item = Trial> {
    let allowed = allows_namespaces();
    let of_kernel = IN_NAMESPACES.iter().map(move |&(name, test)| {
        if allowed {
            return named::trial("shortage", &(name, test));
        }
        let name = format!("shortage::{name} (the kernel allows no namespaces)");
        Trial::test(name, || Ok(())).with_ignored_flag(true)
    });
    let tests = TESTS.iter().map(|test| named::trial("shortage", test));
    tests.chain(of_kernel)
}

/// The words that run a command with mounts of its own.
fn unshared() -> &'static str {
    if geteuid().is_root() {
        "unshare -m"
    } else {
        "unshare -Urm"
    }
}

fn allows_namespaces() -> bool {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{} mount -t tmpfs tmpfs /mnt", unshared())])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs some trials with a folder for temporary files that is a mount of its own. `prepare` is a script
/// that runs in it before.
fn in_a_mount(options: &str, prepare: &str) -> Ran {
    let folder = TempDir::new().expect("a temporary folder can be created");
    let inside = format!(
        "mount -t tmpfs -o {options} tmpfs \"$TMPDIR\" && (cd \"$TMPDIR\" && {prepare}); exec \"$@\""
    );
    let script = format!("exec {} sh -c '{inside}' sh \"$@\"", unshared());
    Ran::of(scripted(&script).env("TMPDIR", folder.path()).args(SOME))
}

fn a_full_folder_charges_no_library() {
    let ran = in_a_mount("size=64k", "dd if=/dev/zero of=fill bs=4k 2>/dev/null");
    ran.lacks();
}

/// Makes files until there is no inode left.
const NO_INODES: &str = "i=0; while : >$i; do i=$((i+1)); done 2>/dev/null";

fn a_folder_without_inodes_is_told_at_the_start() {
    let ran = in_a_mount("nr_inodes=8", NO_INODES);
    assert_eq!(ran.code, Some(70), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("ran out of room for files"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout, b"");
}

fn a_folder_with_few_inodes_charges_no_library() {
    // The harness's own folder needs four of them.
    let ran = in_a_mount("nr_inodes=5", ":");
    let lacks = ran.lacks();
    assert!(
        lacks.iter().any(|why| why.contains("room for files")),
        "{lacks:?}"
    );
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
}

fn a_report_that_cant_be_written_is_named() {
    for option in ["--log=/dev/full", "--junit=/dev/full"] {
        let ran = Ran::of(scripted("exec \"$@\"").args([option, "pipe/chain"]));
        assert_eq!(ran.code, Some(70), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("can't write /dev/full"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.lacks(), [""; 0], "the other report is whole");
    }
}

/// A path that isn't UTF-8, another user's folder in the place of the harness's, and named pipes and
/// folders in the place of files.
fn odd_places_are_named_or_left_out() {
    let folder = TempDir::new().expect("a temporary folder can be created");
    let odd = folder.path().join(OsStr::from_bytes(b"odd-\xff"));
    let program = odd.join("program");
    fs::create_dir(&odd).expect("a new folder is writable");
    fs::copy(PROGRAM, &program).expect("there is room for the program");
    let run = |script: &str, temporary: &Path, trials: &[&str]| {
        let mut command = scripted(script);
        command
            .env("TMPDIR", temporary)
            .env("ODD", &program)
            .args(trials);
        Ran::of(&mut command)
    };
    let not_utf8 = run("shift; exec \"$ODD\" \"$@\"", &odd, &SOME);
    assert_eq!(not_utf8.lacks(), [""; 0]);
    assert_eq!(not_utf8.code, Some(0), "{}", not_utf8.stderr);

    let root = format!("ipc-conformance-{}", geteuid().as_raw());
    let root = folder.path().join(root);
    // A file is no folder of this user either.
    fs::write(&root, "").expect("the folder is ours");
    let foreign = run("exec \"$@\"", folder.path(), &["pipe/chain"]);
    assert_eq!(foreign.code, Some(0), "{}", foreign.stderr);
    fs::remove_file(&root).expect("the file is ours");

    fs::create_dir(&root).expect("the folder is ours");
    let mut make = Command::new("mkfifo");
    make.args([root.join("x.lock"), folder.path().join("case.toml")]);
    assert!(make.status().expect("the system has mkfifo").success());
    let piped = run("exec \"$@\"", folder.path(), &["pipe/chain"]);
    assert_eq!(piped.code, Some(0), "{}", piped.stderr);
    for (file, what) in [("case.toml", "it isn't a file"), (".", "it is a folder")] {
        let file = folder.path().join(file);
        let file = format!("--file={}", file.display());
        let odd = run("exec \"$@\"", folder.path(), &[&file]);
        assert_eq!(odd.code, Some(2), "{}", odd.stderr);
        assert!(odd.stderr.contains(what), "{}", odd.stderr);
    }
}

const REFERENCES: [&str; 4] = [
    "--backend=pipe:std/pipe",
    "--backend=queue:broker",
    "--backend=endpoint:std/unix-socket",
    "--backend=process:os/process",
];

/// The superuser may start any number of processes, so its test runs as another user; one that isn't
/// the superuser has a namespace in which only the test's processes count.
fn few_processes_charge_no_library() {
    let folder = TempDir::new().expect("a temporary folder can be created");
    let open = |path: &Path| fs::set_permissions(path, Permissions::from_mode(0o777));
    open(folder.path()).expect("the folder is ours");
    let ran = if geteuid().is_root() {
        // The other user may be unable to read this crate's folder.
        let program = folder.path().join("program");
        fs::copy(PROGRAM, &program).expect("there is room for the program");
        copy(Path::new("cases"), &folder.path().join("cases"));
        copy(Path::new("golden"), &folder.path().join("golden"));
        // They are about adapters that aren't copied. References have none.
        fs::remove_dir_all(folder.path().join("golden").join("divergences"))
            .expect("the copy is ours");
        let script = "shift; cd \"$TMPDIR\" && \
                      exec prlimit --nproc=30 setpriv --reuid=65533 --regid=65533 --clear-groups ./program \"$@\"";
        Ran::of(
            scripted(script)
                .env("TMPDIR", folder.path())
                .args(REFERENCES)
                .args(SOME),
        )
    } else {
        let script = "exec unshare -U prlimit --nproc=30 \"$@\"";
        Ran::of(
            scripted(script)
                .env("TMPDIR", folder.path())
                .args(REFERENCES)
                .args(SOME),
        )
    };
    ran.lacks();
    assert!(
        matches!(ran.code, Some(0 | 3)),
        "{:?} {}",
        ran.code,
        ran.stderr
    );
}

/// Copies a folder of this crate.
pub(crate) fn copy(from: &Path, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(from);
    fs::create_dir_all(to).expect("the new folder is writable");
    for entry in fs::read_dir(from).expect("the crate has this folder") {
        let entry = entry.expect("the folder can be read");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("the new folder is writable");
        }
    }
}
