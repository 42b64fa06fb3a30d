//! Tells the crate which compiler builds it, and which versions of the libraries under test the build
//! uses.
//!
//! A library that doesn't state its version is looked up in the lock file of the build. That is the
//! `Cargo.lock` above the target folder, whichever workspace it belongs to. If the target folder is
//! elsewhere, it is the one above this package, but only the compiler's call knows whether this
//! package is built for itself: see `backends/versions.rs`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const LIBRARIES: [&str; 2] = ["interprocess", "tokio"];

fn main() {
    println!("cargo::rerun-if-changed=harness/build.rs");
    println!(
        "cargo::rustc-env=IPC_CONFORMANCE_RUSTC={}",
        compiler().unwrap_or_default()
    );
    for (place, variable) in [("OUT_DIR", "BUILD"), ("CARGO_MANIFEST_DIR", "OWN")] {
        let lock = env::var_os(place).and_then(|folder| lock_above(Path::new(&folder)));
        for library in LIBRARIES {
            let version = lock.as_ref().and_then(|lock| lock.version_of(library));
            let (library, version) = (library.to_uppercase(), version.unwrap_or_default());
            println!("cargo::rustc-env=IPC_CONFORMANCE_{variable}_{library}={version}");
        }
        if let Some(Lock { path, .. }) = lock {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
}

/// Returns the compiler's version, such as `1.95.0`.
fn compiler() -> Option<String> {
    let output = Command::new(env::var_os("RUSTC")?)
        .arg("--version")
        .output()
        .ok()?;
    let line = String::from_utf8(output.stdout).ok()?;
    line.split_whitespace().nth(1).map(str::to_owned)
}

struct Lock {
    path: PathBuf,
    text: String,
}

/// Returns the nearest lock file in or above this folder that has this package.
fn lock_above(folder: &Path) -> Option<Lock> {
    folder.ancestors().find_map(|folder| {
        let path = folder.join("Cargo.lock");
        let text = fs::read_to_string(&path).ok()?;
        let lock = Lock { path, text };
        lock.entry(is_this_package).is_some().then_some(lock)
    })
}

fn is_this_package(entry: &str) -> bool {
    let version = format!(
        "version = \"{}\"",
        env::var("CARGO_PKG_VERSION").unwrap_or_default()
    );
    let name = format!(
        "name = \"{}\"",
        env::var("CARGO_PKG_NAME").unwrap_or_default()
    );
    entry.contains(&name) && entry.contains(&version)
}

impl Lock {
    fn entry(&self, is_it: impl Fn(&str) -> bool) -> Option<&str> {
        self.text
            .split("[[package]]")
            .skip(1)
            .find(|entry| is_it(entry))
    }

    /// Returns the version of a library that this package depends on.
    fn version_of(&self, library: &str) -> Option<String> {
        let own = self.entry(is_this_package)?;
        let (_, dependencies) = own.split_once("dependencies = [")?;
        let dependency = dependencies.split(']').next()?.lines().find_map(|line| {
            let line = line.trim().trim_matches([',', '"']);
            let mut words = line.split(' ');
            (words.next() == Some(library)).then(|| words.next().map(str::to_owned))
        })?;
        // The lock file names the version here only if it has several of the library.
        dependency.or_else(|| {
            let name = format!("\nname = \"{library}\"\n");
            let entry = self.entry(|entry| entry.replace('\r', "").contains(&name))?;
            let (_, version) = entry.split_once("version = \"")?;
            Some(version.split('"').next()?.to_owned())
        })
    }
}
