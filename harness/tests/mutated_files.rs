//! A file with one change is accepted or refused: the program doesn't panic, abort or hang, and needs less
//! than a gigabyte.
//!
//! `cargo test` tries a few hundred files. To try more: `IPC_CONFORMANCE_MUTATED=20000 cargo test --test
//! harness mutated_files` tries so many cases, and a quarter of it of each other kind of file.

mod mutation;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use tempfile::TempDir;

use mutation::mutated;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// How many cases `cargo test` tries.
const CASES: u64 = 120;

/// How many files one process reads, if its command takes several.
const AT_ONCE: usize = 20;

/// How long one process may take.
const LIMIT: Duration = Duration::from_secs(120);

/// How much memory a process may have, in KiB.
const MEMORY: u64 = 1 << 20;

/// Returns how many files of this kind to try: so many, or in proportion if the user asks for more.
fn count(share: u64) -> u64 {
    let cases = match std::env::var("IPC_CONFORMANCE_MUTATED") {
        Ok(number) => number
            .parse()
            .expect("IPC_CONFORMANCE_MUTATED is a number of files"),
        Err(_) => CASES,
    };
    cases / share
}

/// Returns all files below a folder with this extension, with their texts.
fn valid(folder: &str, extension: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![Path::new(PACKAGE).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it is in the package") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|one| one == extension) {
                texts.push(fs::read_to_string(path).expect("it is a text"));
            }
        }
    }
    texts.sort();
    assert!(!texts.is_empty());
    texts
}

/// Runs the program with these arguments, with little memory.
fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_ipc-conformance");
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        let script = format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"");
        shell.args(["-c", &script, program]);
        shell
    } else {
        Command::new(program)
    };
    command.args(arguments).current_dir(PACKAGE);
    command
        .env_remove("IPC_CONFORMANCE_ROOT")
        .env("RUST_BACKTRACE", "0");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command
        .spawn()
        .expect("the program was built for this test");
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let output = ended.recv_timeout(LIMIT);
    let output = output.unwrap_or_else(|_| panic!("{arguments:?} hangs"));
    output.expect("its output can be read")
}

/// Returns what is wrong with how the program ended, if anything.
fn wrong(output: &Output, allowed: &[i32]) -> Option<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let is_right = output
        .status
        .code()
        .is_some_and(|code| allowed.contains(&code));
    let is_long = said.len() > 16 << 20;
    (!is_right || is_long || said.contains("panicked")).then(|| {
        let shown: String = said.chars().take(2_000).collect();
        format!("{:?}, {} bytes: {shown}", output.status, said.len())
    })
}

/// Tries files with one change. `place` is where to write a file, and `arguments` read these files.
fn try_files(
    texts: &[String],
    files: u64,
    at_once: usize,
    allowed: &[i32],
    place: &dyn Fn(usize) -> PathBuf,
    arguments: &dyn Fn(&[String]) -> Vec<String>,
) {
    let seeds: Vec<u64> = (0..files).collect();
    let run_on = |seeds: &[u64]| {
        let write = |(number, seed): (usize, &u64)| {
            let mut rng = Rng::with_seed(*seed);
            let text = &texts[rng.usize(0..texts.len())];
            let file = place(number);
            fs::write(&file, mutated(text, &mut rng)).expect("the folder is writable");
            file.display().to_string()
        };
        let files: Vec<String> = seeds.iter().enumerate().map(write).collect();
        let arguments = arguments(&files);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        (wrong(&run(&arguments), allowed), files)
    };
    for seeds in seeds.chunks(at_once) {
        if run_on(seeds).0.is_none() {
            continue;
        }
        // One of them is the reason.
        for seed in seeds {
            if let (Some(wrong), files) = run_on(&[*seed]) {
                let text = fs::read(&files[0]).unwrap_or_default();
                let text: String = String::from_utf8_lossy(&text).chars().take(5_000).collect();
                panic!("seed {seed}: {wrong}\n{text}");
            }
        }
        panic!("the files of the seeds {seeds:?} together are refused otherwise than each alone");
    }
}

/// Tries files that are read as a part of a root folder.
fn try_in_root(root: &Path, file: &str, texts: &[String], allowed: &[i32], command: &[&str]) {
    let file = root.join(file);
    fs::create_dir_all(file.parent().expect("it is in the root")).expect("the root is writable");
    let root = root.display().to_string();
    try_files(texts, count(4), 1, allowed, &|_| file.clone(), &|_| {
        let words = ["--root", root.as_str()]
            .into_iter()
            .chain(command.iter().copied());
        words.map(str::to_owned).collect()
    });
}

