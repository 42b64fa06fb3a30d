//! `init` writes a stub, and the first run of it shows the bug of its toy library.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use ipc_conformance::internals::{Event, Verdict, json};
use rstest::rstest;
use tempfile::TempDir;

fn ipc_conformance<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program was built for this test")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn init(language: &str, folder: &Path) -> Output {
    ipc_conformance(&["init".as_ref(), language.as_ref(), folder.as_os_str()])
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    let version = command.arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// One promise is broken, and everything else holds.
#[rstest]
#[case::python("python", "python3", "adapter.py")]
#[case::node("node", "node", "adapter.mjs")]
fn the_first_run_of_a_stub_shows_one_red_row(
    #[case] language: &str,
    #[case] interpreter: &str,
    #[case] file: &str,
) {
    // Their processes inherit descriptors, or meet at a Unix socket.
    if cfg!(windows) || !is_there(interpreter) {
        return;
    }
    let parent = TempDir::new().expect("a temporary folder can be created");
    let folder = parent.path().join("mine");
    let wrote = init(language, &folder);
    assert_eq!(wrote.status.code(), Some(0), "{}", text(&wrote.stderr));
    let adapter = format!("{interpreter} {}", folder.join(file).display());
    let next = text(&wrote.stdout);
    assert!(
        next.contains(&format!("run --adapter '{adapter}'")),
        "{next}"
    );

    let checked = ipc_conformance(&["adapter", "check", &adapter]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));

    let ran = ipc_conformance(&[
        "run",
        "--format=json",
        "--adapter",
        &adapter,
        "seed/",
        "pipe/closed-end",
    ]);
    let events = json::read(ran.stdout.as_slice()).expect("the log is complete");
    let reports: Vec<_> = events.into_iter().filter_map(Event::into_report).collect();
    let fails = reports.iter().filter(|one| one.verdict == Verdict::Fail);
    let fails: Vec<String> = fails.map(|one| one.name.case.to_string()).collect();
    assert_eq!(fails, ["pipe/closed-end"]);
    assert!(reports.iter().any(|one| one.verdict == Verdict::Pass));
}

#[rstest]
#[case::rust("rust", "Cargo.toml")]
#[case::python("python", "ipc_conformance_kit.py")]
#[case::node("node", "ipc-conformance-kit.mjs")]
fn a_stub_has_all_its_files(#[case] language: &str, #[case] file: &str) {
    let folder = TempDir::new().expect("a temporary folder can be created");
    let wrote = init(language, folder.path());
    assert_eq!(wrote.status.code(), Some(0), "{}", text(&wrote.stderr));
    let written = fs::read_to_string(folder.path().join(file)).expect("it was written");
    assert!(!written.contains('@') || language != "rust", "{written}");
    let listed = text(&wrote.stdout);
    assert!(
        listed.contains(&format!("wrote {}", folder.path().join(file).display())),
        "{listed}"
    );
}

#[test]
fn a_folder_that_is_not_empty_stays_as_it_is() {
    let folder = TempDir::new().expect("a temporary folder can be created");
    fs::write(folder.path().join("mine"), "precious").expect("the folder is writable");
    let refused = init("python", folder.path());
    assert_eq!(refused.status.code(), Some(2));
    let why = text(&refused.stderr);
    assert!(why.contains("it isn't empty: name a new folder"), "{why}");
    let files = fs::read_dir(folder.path()).expect("the folder is there");
    assert_eq!(files.count(), 1);
}

#[test]
fn a_file_is_no_folder_for_a_stub() {
    let folder = TempDir::new().expect("a temporary folder can be created");
    let file = folder.path().join("mine");
    fs::write(&file, "precious").expect("the folder is writable");
    let refused = init("node", &file);
    assert_eq!(refused.status.code(), Some(2));
    let why = text(&refused.stderr);
    assert!(why.contains("name a new folder"), "{why}");
}

#[test]
fn an_unknown_language_is_an_error_that_names_the_others() {
    let refused = init("cobol", Path::new("mine"));
    assert_eq!(refused.status.code(), Some(2));
    let why = text(&refused.stderr);
    for language in ["rust", "python", "node"] {
        assert!(why.contains(language), "{why}");
    }
}
