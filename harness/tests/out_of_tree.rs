//! Does the work of a library's author: a separate crate depends on this package, and runs the cases on a
//! queue and a pipe of its own. One crate implements the public traits. The other is the stub that `init`
//! writes, with the package as published.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The files of the separate crate. Its manifest has another name, so that cargo ignores it.
const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/harness/tests/out_of_tree");

/// If this environment variable is set, the stub is tested with the package as published. That compiles
/// the package a second time, so only CI does it.
const AS_PUBLISHED: &str = "IPC_CONFORMANCE_AS_PUBLISHED";

/// The environment variable that sets `debug` of the development profile.
const DEBUG: &str = "CARGO_PROFILE_DEV_DEBUG";

#[test]
fn a_separate_crate_runs_the_cases_on_its_own_backends() {
    let outside = Outside::paper_trail();

    // `cargo test` runs the seed cases on all backends, and the program runs all cases on the crate's
    // own.
    let tests = outside.cargo(["test", "--test", "conformance", "--", "seed/"]);
    assert_code(&tests, 0);
    for backend in ["@queue:paper/ledger", "@pipe:paper/spool"] {
        let passed = text(&tests.stdout)
            .lines()
            .filter(|line| line.contains(backend) && line.ends_with("ok"))
            .count();
        assert!(
            passed > 0,
            "no test passed on {backend}:\n{}",
            shown(&tests)
        );
    }

    let run = outside.cargo([
        "run",
        "--",
        "run",
        "--backend",
        "queue:paper/ledger",
        "--backend",
        "pipe:paper/spool",
    ]);
    assert_code(&run, 0);
    for backend in ["paper/ledger", "paper/spool"] {
        let stdout = text(&run.stdout);
        assert!(stdout.contains(backend), "no {backend} in:\n{stdout}");
    }

    // The same program detects the faults of mutants.
    for faulty in ["queue:paper/ledger~lost", "pipe:paper/spool~lost"] {
        assert_code(
            &outside.cargo(["run", "--", "run", "seed/", "--backend", faulty]),
            1,
        );
    }

    // The crate's own divergences count, although the cases belong to this package.
    let missing_end = "pipe:paper/spool~missing-end";
    let run = [
        "run",
        "--",
        "run",
        "pipe/empty-message",
        "--backend",
        missing_end,
    ];
    assert_code(&outside.cargo(run), 1);
    outside.review(missing_end, &["pipe.eof.after-writer-drop"]);
    assert_code(&outside.cargo(run), 0);
}

/// The only test of the stub that may fail: its toy library has one bug.
const BUG: &str = "pipe/larger-than-buffer@pipe:toy/pipe";

/// An author sees a failure of the library within three commands and 30 lines.
#[test]
fn a_stranger_tests_a_library_with_the_published_package() {
    if env::var_os(AS_PUBLISHED).is_none() {
        return;
    }
    let outside = Outside::stub();
    let test = outside.folder.path().join("tests/conformance.rs");
    let lines = fs::read_to_string(test).expect("the stub has a test");
    assert!(lines.lines().count() <= 30, "{lines}");

    let tests = outside.cargo(["test", "--", "seed/", "pipe/larger", "pipe/empty"]);
    assert_code(&tests, 101);
    let stdout = text(&tests.stdout);
    let results = stdout.lines().filter_map(|line| {
        let (name, result) = line.strip_prefix("test ")?.split_once(" ... ")?;
        Some((name.trim_end(), result))
    });
    let results: Vec<(&str, &str)> = results.collect();
    let failed = results.iter().filter(|(_, result)| *result == "FAILED");
    let failed: Vec<&str> = failed.map(|(name, _)| *name).collect();
    assert_eq!(failed, [BUG], "{}", shown(&tests));
    assert!(
        results.contains(&("seed/pipe@pipe:toy/pipe", "ok")),
        "{stdout}"
    );
    let again = format!("run it again: cargo test --test conformance -- --exact '{BUG}'");
    assert!(stdout.contains(&again), "{stdout}");
}

/// A separate crate, outside any workspace, and its target folder.
struct Outside {
    name: &'static str,
    folder: TempDir,
    target: PathBuf,
}

impl Outside {
    /// Returns the crate that implements the public traits.
    fn paper_trail() -> Outside {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = TempDir::new().expect("a temporary folder can be created");
        copy(Path::new(TEMPLATE), folder.path());
        let manifest = folder.path().join("Cargo.toml");
        fs::rename(folder.path().join("Cargo.toml.in"), manifest).expect("there is a manifest");
        Outside::with_package("paper-trail", folder, "@PACKAGE@", package)
    }

    /// Returns the stub that `init` writes, with the package as published.
    fn stub() -> Outside {
        let package = unpacked_package(&temporary().join("out-of-tree"));
        let folder = TempDir::new().expect("a temporary folder can be created");
        let init = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
            .args(["init", "rust"])
            .arg(folder.path())
            .output()
            .expect("the program was built for this test");
        assert_code(&init, 0);
        Outside::with_package("toy-pipe", folder, env!("CARGO_MANIFEST_DIR"), &package)
    }

