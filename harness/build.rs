//! Tells the crate which compiler builds it, and which versions of the libraries under test the build
//! uses. Embeds the corpus.
//!
//! A library that doesn't state its version is looked up in the lock file of the build. That is the
//! `Cargo.lock` above the target folder, whichever workspace it belongs to. If the target folder is
//! elsewhere, it is the one above this package, but only the compiler's call knows whether this
//! package is built for itself: see `backends/versions.rs`.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

const LIBRARIES: [&str; 2] = ["interprocess", "tokio"];

/// The folders of the corpus.
const CORPUS: [&str; 2] = ["cases", "golden"];

fn main() {
    println!("cargo::rerun-if-changed=harness/build.rs");
    if let Err(error) = embed_corpus() {
        println!("cargo::error=can't embed the corpus: {error}");
    }
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

/// Writes the texts of the corpus into a Rust file. Programs that run in this repository read the files
/// themselves, so a development build isn't built again when a case changes. A release build is.
fn embed_corpus() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        for folder in CORPUS {
            println!("cargo::rerun-if-changed={folder}");
        }
    }
    let mut files = Vec::new();
    for folder in CORPUS {
        list(&root.join(folder), folder, &mut files)?;
    }
    files.sort();
    let mut rust = "static FILES: &[(&str, &str)] = &[\n".to_owned();
    for (name, path) in files {
        let _ = writeln!(rust, "    ({name:?}, {:?}),", fs::read_to_string(path)?);
    }
    rust.push_str("];\n");
    fs::write(Path::new(&variable("OUT_DIR")?).join("corpus.rs"), rust)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

/// Adds every case, golden and list of divergences below this folder, with its name in the corpus.
fn list(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(part) = path.file_name().and_then(|part| part.to_str()) else {
            continue;
        };
        let name = format!("{name}/{part}");
        if path.is_dir() {
            list(&path, &name, files)?;
        } else if name.ends_with(".toml") || name.ends_with(".snap") {
            files.push((name, path));
        }
    }
    Ok(())
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
