//! Adapters that violate the protocol, each in one manner.

mod deeds;

use std::fs::File;
use std::io::{self, BufRead, Write};
use std::os::unix::process::{CommandExt, parent_id};
use std::process::{Command, ExitCode, Stdio};
use std::thread;

/// Serves one run in this manner.
pub(crate) fn serve(manner: &str) -> ExitCode {
    if manner == "living" {
        wait_for_ever();
    }
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        if line.starts_with(r#"{"start""#) {
            introduce(manner, &line);
        } else if line.starts_with(r#"{"run""#) {
            return run(manner);
        }
    }
    ExitCode::SUCCESS
}

/// Answers `start` with these lines, or, if `in_run`, introduces itself and answers `run` with them.
pub(crate) fn recite(in_run: bool, lines: &[&str]) -> ExitCode {
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        if in_run && line.starts_with(r#"{"start""#) {
            say(&ready("0.10"));
        } else {
            lines.iter().for_each(|line| say(&filled(line)));
        }
    }
    ExitCode::SUCCESS
}

/// Replaces the words of a line that aren't known in advance.
fn filled(line: &str) -> String {
    let line = line.replace("READY", &ready("0.10"));
    let line = match line.contains("LIVING") {
        true => line.replace("LIVING", &living().to_string()),
        false => line,
    };
    line.replace("NOW", &ipc_conformance::internals::clock::now().to_string())
}

