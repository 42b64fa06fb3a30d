//! The rules detect each mistake in small source trees, and accept unusual but correct ones.

use rstest::rstest;

use super::graph::Graph;
use super::rules::{self, Breach, Core};
use super::source::Tree;

const CORE: Core<'static> = Core {
    modules: &["plan", "verdict"],
    rim: &[],
    data: &[],
};

/// Returns a tree with this text as `plan`, which is in the core, and a `runner` outside it.
fn plan(text: &str) -> Tree {
    Tree::of(&[
        (
            "lib.rs",
            "pub mod plan; pub mod runner; pub use runner::Runner;",
        ),
        ("plan.rs", text),
        ("runner.rs", "pub struct Runner;"),
    ])
}

fn lines(breaches: &[Breach]) -> Vec<usize> {
    breaches.iter().map(|breach| breach.line).collect()
}

#[rstest]
#[case::import("use std::fs;")]
#[case::nested_import("use std::{fmt, time::{Duration, Instant}};")]
#[case::renamed_import("use std::process as p;")]
#[case::glob("use std::io::*;")]
#[case::global_path("fn f() { ::std::env::var(\"X\"); }")]
#[case::through_an_import("use std::{io}; fn f() { io::stdin(); }")]
#[case::through_a_renamed_import("use std::io as i; fn f(_: &dyn i::Read) {}")]
#[case::in_a_macro("fn f() { assert!(std::fs::exists(\"x\").is_ok()); }")]
#[case::in_a_template("macro_rules! m { ($x:ident) => { use $crate::runner::$x; } }")]
#[case::in_a_type("fn f(_: Option<&std::net::TcpStream>) {}")]
#[case::as_a_trait("fn f() { <X as std::io::Read>::read; }")]
#[case::system_crate("fn f() { libc::fork(); }")]
#[case::a_room_outside_the_core("use crate::runner::Runner;")]
#[case::a_room_outside_the_core_by_super("mod inner { use super::super::runner::Runner; }")]
#[case::a_room_outside_the_core_by_a_re_export("use crate::Runner;")]
#[case::in_an_inline_module("mod unix { fn f() { std::thread::yield_now(); } }")]
#[case::next_to_a_test("#[cfg(test)] fn t() {} fn f() { std::process::abort(); }")]
#[case::for_tests_and_for_unix("#[cfg(any(test, unix))] use std::fs;")]
fn impure_code_is_reported(#[case] text: &str) {
    let breaches = CORE.breaches(&plan(text));
    assert_eq!(lines(&breaches), [1], "{text}");
}

#[rstest]
#[case::io_errors(
    "use std::io::{self, ErrorKind}; fn f(_: io::Error) -> io::Result<()> { Ok(()) }"
)]
#[case::durations("use std::time::Duration; fn f() { Duration::from_secs(1); }")]
#[case::a_field_with_such_a_name("fn f(x: X) { x.process.env(); let fs = 1; fs; }")]
#[case::its_own_module("use crate::plan::Plan; use self::Plan as P; pub struct Plan;")]
#[case::a_comment("/// See [`std::fs`].\n// std::fs\npub struct S;")]
#[case::a_text("const S: &str = \"std::fs\";")]
#[case::a_test_module("#[cfg(test)]\nmod tests { use std::fs; }")]
#[case::a_test_function("#[cfg(all(test, unix))] #[allow(unused)] fn t() { std::fs::x(); }")]
#[case::a_test_import("#[cfg(test)] use std::{fs, env}; use std::fmt;")]
fn pure_code_is_accepted(#[case] text: &str) {
    assert_eq!(lines(&CORE.breaches(&plan(text))), [0; 0], "{text}");
}

#[test]
fn a_file_for_tests_alone_is_ignored() {
    let tree = Tree::of(&[
        ("plan.rs", "#[cfg(test)] pub(crate) mod strategy;"),
        ("plan/strategy.rs", "use std::fs;"),
        ("plan/strategy/deep.rs", "use std::fs;"),
    ]);
    assert_eq!(lines(&CORE.breaches(&tree)), [0; 0]);
}

#[test]
fn a_breach_shows_its_place_and_advice() {
    let breaches = CORE.breaches(&plan("//! Plans.\n\nuse std::fs::File;\n"));
    insta::assert_snapshot!(breaches[0], @"harness/src/plan.rs:3: `plan` belongs to the pure core and names `std::fs::File`; do this outside the core, and pass the result in");
}

#[test]
fn an_exception_holds_only_for_its_file() {
    let tree = Tree::of(&[
        ("plan.rs", "use std::fs;"),
        ("plan/file.rs", "use std::fs;"),
    ]);
    let core = Core {
        rim: &[("plan/file.rs", "reads plans")],
        ..CORE
    };
    let breaches = core.breaches(&tree);
    assert_eq!(breaches.len(), 1);
    assert_eq!(breaches[0].file, "plan.rs");
}

