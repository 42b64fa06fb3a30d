//! The rules: each is a function that returns the breaches in a tree.

use std::collections::BTreeSet;
use std::fmt;

use super::source::{Name, Tree};

/// A place that breaks a rule, and advice.
pub(crate) struct Breach {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) what: String,
    pub(crate) advice: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Breach {
            file,
            line,
            what,
            advice,
        } = self;
        write!(f, "harness/src/{file}:{line}: {what}; {advice}")
    }
}

/// A place that a rule excepts, with the reason. An unused exception is a breach itself.
pub(crate) type Exceptions<'a> = &'a [(&'a str, &'a str)];

/// The pure core, and the few exceptions from it.
pub(crate) struct Core<'a> {
    /// Modules directly below the root.
    pub(crate) modules: &'a [&'a str],
    /// Files of those modules that don't belong to the core.
    pub(crate) rim: Exceptions<'a>,
    /// Paths outside the core that name only data.
    pub(crate) data: Exceptions<'a>,
}

impl Core<'_> {
    /// Returns every place in the core that names a clock, a file, a process, the environment or code
    /// outside the core.
    pub(crate) fn breaches(&self, tree: &Tree) -> Vec<Breach> {
        let tops = tree.top_modules();
        let mut used = BTreeSet::new();
        let mut breaches = Vec::new();
        for file in &tree.files {
            let Some(top) = file.top.as_deref() else {
                continue;
            };
            if !self.modules.contains(&top) {
                continue;
            }
            let is_rim = self.rim.iter().any(|(path, _)| *path == file.path);
            for Name { path, line, .. } in &file.names {
                let Some((what, advice)) = self.judge(path, &tops) else {
                    continue;
                };
                if is_rim {
                    used.insert(file.path.as_str());
                } else if let Some(exception) = self.exception(path) {
                    used.insert(exception);
                } else {
                    breaches.push(Breach {
                        file: file.path.clone(),
                        line: *line,
                        what: format!("`{top}` belongs to the pure core and names {what}"),
                        advice,
                    });
                }
            }
        }
        let all = [self.rim, self.data].concat();
        breaches.extend(stale(&all, |exception| used.contains(exception)));
        breaches
    }

    /// Returns the reason why the core may not name this path, with advice.
    fn judge(&self, path: &[String], tops: &BTreeSet<&str>) -> Option<(String, &'static str)> {
        let shown = path.join("::");
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["crate", top, ..] if tops.contains(top) && !self.modules.contains(top) => {
                Some((format!("`{shown}` of the rim"), "let the rim call the core"))
            }
            path if touches_the_system(path) => Some((
                format!("`{shown}`"),
                "do this outside the core, and pass the result in",
            )),
            _ => None,
        }
    }

    fn exception(&self, path: &[String]) -> Option<&str> {
        self.data
            .iter()
            .map(|(allowed, _)| *allowed)
            .find(|allowed| {
                path.iter()
                    .map(String::as_str)
                    .take(allowed.split("::").count())
                    .eq(allowed.split("::"))
            })
    }
}

/// Crates that do input and output. Every use of them counts.
const SYSTEM_CRATES: [&str; 11] = [
    "anstream",
    "clap",
    "ctrlc",
    "indicatif",
    "libc",
    "libtest_mimic",
    "memmap2",
    "rustix",
    "tempfile",
    "windows_link",
    "windows_sys",
];

/// Returns whether this path reaches a clock, a file, a process, a thread or the environment.
fn touches_the_system(path: &[&str]) -> bool {
    match path {
        [
            "std",
            "fs" | "process" | "env" | "net" | "thread" | "os" | "*",
            ..,
        ] => true,
        ["std", "time", name, ..] => *name != "Duration",
        ["std", "io", name, ..] => !matches!(*name, "Error" | "ErrorKind" | "Result"),
        [first, ..] => SYSTEM_CRATES.contains(first),
        [] => false,
    }
}

/// Returns the files that have more than `most` lines without their tests.
pub(crate) fn long_files(tree: &Tree, most: usize, exceptions: Exceptions<'_>) -> Vec<Breach> {
    let is_long = |path: &str| {
        tree.files
            .iter()
            .any(|file| file.path == path && file.lines > most)
    };
    let long = tree.files.iter().filter(|file| file.lines > most);
    let mut breaches: Vec<Breach> = long
        .filter(|file| !is_excepted(exceptions, &file.path))
        .map(|file| Breach {
            file: file.path.clone(),
            line: most + 1,
            what: format!("{} lines without tests, more than {most}", file.lines),
            advice: "move its second concern to another file",
        })
        .collect();
    breaches.extend(stale(exceptions, is_long));
    breaches
}

/// Returns the places that write to standard output or error directly.
pub(crate) fn prints(tree: &Tree) -> Vec<Breach> {
    let printing = ["print", "println", "eprint", "eprintln", "dbg"];
    tree.files
        .iter()
        .flat_map(|file| {
            file.macros
                .iter()
                .map(move |(name, line)| (file, name, line))
        })
        .filter(|(_, name, _)| printing.contains(&name.as_str()))
        .map(|(file, name, line)| Breach {
            file: file.path.clone(),
            line: *line,
            what: format!("`{name}!` writes past everyone"),
            advice: "take an `io::Write` and write to it",
        })
        .collect()
}

/// Returns the places with `unsafe` in files that may not contain it.
pub(crate) fn unsafe_code(tree: &Tree, exceptions: Exceptions<'_>) -> Vec<Breach> {
    let mut breaches: Vec<Breach> = tree
        .files
        .iter()
        .filter(|file| !is_excepted(exceptions, &file.path))
        .flat_map(|file| file.unsafe_at.iter().map(move |line| (file, line)))
        .map(|(file, line)| Breach {
            file: file.path.clone(),
            line: *line,
            what: "`unsafe` outside the files that may contain it".to_owned(),
            advice: "avoid it, or add a safe function to one of those files",
        })
        .collect();
    breaches.extend(stale(exceptions, |path| {
        tree.files
            .iter()
            .any(|file| file.path == path && !file.unsafe_at.is_empty())
    }));
    breaches
}

fn is_excepted(exceptions: Exceptions<'_>, path: &str) -> bool {
    exceptions.iter().any(|(excepted, _)| *excepted == path)
}

/// Returns the exceptions that are no longer used.
fn stale(exceptions: Exceptions<'_>, is_needed: impl Fn(&str) -> bool) -> Vec<Breach> {
    exceptions
        .iter()
        .filter(|(exception, _)| !is_needed(exception))
        .map(|(exception, _)| Breach {
            file: (*exception).to_owned(),
            line: 1,
            what: "an unused exception".to_owned(),
            advice: "remove it from the list in harness/tests/architecture.rs",
        })
        .collect()
}
