//! What an adapter may leave behind when it is killed.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

/// Makes a folder for temporary files, and a process in a session of its own, without any environment,
/// without a parent.
pub(crate) fn scatter() {
    let name = format!("scattered-{}", std::process::id());
    fs::create_dir(env::temp_dir().join(name)).expect("the folder for temporary files is writable");
    let mut shell = Command::new("sh");
    shell.args(["-c", "env -i setsid sleep 3600 >/dev/null 2>&1 &"]);
    shell.stdin(Stdio::null()).stdout(Stdio::null());
    shell.status().expect("there is a shell");
}
