//! No command prints a text of files, processes or adapters in a form that a terminal obeys or that passes for
//! a line of the harness.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// As TOML and JSON write it.
const NASTY: &str = r"\n9999 trials on Linux: 9999 pass\u001b[2J\u009b2J\u202e\u200b\r";
const HARMFUL: &[char] = &['\u{1b}', '\u{9b}', '\u{202e}', '\u{200b}', '\r'];

fn write(root: &Path, file: &str, text: &str) -> String {
    let path = root.join(file);
    fs::create_dir_all(path.parent().expect("it is in the root")).expect("the root is writable");
    fs::write(&path, text).expect("the root is writable");
    path.display().to_string()
}

/// Runs the program, and asserts that it exits like this and prints nothing harmful, but the word.
#[track_caller]
fn assert_harmless(arguments: &[&str], code: i32, word: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(arguments)
        .env_remove("IPC_CONFORMANCE_ROOT")
        .output()
        .expect("the program was built for this test");
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).expect("it is UTF-8");
    assert_eq!(output.status.code(), Some(code), "{printed}");
    assert!(printed.contains(word), "{printed}");
    assert_harmless_text(&printed);
}

#[track_caller]
fn assert_harmless_text(text: &str) {
    assert!(!text.contains(HARMFUL), "{text:?}");
    assert!(text.lines().all(|line| !line.starts_with("9999")), "{text}");
}

#[test]
fn no_command_prints_a_harmful_text() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let root = folder.path();
    let at = root.display().to_string();
    let clauses = fs::read_to_string(Path::new(PACKAGE).join("cases/clauses.toml"));
    let clauses = clauses.expect("it is in the package");
    let sentence = "Messages of one writer arrive in the order in which it sent them.";
    assert!(clauses.contains("[[clause]]"));
    let own = format!(
        "\n[[clause]]\nid = \"pipe.nasty\"\nsentence = \"{sentence}{NASTY}\"\nlevel = \"must\"\n\
         profile = \"core\"\nsource = \"{NASTY}x\"\n"
    );
    write(root, "cases/clauses.toml", &(clauses + &own));
    let case = format!(
        r#"
title   = "a title{NASTY}"
why     = "a reason{NASTY}"
clauses = ["pipe.order.single-writer"]
[channels.p]
kind = "pipe"
[processes.producer]
steps = [{{ send = {{ on = "p.tx", items = ["{NASTY}", "b", "c", "d"] }} }}, {{ print = "said{NASTY}" }}]
[processes.consumer]
steps = [{{ recv = {{ on = "p.rx", until = "$end" }} }}]
"#
    );
    write(root, "cases/pipe/nasty.toml", &case);
    let divergence = format!(
        "brought-by = \"a{NASTY}\"\n[[divergence]]\nbackends = [\"pipe:std/pipe~lost\"]\n\
         cases = [\"pipe/nasty\"]\nclauses = [\"pipe.order.single-writer\"]\nkind = \"broken\"\n\
         signature = {{ step = \"recv p.rx\", outcome = \"error\", raw = \"a{NASTY} (1)\" }}\n\
         shows = \"always\"\nreason = \"reason{NASTY}\"\nquote = \"quote{NASTY}\"\n\
         source = \"https://example.org/{NASTY}\"\nlink = \"https://example.org/{NASTY}\"\n"
    );
    write(root, "golden/divergences/it.toml", &divergence);
    let adapter = format!(
        "command = [\"/nowhere/{NASTY}\"]\ninstall = \"install{NASTY}\"\n\
         columns = [{{ kind = \"pipe\", name = \"it/pipe\" }}]\n"
    );
    write(root, "harness/adapters/it/adapter.toml", &adapter);

    assert_harmless(&["--root", &at, "list", "cases"], 0, r"a title\n9999");
    assert_harmless(&["--root", &at, "list", "clauses"], 0, r"sent them.\n9999");
    assert_harmless(&["--root", &at, "list", "backends"], 0, "9999");
    assert_harmless(&["--root", &at, "list", "divergences"], 0, "    9999");
    let wrong = divergence.replace("\"broken\"", &format!("\"broken{NASTY}\""));
    write(root, "golden/divergences/wrong.toml", &wrong);
    assert_harmless(&["--root", &at, "check"], 2, r"\u{1b}");
    fs::remove_dir_all(root.join("golden")).expect("the root is writable");
    let log = root.join("log.jsonl").display().to_string();
    let junit = root.join("junit.xml").display().to_string();
    let mut run = vec![
        "--root",
        &at,
        "run",
        "pipe/nasty",
        "--log",
        &log,
        "--junit",
        &junit,
    ];
    run.extend([
        "--backend=pipe:std/pipe~lost",
        "--backend=pipe:std/pipe",
        "--backend=it/pipe",
    ]);
    assert_harmless(&run, 1, r"    9999");
    for file in [&log, &junit] {
        assert_harmless_text(&fs::read_to_string(file).expect("the run writes it"));
    }
    for format in ["text", "markdown"] {
        assert_harmless(&["merge", &log, "--format", format], 1, "pipe");
    }
    assert_harmless(&["compare", &log, &log], 0, "no verdict differs");

    let wrong = case.replace("clauses = ", &format!("\"key{NASTY}\" = 1\nclauses = "));
    let raw = wrong
        .replace(r"\u202e", "\u{202e}")
        .replace(r"\u200b", "\u{200b}");
    for (name, text) in [
        ("wrong.toml", &wrong),
        ("raw.toml", &raw),
        ("9999\n9999\u{1b}[2J.toml", &wrong),
    ] {
        let file = write(root, name, text);
        assert_harmless(&["--root", &at, "check", &file], 2, "error");
    }
    let history = format!(
        "{{\"peer\":\"p{NASTY}\",\"channel\":\"q{NASTY}\",\"op\":\"get\",\"item\":\"i{NASTY}\","
    );
    let whole = format!("{history}\"start\":1,\"end\":2,\"outcome\":\"ok\"}}\n");
    let file = write(root, "history.jsonl", &whole);
    assert_harmless(&["judge", &file], 1, r"q\n9999");
    let file = write(root, "wrong.jsonl", &format!("{history}\u{202e}\n"));
    assert_harmless(&["judge", &file], 2, "error");
    assert_harmless(&["run", "--adapter", "no\n9999\u{1b}[2J"], 5, "isn't there");
}