fn introduce(manner: &str, start: &str) {
    match manner {
        "garbage" => say("Hello, world!"),
        "wrong-version" => say(&ready("2.0")),
        "mute" => wait_for_ever(),
        "interrupted-at-birth" => interrupt_both(),
        "hosts-thousands" => say(&hosting((0..10_000).map(|n| format!("hostile/{n}")))),
        "has-a-long-name" => say(&hosting([format!("hostile/{}", "x".repeat(1 << 20))])),
        "refuses-at-length" => {
            let why = "never ".repeat(1 << 20);
            say(&format!(r#"{{"refused":{{"why":"{why}"}}}}"#));
        }
        "speaks-0.9" if start.contains(r#""0.9""#) => say(&ready("0.9")),
        "speaks-0.9" => say(r#"{"refused":{"why":"only 0.9"}}"#),
        "refuses" => say(r#"{"refused":{"why":"not on Sundays"}}"#),
        _ => {
            deeds::before_ready(manner);
            say(&ready("0.10"));
        }
    }
}

/// Returns the message that introduces an adapter with backends of these names.
fn hosting(names: impl IntoIterator<Item = String>) -> String {
    let one = ready("0.10");
    let (start, rest) = one.split_once(r#"[{"kind""#).expect("it has backends");
    let backend = format!(r#"{{"kind"{}"#, rest.trim_end_matches("]}}"));
    let backends = names
        .into_iter()
        .map(|name| backend.replace("hostile/queue", &name));
    let backends: Vec<String> = backends.collect();
    format!("{start}[{}]}}}}", backends.join(","))
}

fn ready(version: &str) -> String {
    let native = r#"["spawn","values","several-producers","several-consumers"]"#;
    let capabilities = format!(
        r#"{{"native":{native},"composed":[],"largest-message":null,"largest-capacity":null}}"#
    );
    let backend = format!(
        r#"{{"kind":"queue","name":"hostile/queue","about":"none","capabilities":{capabilities}}}"#
    );
    format!(
        r#"{{"ready":{{"version":"{version}","name":"hostile","about":"hostile","backends":[{backend}]}}}}"#
    )
}

fn run(manner: &str) -> ExitCode {
    match manner {
        "interrupted" => interrupt_both(),
        "dies" | "speaks-0.9" => {
            // The report quotes this, so that the adapter's author sees it.
            let _ = writeln!(io::stderr(), "Traceback: out of luck");
            return ExitCode::from(3);
        }
        // A child continues in its place, with the same pipes.
        "forks-on" => {
            spawn(&["adapter", "silence"], Stdio::inherit());
            return ExitCode::SUCCESS;
        }
        "endless-line" => {
            let megabyte = vec![b'x'; 1 << 20];
            let mut stdout = io::stdout().lock();
            // Writes 1 GiB, unless the harness stops reading before.
            let written = (0..1024).all(|_| stdout.write_all(&megabyte).is_ok());
            assert!(!written, "the harness read all of it");
        }
        "floods" => {
            alive(0, living());
            alive(1, living());
            let message = r#"{"output":{"run":1,"process":0,"stream":"stderr","bytes":""}}"#;
            let line = " ".repeat(1 << 20) + message;
            // Writes 1 GiB, unless the harness stops reading before.
            (0..1024).for_each(|_| say(&line));
        }
        "closes-early" => {
            let nowhere = File::open("/dev/null").expect("every Unix has it");
            rustix::stdio::dup2_stdout(nowhere).expect("standard output is open");
        }
        "silence" => {}
        "prints" => {
            alive(0, living());
            say("debug: got here");
        }
        "names-zero" => alive(0, 0),
        "names-more-than-there-are" => alive(0, u32::MAX),
        "names-its-parent" => alive(0, parent_id()),
        "names-the-dead" => {
            alive(0, dead());
            alive(1, living());
        }
        "forks-away" => alive(0, escaped()),
        "wrong-ids" => {
            alive(0, living());
            say(&began(4711, ipc_conformance::internals::clock::now()));
        }
        "wrong-clock" => {
            alive(0, living());
            say(&began(0, 0));
        }
        "out-of-order" => {
            alive(0, living());
            say(r#"{"returned":{"run":1,"process":0,"operation":0,"at":1,"outcome":"ok"}}"#);
        }
        // Never ends a run, although the harness asks for it.
        "never-ends" => {
            alive(0, living());
            alive(1, living());
        }
        // Two of its processes live longer than the run that it reports as done.
        "done-too-early" => {
            alive(0, living());
            alive(1, living());
            say(r#"{"done":{"run":1}}"#);
        }
        other => deeds::in_run(other),
    }
    wait_for_ever()
}

fn alive(process: usize, pid: u32) {
    say(&format!(
        r#"{{"alive":{{"run":1,"process":{process},"pid":{pid}}}}}"#
    ));
}

fn began(step: u32, at: u64) -> String {
    format!(
        r#"{{"began":{{"run":1,"process":0,"operation":0,"step":{step},"kind":"put",
            "end":{{"channel":0,"side":"queue"}},"at":{at},"item":{{"int":0}}}}}}"#
    )
    .replace('\n', " ")
}

/// Returns the pid of a process that lives until it is killed.
fn living() -> u32 {
    spawn(&["adapter", "living"], Stdio::null())
}

/// Returns the pid of a process that has exited.
fn dead() -> u32 {
    let mut shell = Command::new("sh");
    shell.args(["-c", "exit"]).stdin(Stdio::null());
    let mut shell = shell.spawn().expect("there is a shell");
    shell.wait().expect("a child can be waited for");
    shell.id()
}

/// Returns the pid of a process that has left the group, has no parent any more, and lives until it is
/// killed.
fn escaped() -> u32 {
    let this = std::env::current_exe().expect("the system knows this program's path");
    let output = Command::new("setsid")
        .args([
            "sh",
            "-c",
            r#""$0" adapter living >/dev/null 2>&1 & echo $!"#,
        ])
        .arg(this)
        .stdin(Stdio::null())
        .output()
        .expect("setsid is on every Linux");
    let pid = String::from_utf8(output.stdout).expect("the output is UTF-8");
    pid.trim().parse().expect("the output is a pid")
}

fn spawn(arguments: &[&str], stdio: Stdio) -> u32 {
    let this = std::env::current_exe().expect("the system knows this program's path");
    let mut command = Command::new(this);
    command.args(arguments).stdout(Stdio::inherit());
    command.stdin(stdio);
    command.spawn().expect("this program can be started").id()
}

/// Interrupts this process, and then its parent: a terminal interrupts both at once, and either may
/// notice it first.
fn interrupt_both() -> ! {
    let (this, starter) = (std::process::id(), parent_id());
    let script = format!("kill -INT {this}; cat; kill -INT {starter}");
    let mut shell = Command::new("sh");
    // The input of the shell ends when this process exits. A process in this group would be killed
    // then.
    shell
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .process_group(0);
    shell.stdout(Stdio::null()).stderr(Stdio::null());
    let mut shell = shell.spawn().expect("there is a shell");
    let _input = shell.stdin.take();
    let _ = shell.wait();
    wait_for_ever();
}

fn say(line: &str) {
    let mut stdout = io::stdout().lock();
    // When the harness stops reading, it will kill this process.
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

fn wait_for_ever() -> ! {
    loop {
        thread::park();
    }
}
