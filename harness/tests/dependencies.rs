//! A crate that tests its own backends with this one builds few other crates.

use std::collections::BTreeSet;
use std::process::Command;

/// The most crates that such a crate may build, this one included.
const MOST: usize = 39;

#[test]
fn without_features_few_crates_are_built() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none"])
        .args(["--package", env!("CARGO_PKG_NAME"), "--no-default-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be started");
    let said = String::from_utf8_lossy(&tree.stderr);
    assert!(tree.status.success(), "{said}");
    let lines = String::from_utf8_lossy(&tree.stdout);
    // A line has the name, the version, and then remarks.
    let crates: BTreeSet<Vec<&str>> = lines
        .lines()
        .map(|line| line.split(' ').take(2).collect())
        .collect();
    assert!(crates.len() <= MOST, "{} crates: {crates:#?}", crates.len());
    let names: BTreeSet<&str> = crates.iter().map(|words| words[0]).collect();
    for dear in ["clap", "proptest", "schemars", "quick-junit", "indicatif"] {
        assert!(!names.contains(dear), "{dear} is built");
    }
    assert!(names.contains("serde"), "{names:?}");
}
