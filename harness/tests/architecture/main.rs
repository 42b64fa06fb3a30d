//! The crate's own sources keep to its architecture: data flows one way, the core is pure, files
//! are small, and what is dangerous is in few places.

mod bites;
mod graph;
mod rules;
mod scan;
mod source;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use graph::Graph;
use rules::{Breach, Core, Exceptions};
use source::Tree;

/// What judges and explains: no clock, file, environment or process, so that the same plan and
/// history give the same verdict everywhere.
const CORE: Core<'static> = Core {
    modules: &[
        "capability",
        "case",
        "channel",
        "clause",
        "comparison",
        "content",
        "divergence",
        "draw",
        "event",
        "expand",
        "explain",
        "finding",
        "golden",
        "history",
        "invariant",
        "item",
        "judgement",
        "linearizable",
        "merge",
        "naming",
        "outcome",
        "permutation",
        "plan",
        "protocol",
        "recorded",
        "system",
        "transcript",
        "trial",
        "verdict",
    ],
    rim: &[("golden/file.rs", "reads the golden that a person accepted")],
    data: &[(
        "crate::backend::Key",
        "a backend's name, as reports give it",
    )],
};

/// What starts processes, reads clocks, and writes and shows what came of it.
const RIM: &[&str] = &[
    "adapter",
    "answers",
    "backend",
    "cli",
    "clock",
    "corpus",
    "exit_code",
    "folder",
    "guard",
    "inheritance",
    "library",
    "link",
    "log",
    "mutant",
    "peer",
    "platform",
    "proof",
    "registry",
    "report",
    "runner",
    "scratch",
    "select",
    "subject",
    "supervisor",
    "testing",
    "wire",
];

/// The most lines of a file without its tests.
const MOST_LINES: usize = 400;

const LONG: Exceptions<'static> = &[];

const UNSAFE: Exceptions<'static> = &[
    ("backend/posix_mq/linux/sys.rs", "POSIX message queues"),
    ("backend/sysv_msg/linux/sys.rs", "System V message queues"),
    ("clock/macos.rs", "no safe crate reads the finer clock"),
    ("clock/windows.rs", "the performance counter"),
    ("folder/windows.rs", "turns between processes"),
    ("link/windows.rs", "duplicates handles into another process"),
    ("log/memory.rs", "memory that several processes write"),
    ("peer/children/unix.rs", "fork"),
    ("platform/windows.rs", "looks into a loaded library"),
    ("supervisor/birth/unix.rs", "a hook after fork"),
    ("supervisor/crash/unix.rs", "exits without handlers"),
    ("supervisor/crash/windows.rs", "exits without handlers"),
    ("supervisor/pause/windows.rs", "suspends a process"),
    ("supervisor/windows.rs", "job objects"),
];

static SOURCES: LazyLock<Tree> =
    LazyLock::new(|| Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/src")));

#[test]
fn the_core_is_pure() {
    assert_none(&CORE.breaches(&SOURCES));
}

#[test]
fn modules_depend_on_one_another_without_circles() {
    let graph = Graph::of(&SOURCES);
    if let Some(circle) = graph.circle() {
        panic!("top-level modules in a circle: {}", graph.describe(&circle));
    }
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
fn every_module_is_of_the_core_or_of_the_rim() {
    let placed: BTreeSet<&str> = CORE.modules.iter().chain(RIM).copied().collect();
    assert_eq!(
        SOURCES.top_modules(),
        placed,
        "left, the modules in harness/src; right, CORE and RIM in harness/tests/architecture/main.rs"
    );
}

#[track_caller]
fn assert_none(breaches: &[Breach]) {
    let lines: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}