    /// Makes the crate depend on the package in this folder. Its manifest says `place` in place of it.
    fn with_package(name: &'static str, folder: TempDir, place: &str, package: &Path) -> Outside {
        let manifest = folder.path().join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("a crate has a manifest");
        let text = text.replace(place, &package.display().to_string());
        fs::write(manifest, text).expect("the folder is writable");
        // Uses the versions that are already on this machine.
        fs::copy(package.join("Cargo.lock"), folder.path().join("Cargo.lock"))
            .expect("a package has a lock file");
        // Reuses the dependencies that the build of this package has compiled.
        let target = temporary().parent();
        let target = target.expect("the temporary folder is in the target folder");
        Outside {
            name,
            folder,
            target: target.to_owned(),
        }
    }

    /// Records that these clauses break because a receive never returns.
    fn review(&self, backend: &str, clauses: &[&str]) {
        let entry = |clause: &&str| {
            format!(
                "[[divergence]]\nbackends = [\"{backend}\"]\nclauses = [\"{clause}\"]\n\
                 cases = [\"pipe/empty-message\"]\nkind = \"broken\"\n\
                 signature = {{ step = \"recv p.rx\", outcome = \"pending\" }}\n\
                 shows = \"always\"\nreason = \"made so\"\n\
                 quote = \"x\"\nsource = \"package:src/lib.rs\"\nlink = \"src/lib.rs\"\n"
            )
        };
        let entries: String = clauses.iter().map(entry).collect();
        let folder = self.folder.path().join("golden/divergences");
        fs::create_dir_all(&folder).expect("a temporary folder is writable");
        let file = folder.join(format!("{}.toml", backend.replace([':', '/'], "-")));
        fs::write(file, entries).expect("a temporary folder is writable");
    }

    /// Runs cargo in the crate.
    fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Output {
        let (command, arguments) = arguments.split_first().expect("cargo has a subcommand");
        cargo(self.folder.path())
            .args([command, "--offline"])
            .args(arguments)
            .env("CARGO_TARGET_DIR", &self.target)
            // The crate is never edited, so an incremental build has no use.
            .env("CARGO_INCREMENTAL", "0")
            .output()
            .expect("cargo can be started")
    }
}

impl Drop for Outside {
    /// Removes the crate's own artefacts. The next copy is in another folder and can't use them.
    fn drop(&mut self) {
        self.cargo(["clean", "--package", self.name]);
    }
}

fn temporary() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Packages this crate as for publishing, and unpacks the archive.
fn unpacked_package(target: &Path) -> PathBuf {
    fs::create_dir_all(target).expect("the temporary folder of cargo is writable");
    let name = concat!(env!("CARGO_PKG_NAME"), "-", env!("CARGO_PKG_VERSION"));
    let folder = target.join(name);
    let packaged = cargo(Path::new(env!("CARGO_MANIFEST_DIR")))
        .args(["package", "--no-verify", "--allow-dirty", "--offline"])
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo can be started");
    assert_code(&packaged, 0);

    // All files in a package have the same old time, and cargo rebuilds only what is newer. So the
    // files are unpacked with the current time, and only if the archive changed.
    let archive = format!("package/{name}.crate");
    let bytes = fs::read(target.join(&archive)).expect("cargo made the archive");
    let unpacked = target.join("unpacked.crate");
    if fs::read(&unpacked).is_ok_and(|before| before == bytes) {
        return folder;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("no process uses the old folder");
    }
    // Some versions of tar read the colon of a Windows path as a host name, so the path is relative.
    let tar = Command::new("tar")
        .args(["-x", "-z", "-m", "-f", &archive])
        .current_dir(target)
        .output()
        .expect("tar is installed");
    assert_code(&tar, 0);
    fs::write(&unpacked, bytes).expect("the folder is writable");
    folder
}

/// Returns cargo in this folder, without the environment variables of cargo, insta and the harness
/// that this test runs with. The profile stays that of this package, because other builds of its
/// dependencies couldn't be reused.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(folder);
    if env::var_os(DEBUG).is_none() {
        command.env(DEBUG, "false");
    }
    let is_kept = |name: &str| {
        ["CARGO_HOME", "CARGO_TERM_COLOR"].contains(&name) || name.starts_with("CARGO_PROFILE_")
    };
    let is_ours = |name: &str| {
        [
            "CARGO_",
            "INSTA_",
            "IPC_CONFORMANCE_",
            "NEXTEST",
            "RUSTFLAGS",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
    };
    for (name, _) in env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| is_ours(name) && !is_kept(name))
        {
            command.env_remove(name);
        }
    }
    command
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder is writable");
    for entry in fs::read_dir(from).expect("the template exists") {
        let entry = entry.expect("a folder that could be opened can be listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a temporary folder is writable");
        }
    }
}

#[track_caller]
fn assert_code(output: &Output, expected: i32) {
    assert_eq!(output.status.code(), Some(expected), "{}", shown(output));
}

fn shown(output: &Output) -> String {
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
