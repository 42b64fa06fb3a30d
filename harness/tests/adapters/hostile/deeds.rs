//! What hostile adapters do to the system, beside what they say.

use std::env;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use rustix::process::{Pid, Signal, getpid, kill_process, kill_process_group};

use super::{alive, living, ready, say};

/// Does what this manner does before it introduces itself, if anything.
pub(super) fn before_ready(manner: &str) {
    match manner {
        "exits-at-birth" => process::exit(0),
        "becomes-another-program" => {
            let error = Command::new("cat").exec();
            panic!("there is no `cat`: {error}");
        }
        "floods-at-birth" => {
            let line = " ".repeat(1 << 20) + &ready("0.10");
            (0..1024).for_each(|_| say(&line));
        }
        "hosts-a-line-full" => {
            let (start, rest) = READY.split_once("BACKENDS").expect("it is in there");
            say(&format!("{start}{}{rest}", repeated(BACKEND, 4 << 20)));
        }
        _ => {}
    }
}

const READY: &str =
    r#"{"ready":{"version":"0.10","name":"hostile","about":"none","backends":[BACKENDS]}}"#;
const BACKEND: &str = r#"{"kind":"queue","name":"","about":"","capabilities":{"native":[],"composed":[],"largest-message":null,"largest-capacity":null}}"#;

/// Returns this text as often as it fits, with commas between.
fn repeated(one: &str, length: usize) -> String {
    vec![one; length / (one.len() + 1)].join(",")
}

/// Does what this manner does in a run.
pub(super) fn in_run(manner: &str) {
    match manner {
        "stops-itself" => signal_self(Signal::STOP),
        "kills-itself" => signal_self(Signal::KILL),
        "crashes" => process::abort(),
        "stops-its-processes" => {
            let pid = living();
            alive(0, pid);
            alive(1, living());
            signal(pid, Signal::STOP);
            signal_self(Signal::STOP);
        }
        "kills-its-group" => {
            // The harness isn't in it.
            let _ = kill_process_group(getpid(), Signal::KILL);
        }
        "kills-a-process-and-denies-it" => {
            let pid = living();
            alive(0, pid);
            alive(1, living());
            signal(pid, Signal::KILL);
        }
        "exits-in-a-line" => {
            let mut stdout = io::stdout();
            let _ = stdout.write_all(br#"{"alive":{"run":1,"#);
            let _ = stdout.flush();
            process::exit(0);
        }
        "invalid-utf-8" => {
            let mut stdout = io::stdout();
            let _ = stdout.write_all(b"{\"failed\":{\"run\":1,\"why\":\"\xff\xfe\"}}\n");
            let _ = stdout.flush();
        }
        "nested-deep" => say(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
        "asks-at-length" => {
            both_alive();
            let steps = repeated("1", 8 << 20);
            say(&format!(
                r#"{{"ask":{{"run":1,"process":0,"what":{{"await":{{"done":[{steps}]}}}}}}}}"#
            ));
        }
        "fills-stderr" => {
            let megabyte = vec![b'x'; 1 << 20];
            let mut stderr = io::stderr();
            for _ in 0..256 {
                let _ = stderr.write_all(&megabyte);
            }
            process::exit(3);
        }
        "nasty-stderr" => {
            let _ = io::stderr().write_all(crate::adapters::hostility::NASTY.as_bytes());
            process::exit(3);
        }
        "closes-everything" => {
            let nowhere = File::open("/dev/null").expect("every Unix has it");
            rustix::stdio::dup2_stdin(&nowhere).expect("it is open");
            rustix::stdio::dup2_stdout(&nowhere).expect("it is open");
            rustix::stdio::dup2_stderr(&nowhere).expect("it is open");
        }
        "leaves-a-child-with-its-output" => {
            shell("sleep 3600 &", Stdio::inherit());
            process::exit(3);
        }
        "leaves-a-session-with-its-output" => {
            shell("setsid sleep 3600 &", Stdio::inherit());
            process::exit(3);
        }
        "leaves-a-session-without-environment" => {
            shell("env -i setsid sleep 3600 >/dev/null 2>&1 &", Stdio::null());
            process::exit(3);
        }
        "leaves-many-that-ignore-signals" => {
            let ignores = "trap '' TERM INT HUP PIPE; setsid sleep 3600 >/dev/null 2>&1 &";
            shell(
                &format!("for i in $(seq 50); do {ignores} done"),
                Stdio::null(),
            );
            process::exit(3);
        }
        "goes-on-forking" => {
            // Each process starts the next one, and exits.
            let script = r#"echo 'sleep 0.01; setsid sh "$0" &' > "$TMPDIR/next"; sh "$TMPDIR/next" >/dev/null 2>&1 &"#;
            shell(script, Stdio::null());
            process::exit(3);
        }
        "ignores-signals" => {
            let script = r#"trap '' TERM INT HUP; while :; do sleep 1; done"#;
            let mut shell = Command::new("sh");
            let error = shell.args(["-c", script]).exec();
            panic!("there is no shell: {error}");
        }
        "locks-its-folder" => {
            let folder = temporary().join("locked");
            fs::create_dir(&folder).expect("the folder is writable");
            File::create(folder.join("file")).expect("the folder is writable");
            fs::set_permissions(&folder, Permissions::from_mode(0o0)).expect("it is ours");
            fs::set_permissions(temporary(), Permissions::from_mode(0o0)).expect("it is ours");
            process::exit(3);
        }
        "replaces-its-folder" => {
            let away = temporary().with_extension("away");
            fs::rename(temporary(), &away).expect("the folder above is writable");
            symlink("/etc", temporary()).expect("the folder above is writable");
            process::exit(3);
        }
        "removes-its-folder" => {
            fs::remove_dir_all(temporary()).expect("it is ours");
            process::exit(3);
        }
        "fills-its-folder" => {
            let mut folder = temporary();
            for depth in 0..100 {
                folder.push("d".repeat(20));
                if fs::create_dir(&folder).is_err() {
                    break;
                }
                let _ = File::create(folder.join(format!("file-{depth}")));
            }
            for number in 0..5_000 {
                let _ = File::create(temporary().join(number.to_string()));
            }
            process::exit(3);
        }
        "leaves-odd-files" => {
            shell(
                r#"cd "$TMPDIR" && mkfifo pipe && ln -s / root && ln -s nowhere dangling && mkfifo ../x.lock"#,
                Stdio::null(),
            );
            process::exit(3);
        }
        other => panic!("there is no manner {other}"),
    }
}

fn both_alive() {
    alive(0, living());
    alive(1, living());
}

fn temporary() -> PathBuf {
    // Nothing of the test's own is at risk if the harness gave the adapter no folder of its own.
    let folder = env::temp_dir();
    assert!(folder.parent() != Some(Path::new("/")), "{folder:?}");
    folder
}

fn shell(script: &str, stdio: Stdio) {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script])
        .stdin(Stdio::null())
        .stdout(stdio);
    shell.status().expect("there is a shell");
}

fn signal_self(what: Signal) {
    signal(process::id(), what);
}

fn signal(pid: u32, what: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    kill_process(pid.expect("it is a pid"), what).expect("it is ours");
}
