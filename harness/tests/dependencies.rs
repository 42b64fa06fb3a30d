//! A crate that tests its own backends with this one builds few other crates, and tests build none twice.

use std::collections::BTreeSet;
use std::process::Command;

/// The most crates that such a crate may build, this one included.
const MOST: usize = 39;

/// Returns the lines of `cargo tree` with these options, each once.
fn tree(options: &[&str]) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--prefix", "none"])
        .args(["--package", env!("CARGO_PKG_NAME")])
        .args(options)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be started");
    let said = String::from_utf8_lossy(&tree.stderr);
    assert!(tree.status.success(), "{said}");
    let lines = String::from_utf8_lossy(&tree.stdout).into_owned();
    // `(*)` is at a crate that has been shown before.
    let lines = lines.lines().map(|line| line.trim_end_matches(" (*)"));
    lines.map(str::to_owned).collect()
}

#[test]
fn without_features_few_crates_are_built() {
    let options = [
        "--edges",
        "normal",
        "--no-default-features",
        "--format",
        "{p}",
    ];
    let crates = tree(&options);
    assert!(crates.len() <= MOST, "{} crates: {crates:#?}", crates.len());
    let is_built = |name: &str| {
        crates
            .iter()
            .any(|line| line.split(' ').next() == Some(name))
    };
    for dear in ["clap", "proptest", "schemars", "quick-junit", "indicatif"] {
        assert!(!is_built(dear), "{dear} is built");
    }
    assert!(is_built("serde"), "{crates:#?}");
}

/// Otherwise `cargo run` and `cargo test` each build such a crate, and with it the library.
#[test]
fn tests_need_no_more_features_of_a_crate_than_the_program() {
    let features = ["--format", "{p} with {f}", "--edges"];
    let of_program = tree(&[&features[..], &["normal"]].concat());
    let of_tests = tree(&[&features[..], &["normal,dev"]].concat());
    let built_twice: Vec<&String> = of_program.difference(&of_tests).collect();
    assert!(built_twice.is_empty(), "{built_twice:#?}");
}