/// Returns a root folder with these files of the package.
fn root(files: &[&str]) -> TempDir {
    let root = TempDir::new().expect("a temporary folder can be made");
    for file in files {
        let to = root.path().join(file);
        fs::create_dir_all(to.parent().expect("it is in the root")).expect("the root is writable");
        fs::copy(Path::new(PACKAGE).join(file), to).expect("it is in the package");
    }
    root
}

fn in_folder(folder: &TempDir, extension: &str) -> impl Fn(usize) -> PathBuf {
    let folder = folder.path().to_owned();
    let extension = extension.to_owned();
    move |number| folder.join(format!("f{number}.{extension}"))
}

fn words(first: &[&str], files: &[String]) -> Vec<String> {
    let first = first.iter().map(|word| (*word).to_owned());
    first.chain(files.iter().cloned()).collect()
}

#[test]
fn a_changed_case_is_accepted_or_refused() {
    let folder = root(&[]);
    let place = in_folder(&folder, "toml");
    try_files(
        &valid("cases", "toml"),
        count(1),
        AT_ONCE,
        &[0, 2],
        &place,
        &|files| words(&["check"], files),
    );
}

/// A history that can be read has any verdict.
#[test]
fn a_changed_history_is_judged_or_refused() {
    let history = |seed: u64| {
        let seed = format!("--seed={seed}");
        let output = run(&["history", "generate", "--operations=60", &seed]);
        String::from_utf8(output.stdout).expect("it is JSON")
    };
    let texts: Vec<String> = (0..8).map(history).collect();
    assert!(
        texts.iter().all(|text| text.lines().count() > 9),
        "{texts:?}"
    );
    let folder = root(&[]);
    let place = in_folder(&folder, "jsonl");
    try_files(&texts, count(4), AT_ONCE, &[0, 1, 2, 3], &place, &|files| {
        words(&["judge"], files)
    });
}

#[test]
fn a_changed_event_log_is_compared_or_refused() {
    let folder = root(&[]);
    let log = folder.path().join("valid.jsonl").display().to_string();
    let option = format!("--log={log}");
    run(&[
        "run",
        "seed/",
        "pipe/end-of",
        "--backend=pipe:std/pipe~lost",
        "--backend=queue:broker",
        &option,
    ]);
    let text = fs::read_to_string(&log).expect("a run writes its log");
    assert!(text.lines().count() > 5, "{text}");
    let old = include_str!("logs/version-1.jsonl").to_owned();
    let place = in_folder(&folder, "jsonl");
    try_files(&[text, old], count(4), 1, &[0, 2], &place, &|files| {
        words(&["compare", &log], files)
    });
}

/// One that is out of date has a code of its own.
#[test]
fn a_changed_list_of_divergences_is_accepted_or_refused() {
    let root = root(&["cases/clauses.toml", "cases/pipe/unread-data-at-close.toml"]);
    let text = include_str!("../../golden/divergences/unix-sockets.toml").to_owned();
    try_in_root(
        root.path(),
        "golden/divergences/it.toml",
        &[text],
        &[0, 1, 2],
        &["check"],
    );
}

#[test]
fn a_changed_golden_is_accepted_or_refused() {
    let root = root(&["cases/clauses.toml", "cases/seed/isolation.toml"]);
    let golden = "golden/seed/isolation.snap";
    let text = fs::read_to_string(Path::new(PACKAGE).join(golden)).expect("it is in the package");
    try_in_root(root.path(), golden, &[text], &[0, 2], &["check"]);
}

#[test]
fn a_changed_list_of_clauses_is_accepted_or_refused() {
    let root = root(&["cases/seed/queue.toml"]);
    let text = include_str!("../../cases/clauses.toml").to_owned();
    try_in_root(
        root.path(),
        "cases/clauses.toml",
        &[text],
        &[0, 2],
        &["check"],
    );
}

/// No backend has the name that the command asks for, so no adapter is started.
#[test]
fn a_changed_description_of_an_adapter_is_accepted_or_refused() {
    let root = root(&["cases/clauses.toml", "cases/seed/queue.toml"]);
    let text = include_str!("../adapters/python-multiprocessing/adapter.toml").to_owned();
    let file = "harness/adapters/it/adapter.toml";
    try_in_root(
        root.path(),
        file,
        &[text],
        &[2, 4],
        &["run", "--backend=none of them"],
    );
}
