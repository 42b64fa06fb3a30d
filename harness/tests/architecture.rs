//! The crate's own sources keep to its architecture: dependencies point one way, the core is pure,
//! files are small, and unsafe code is in a few listed files.

mod api;
mod graph;
mod rules;
mod rules_detect;
mod scan;
mod source;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use api::Api;
use graph::Graph;
use rules::{Breach, Core, Exceptions};
use source::Tree;

/// The rooms of `harness/src`, in the order of the flow. A room may use only the rooms above it in
/// this list.
const ROOMS: &[(&str, &str)] = &[
    ("printable", "text of others, made harmless to print"),
    (
        "backend",
        "the traits that an author of a backend implements",
    ),
    ("clause", "promises and their catalogue"),
    ("plan", "the steps of each process of one permutation"),
    ("case", "the case language, and its expansion into plans"),
    ("generate", "random cases, correct by construction"),
    (
        "history",
        "the operations and observations of all processes of a run",
    ),
    ("linearizable", "the judge of histories of one queue"),
    ("os", "processes, links, folders and clocks of the system"),
    ("backends", "the built-in backends"),
    ("judge", "from a history to findings, verdicts and pages"),
    ("mutant", "backends made wrong on purpose"),
    ("registry", "all backends by key"),
    ("event", "the event log: comparison, merging, exit code"),
    ("adapter", "programs that host backends, and their protocol"),
    ("peer", "the process that runs one process's steps"),
    ("runner", "runs permutations and emits events"),
    ("corpus", "case files, goldens and divergences on disk"),
    (
        "proof",
        "checks that the judges report every mutant and no control",
    ),
    ("self_test", "tries the harness with random cases"),
    ("report", "reports for people and programs"),
    ("testing", "the cases as tests of `cargo test`"),
    ("cli", "the command line"),
    ("test_support", "helpers for unit tests of several rooms"),
];

/// The rooms that judge and explain. They use no clock, file, environment or process, so the same plan
/// and history give the same verdict everywhere.
const CORE: Core<'static> = Core {
    modules: &[
        "printable",
        "backend",
        "clause",
        "plan",
        "case",
        "generate",
        "history",
        "linearizable",
        "judge",
        "event",
    ],
    rim: &[
        ("backend/contract.rs", "names the system's handles"),
        ("event/exit_code.rs", "is the exit code of the process"),
        ("judge/golden/file.rs", "reads an accepted golden"),
    ],
    data: &[],
};

/// The maximum length of a file in lines, without its tests.
const MOST_LINES: usize = 400;

const LONG: Exceptions<'static> = &[];

const UNSAFE: Exceptions<'static> = &[
    ("backends/posix_mq/linux/sys.rs", "POSIX message queues"),
    ("backends/sysv_msg/linux/sys.rs", "System V message queues"),
    ("os/clock/macos.rs", "no safe crate reads the precise clock"),
    ("os/clock/windows.rs", "the performance counter"),
    ("os/folder/windows.rs", "a lock between processes"),
    (
        "os/link/windows.rs",
        "duplicates handles into another process",
    ),
    ("os/mark/linux.rs", "a hook after fork"),
    ("os/noted_queue/linux.rs", "System V message queues"),
    ("peer/log/memory.rs", "memory shared by several processes"),
    ("peer/children/unix.rs", "fork"),
    (
        "os/platform/windows.rs",
        "looks up a function of a loaded library",
    ),
    ("os/supervisor/birth/unix.rs", "a hook after fork"),
    ("os/supervisor/crash/unix.rs", "exits without handlers"),
    ("os/supervisor/crash/windows.rs", "exits without handlers"),
    ("os/supervisor/pause/windows.rs", "suspends a process"),
    (
        "os/supervisor/exit_wait/unix.rs",
        "waits for an event of a kqueue",
    ),
    ("os/supervisor/exit_wait/windows.rs", "waits for a process"),
    (
        "os/supervisor/signal/unix.rs",
        "handles signals so that the system restarts no call",
    ),
    ("os/supervisor/windows.rs", "job objects"),
];

static SOURCES: LazyLock<Tree> =
    LazyLock::new(|| Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/src")));

#[test]
fn the_core_names_only_pure_code() {
    assert_none(&CORE.breaches(&SOURCES));
}

#[test]
fn rooms_use_only_rooms_above() {
    let order: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    assert_none(&Graph::of_rooms(&SOURCES).arrows_up(&order));
}

#[test]
fn files_have_no_circular_dependencies() {
    let files = Graph::of_files(&SOURCES);
    if let Some(circle) = files.circle() {
        panic!(
            "files that depend on each other in a circle: {}",
            files.describe(&circle)
        );
    }
}

/// The verdict is decided before anything is explained.
#[test]
fn only_the_failure_pages_use_the_explainer() {
    let explains = |path: &str| path.starts_with("judge/explain");
    let users = SOURCES.files.iter().filter(|file| !explains(&file.path));
    let users = users.filter(|file| {
        let mut homes = file.names.iter().filter_map(|name| name.file.as_deref());
        homes.any(explains)
    });
    let paths: Vec<&str> = users.map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["judge/pages.rs"]);
}

/// A change of this snapshot is a change of what other crates can use.
#[test]
fn the_public_interface_changes_only_on_purpose() {
    let lines = Api::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/src")).lines();
    // 30 of them are the prelude's. An author who uses it needs no others.
    assert!(
        lines.len() < 180,
        "{} public items, and an author should find each",
        lines.len()
    );
    insta::assert_snapshot!(lines.join("\n"));
}

/// Tests reach few places beyond the public interface, each by name.
#[test]
fn the_hidden_module_is_short_and_explicit() {
    let text = include_str!("../src/internals.rs");
    let places = text
        .lines()
        .filter(|line| line.starts_with("pub use "))
        .count();
    assert!(places <= 20, "{places} places");
    assert!(
        !text.contains('*'),
        "a re-export of everything closes nothing"
    );
}

#[test]
fn files_have_at_most_400_lines() {
    assert_none(&rules::long_files(&SOURCES, MOST_LINES, LONG));
}

#[test]
fn output_goes_through_a_writer() {
    assert_none(&rules::prints(&SOURCES));
}

#[test]
fn unsafe_code_is_only_in_listed_files() {
    assert_none(&rules::unsafe_code(&SOURCES, UNSAFE));
}

/// An installed program runs where the sources aren't. `init` looks whether they are there.
#[test]
fn only_init_and_tests_use_the_folder_of_the_sources() {
    let users = SOURCES.files.iter().filter(|file| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/src");
        let text = std::fs::read_to_string(folder.join(&file.path));
        let text = text.expect("a source file can be read");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        code.contains("env!(\"CARGO_MANIFEST_DIR\")")
    });
    let paths: Vec<&str> = users.map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["cli/init.rs"]);
}

#[test]
fn rooms_lists_every_room() {
    let mapped: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    let mut rooms = SOURCES.top_modules();
    // Only tests compile this room, so `SOURCES` doesn't contain it.
    rooms.insert("test_support");
    assert_eq!(
        rooms, mapped,
        "left: the folders in harness/src; right: ROOMS in harness/tests/architecture.rs"
    );
    assert!(ROOMS.len() <= 24, "there may be at most 24 rooms");
}

#[track_caller]
fn assert_none(breaches: &[Breach]) {
    let lines: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}
