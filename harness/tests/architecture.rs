//! The crate's own sources keep to its architecture: data flows one way, the core is pure, files
//! are small, and what is dangerous is in few places.

mod api;
mod bites;
mod graph;
mod rules;
mod scan;
mod source;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use api::Api;
use graph::Graph;
use rules::{Breach, Core, Exceptions};
use source::Tree;

/// The rooms of `harness/src`, in the order of the flow: a room names only rooms above it here.
const ROOMS: &[(&str, &str)] = &[
    ("backend", "what the author of a backend implements"),
    ("clause", "promises, and their catalogue"),
    ("plan", "what the processes of one permutation do"),
    ("case", "the case language, and its expansion into plans"),
    ("history", "what every process of a run did and saw"),
    ("linearizable", "the judge of histories of one queue"),
    ("os", "processes, links, folders and clocks of the system"),
    ("backends", "the backends that this crate brings"),
    ("judge", "from a history to findings, verdicts and pages"),
    ("mutant", "backends made wrong on purpose"),
    ("registry", "all backends, by their keys"),
    ("event", "the event log, and what is made of several"),
    ("adapter", "programs that host backends, and their protocol"),
    ("peer", "the process that runs one process's steps"),
    ("runner", "runs permutations, and emits events"),
    ("corpus", "case files, goldens and divergences on disk"),
    ("proof", "every mutant is killed, no control is accused"),
    ("report", "what people and programs read"),
    ("testing", "the cases as tests of `cargo test`"),
    ("cli", "the command line"),
    ("test_support", "what unit tests of several rooms share"),
];

/// What judges and explains: no clock, file, environment or process, so that the same plan and
/// history give the same verdict everywhere.
const CORE: Core<'static> = Core {
    modules: &[
        "backend",
        "clause",
        "plan",
        "case",
        "history",
        "linearizable",
        "judge",
        "event",
    ],
    rim: &[
        ("backend/contract.rs", "names the system's handles"),
        ("event/exit_code.rs", "is what the process exits with"),
        (
            "judge/golden/file.rs",
            "reads the golden that a person accepted",
        ),
    ],
    data: &[],
};

/// The most lines of a file without its tests.
const MOST_LINES: usize = 400;

const LONG: Exceptions<'static> = &[];

const UNSAFE: Exceptions<'static> = &[
    ("backends/posix_mq/linux/sys.rs", "POSIX message queues"),
    ("backends/sysv_msg/linux/sys.rs", "System V message queues"),
    ("os/clock/macos.rs", "no safe crate reads the finer clock"),
    ("os/clock/windows.rs", "the performance counter"),
    ("os/folder/windows.rs", "turns between processes"),
    (
        "os/link/windows.rs",
        "duplicates handles into another process",
    ),
    ("peer/log/memory.rs", "memory that several processes write"),
    ("peer/children/unix.rs", "fork"),
    ("os/platform/windows.rs", "looks into a loaded library"),
    ("os/supervisor/birth/unix.rs", "a hook after fork"),
    ("os/supervisor/crash/unix.rs", "exits without handlers"),
    ("os/supervisor/crash/windows.rs", "exits without handlers"),
    ("os/supervisor/pause/windows.rs", "suspends a process"),
    ("os/supervisor/windows.rs", "job objects"),
];

static SOURCES: LazyLock<Tree> =
    LazyLock::new(|| Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/src")));

#[test]
fn the_core_is_pure() {
    assert_none(&CORE.breaches(&SOURCES));
}

#[test]
fn arrows_point_to_rooms_above() {
    let order: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    assert_none(&Graph::of_rooms(&SOURCES).arrows_up(&order));
}

#[test]
fn files_name_one_another_without_circles() {
    let knots = Graph::of_files(&SOURCES).knots();
    assert!(
        knots.is_empty(),
        "files that name one another in circles: {knots:#?}\nmove what both need to a file of its own"
    );
}

/// A change of this snapshot is a change of what other crates can use.
#[test]
fn the_public_interface_changes_only_on_purpose() {
    let lines = Api::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/src")).lines();
    assert!(
        lines.len() < 150,
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
fn files_are_small() {
    assert_none(&rules::long_files(&SOURCES, MOST_LINES, LONG));
}

#[test]
fn nothing_prints_but_through_a_writer() {
    assert_none(&rules::prints(&SOURCES));
}

#[test]
fn unsafe_code_is_in_few_files() {
    assert_none(&rules::unsafe_code(&SOURCES, UNSAFE));
}

#[test]
fn the_map_names_every_room() {
    let mapped: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    let mut rooms = SOURCES.top_modules();
    // Only tests see it, so the sources that are read here don't have it.
    rooms.insert("test_support");
    assert_eq!(
        rooms, mapped,
        "left, the folders in harness/src; right, ROOMS in harness/tests/architecture.rs"
    );
    assert!(
        ROOMS.len() <= 24,
        "more rooms than a reader can keep in mind"
    );
}

#[track_caller]
fn assert_none(breaches: &[Breach]) {
    let lines: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}