#[test]
fn an_exception_for_data_holds_only_for_its_path() {
    let core = Core {
        data: &[("crate::runner::Name", "a name")],
        ..CORE
    };
    let good = plan("use crate::runner::Name;");
    assert_eq!(lines(&core.breaches(&good)), [0; 0]);
    let bad = plan("use crate::runner::Name;\nuse crate::runner::Names;");
    assert_eq!(lines(&core.breaches(&bad)), [2]);
}

#[test]
fn an_unused_exception_is_a_breach() {
    let core = Core {
        rim: &[("plan.rs", "once it read files")],
        ..CORE
    };
    insta::assert_snapshot!(core.breaches(&plan(""))[0], @"harness/src/plan.rs:1: an unused exception; remove it from the list in harness/tests/architecture.rs");
}

#[test]
fn a_circle_is_shown_as_a_path() {
    let tree = Tree::of(&[
        ("lib.rs", "mod plan; mod runner; mod verdict;"),
        ("plan.rs", "use crate::verdict::Verdict;"),
        ("runner.rs", "use crate::plan;"),
        ("verdict.rs", "\nmod deep;"),
        (
            "verdict/deep.rs",
            "\n\nfn f() { super::super::runner::run(); }",
        ),
    ]);
    let graph = Graph::of_rooms(&tree);
    let circle = graph.circle().expect("the graph has a circle");
    insta::assert_snapshot!(graph.describe(&circle), @"
    plan -> verdict -> runner -> plan
      harness/src/plan.rs:1: `plan` names `verdict`
      harness/src/verdict/deep.rs:3: `verdict` names `runner`
      harness/src/runner.rs:1: `runner` names `plan`
    move the shared code below them, or reverse one of these
    ");
}

#[test]
fn two_dependencies_on_one_room_are_not_a_circle() {
    let tree = Tree::of(&[
        (
            "plan.rs",
            "pub struct Plan; use self::deep::Deep; pub mod deep;",
        ),
        ("plan/deep.rs", "use super::Plan;"),
        ("runner.rs", "use crate::plan; use crate::verdict;"),
        (
            "verdict.rs",
            "use crate::plan; #[cfg(test)] mod tests { use crate::runner; }",
        ),
    ]);
    assert_eq!(Graph::of_rooms(&tree).circle(), None);
}

#[test]
fn a_dependency_on_a_later_room_is_a_breach() {
    let tree = plan("use crate::runner::Runner;");
    let rooms = Graph::of_rooms(&tree);
    assert_eq!(lines(&rooms.arrows_up(&["plan", "runner"])), [1]);
    assert_eq!(lines(&rooms.arrows_up(&["runner", "plan"])), [0; 0]);
}

#[rstest]
#[case::by_path("use super::runner::Runner;")]
#[case::by_a_re_export("use crate::Runner;")]
fn a_circle_of_files_is_reported(#[case] text: &str) {
    let tree = Tree::of(&[
        ("lib.rs", "mod plan; mod runner; pub use runner::Runner;"),
        ("plan.rs", text),
        ("runner.rs", "use crate::plan::Plan;"),
    ]);
    let circle = Graph::of_files(&tree).circle();
    assert_eq!(circle, Some(vec!["plan.rs", "runner.rs"]));
}

#[test]
fn a_re_export_makes_no_circle() {
    let tree = Tree::of(&[
        ("lib.rs", "mod plan;"),
        ("plan.rs", "mod step; pub use step::Step; pub struct Plan;"),
        ("plan/step.rs", "use super::Plan;"),
    ]);
    assert_eq!(Graph::of_files(&tree).circle(), None);
}

#[rstest]
#[case::the_maximum("a\nb\n", &[])]
#[case::one_line_more("//\n//\n//\n", &[3])]
#[case::tests_do_not_count("//\n#[cfg(test)]\nmod tests {\n}\n//\n", &[])]
#[case::a_declared_test_file_is_not_a_test_module("#[cfg(test)]\nmod strategy;\n//\n", &[3])]
fn a_long_file_is_reported(#[case] text: &str, #[case] expected: &[usize]) {
    assert_eq!(lines(&rules::long_files(&plan(text), 2, &[])), expected);
}

#[test]
fn printing_is_reported_inside_and_outside_macros() {
    let tree = plan("fn f() {\nprintln!();\nmatches!(x, y if std::dbg!(y));\nif print != 1 {}\n}");
    assert_eq!(lines(&rules::prints(&tree)), [2, 3]);
}

#[test]
fn unsafe_is_reported_in_functions_impls_macros_and_attributes() {
    let text =
        "unsafe fn f() {}\nunsafe impl Send for X {}\nm!(unsafe {});\n#[unsafe(no_mangle)]\n";
    assert_eq!(lines(&rules::unsafe_code(&plan(text), &[])), [1, 2, 3, 4]);
    let allowed = [("plan.rs", "forks")];
    assert_eq!(lines(&rules::unsafe_code(&plan(text), &allowed)), [0; 0]);
}
