//! The command that runs a trial again, with the program that the reader started.

use std::borrow::Cow;
use std::path::Path;

use crate::event::Rerun;
use crate::judge::TrialName;
use crate::os::invocation::{Invocation, Package};

/// The name of this crate's own program.
const PROGRAM: &str = "ipc-conformance";

/// How the reader's program runs one trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It has the command `run`.
    Program {
        /// The words before `run`, quoted.
        words: String,
        /// The options that choose more than a trial, quoted.
        options: Vec<String>,
    },
    /// It is a test program.
    Tests {
        /// The words before the name of a test, quoted.
        words: String,
        /// Whether each permutation has a test of its own.
        has_permutations: bool,
    },
}

impl Default for Again {
    fn default() -> Again {
        Again::Program {
            words: PROGRAM.to_owned(),
            options: Vec::new(),
        }
    }
}

impl From<Rerun> for Again {
    fn from(Rerun { words, options }: Rerun) -> Again {
        Again::Program { words, options }
    }
}

impl Again {
    /// Returns the words for the header of an event log, if a program with the command `run` runs the
    /// trials.
    pub(crate) fn rerun(&self) -> Option<Rerun> {
        match self {
            Again::Program { words, options } => Some(Rerun {
                words: words.clone(),
                options: options.clone(),
            }),
            Again::Tests { .. } => None,
        }
    }

    /// Returns how to run a trial by a program with the command `run`. Each of `options` is an option
    /// and its value.
    pub(crate) fn program(started: &Invocation, options: &[(&str, String)]) -> Again {
        let options = options.iter();
        let options = options.map(|(option, value)| format!("{option} {}", quoted(value)));
        Again::Program {
            words: program_words(started),
            options: options.collect(),
        }
    }

    /// Returns how to run a trial by a test program. `variable` asks it for a test of each
    /// permutation, if it has these.
    pub(crate) fn tests(started: &Invocation, variable: Option<&str>) -> Again {
        let words = test_words(started);
        Again::Tests {
            words: match variable {
                Some(variable) => format!("{variable}=1 {words}"),
                None => words,
            },
            has_permutations: variable.is_some(),
        }
    }

    /// Returns the command that runs only this trial. `file` is the path of the case file, as reports
    /// show it.
    pub(crate) fn command(&self, name: &TrialName, file: Option<&Path>, seed: u64) -> String {
        match self {
            Again::Program { words, options } => {
                let trial = trial_words(name, file);
                let seed = vec![format!("--seed {seed}")];
                let parts = [vec![format!("{words} run {trial}")], options.clone(), seed];
                parts.concat().join(" ")
            }
            Again::Tests {
                words,
                has_permutations,
            } => {
                let test = match has_permutations {
                    true => name.to_string(),
                    false => format!("{}@{}", name.case, name.backend),
                };
                format!("{words} {}", quoted(&test))
            }
        }
    }
}

fn trial_words(name: &TrialName, file: Option<&Path>) -> String {
    let TrialName {
        case,
        permutation,
        backend,
    } = name;
    let which = match permutation.as_str() {
        "" => format!("--exact {}", quoted(case)),
        values => quoted(&format!("{case}[{values}]")).into_owned(),
    };
    let alone = match file.filter(|path| !path.starts_with("cases")) {
        Some(path) => format!(" --file {}", quoted(&path.to_string_lossy())),
        None => String::new(),
    };
    format!("{which}{alone} --backend {}", quoted(&backend.to_string()))
}

fn program_words(started: &Invocation) -> String {
    let target = Target::of(&started.program);
    match (&started.package, target) {
        (Some(package), Some(target)) if target.folder != Some("deps") => {
            let mut words = vec!["cargo run".to_owned()];
            words.extend(of_package(package));
            words.extend(target.profile());
            words.extend(match target.folder {
                Some("examples") => Some(format!("--example {}", quoted(target.name))),
                _ if target.name == package.name => None,
                _ => Some(format!("--bin {}", quoted(target.name))),
            });
            words.push("--".to_owned());
            words.join(" ")
        }
        _ if started.program.is_empty() => PROGRAM.to_owned(),
        _ => quoted(&started.program).into_owned(),
    }
}

fn test_words(started: &Invocation) -> String {
    let target = Target::of(&started.program);
    match (&started.package, target) {
        (Some(package), Some(target)) if target.folder == Some("deps") => {
            let mut words = vec!["cargo test".to_owned()];
            words.extend(of_package(package));
            words.extend(target.profile());
            let name = target
                .name
                .rsplit_once('-')
                .map_or(target.name, |(name, _)| name);
            // The program's name has an underscore where the test's may have a hyphen.
            words.push(format!("--test {}", quoted(&name.replace('_', "?"))));
            words.push("-- --exact".to_owned());
            words.join(" ")
        }
        _ => format!("{} --exact", quoted(&started.program)),
    }
}

fn of_package(package: &Package) -> Option<String> {
    package
        .is_member
        .then(|| format!("-p {}", quoted(&package.name)))
}

/// A program below cargo's target folder: `target/debug/name`, `target/debug/deps/name-hash`.
struct Target<'a> {
    name: &'a str,
    /// The folder between that of the profile and the program.
    folder: Option<&'a str>,
    profile: &'a str,
}

impl<'a> Target<'a> {
    /// Returns the parts of a program's path. A name without a folder is no path.
    fn of(program: &'a str) -> Option<Target<'a>> {
        let mut parts = program.rsplit(['/', '\\']);
        let name = parts.next()?;
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let above = parts.next()?;
        let (folder, profile) = match above {
            "deps" | "examples" => (Some(above), parts.next()?),
            profile => (None, profile),
        };
        Some(Target {
            name,
            folder,
            profile,
        })
    }

    fn profile(&self) -> Option<String> {
        match self.profile {
            "debug" => None,
            "release" => Some("--release".to_owned()),
            other => Some(format!("--profile {}", quoted(other))),
        }
    }
}

/// Quotes the word for a shell, if necessary.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Key, Kind};
    use rstest::rstest;

    fn trial(permutation: &str) -> TrialName {
        TrialName {
            case: "pipe/sizes".to_owned(),
            permutation: permutation.to_owned(),
            backend: Key::new(Kind::Pipe, "std/pipe"),
        }
    }

    fn started(program: &str, package: Option<&str>) -> Invocation {
        Invocation {
            program: program.to_owned(),
            arguments: Vec::new(),
            package: package.map(|name| Package {
                name: name.to_owned(),
                is_member: false,
            }),
        }
    }

    #[rstest]
    #[case::with_axes(
        "size=4096",
        "ipc-conformance run 'pipe/sizes[size=4096]' --backend 'pipe:std/pipe' --seed 0"
    )]
    #[case::without(
        "",
        "ipc-conformance run --exact pipe/sizes --backend 'pipe:std/pipe' --seed 0"
    )]
    #[case::with_a_quote(
        "text=it's",
        r"ipc-conformance run 'pipe/sizes[text=it'\''s]' --backend 'pipe:std/pipe' --seed 0"
    )]
    fn one_command_runs_it_again(#[case] permutation: &str, #[case] expected: &str) {
        let again = Again::default();
        assert_eq!(again.command(&trial(permutation), None, 0), expected);
    }

    #[rstest]
    #[case::from_the_search_path("ipc-conformance", None, "ipc-conformance run")]
    #[case::by_a_path("./my check", None, "'./my check' run")]
    #[case::by_cargo("target/debug/mine", Some("mine"), "cargo run -- run")]
    #[case::of_a_release("target/release/mine", Some("mine"), "cargo run --release -- run")]
    #[case::another_binary("target/debug/check", Some("mine"), "cargo run --bin check -- run")]
    #[case::an_example(
        "target/debug/examples/check",
        Some("mine"),
        "cargo run --example check -- run"
    )]
    #[case::on_windows(r"target\debug\mine.exe", Some("mine"), "cargo run -- run")]
    fn the_command_names_the_program_as_it_was_started(
        #[case] program: &str,
        #[case] package: Option<&str>,
        #[case] expected: &str,
    ) {
        let again = Again::program(&started(program, package), &[]);
        let command = again.command(&trial(""), None, 0);
        assert!(command.starts_with(expected), "{command}");
    }

    #[test]
    fn the_command_has_the_folder_and_the_adapter_of_the_run() {
        let options = [
            ("--root", "my cases".to_owned()),
            ("--adapter", "python3 a.py".to_owned()),
        ];
        let again = Again::program(&started("ipc-conformance", None), &options);
        assert_eq!(
            again.command(&trial(""), None, 7),
            "ipc-conformance run --exact pipe/sizes --backend 'pipe:std/pipe' --root 'my cases' \
             --adapter 'python3 a.py' --seed 7"
        );
    }

    #[rstest]
    #[case::by_cargo(
        "/x/target/debug/deps/conformance-0123abcd",
        Some("mine"),
        "cargo test --test conformance -- --exact 'pipe/sizes@pipe:std/pipe'"
    )]
    #[case::with_a_hyphen(
        "/x/target/release/deps/my_tests-0123abcd",
        Some("mine"),
        "cargo test --release --test 'my?tests' -- --exact 'pipe/sizes@pipe:std/pipe'"
    )]
    #[case::by_hand("./tests", None, "./tests --exact 'pipe/sizes@pipe:std/pipe'")]
    fn a_test_program_runs_the_test_again(
        #[case] program: &str,
        #[case] package: Option<&str>,
        #[case] expected: &str,
    ) {
        let again = Again::tests(&started(program, package), None);
        assert_eq!(again.command(&trial("size=1"), None, 0), expected);
    }

    #[test]
    fn a_test_of_a_permutation_needs_the_variable_that_makes_it() {
        let package = Package {
            name: "mine".to_owned(),
            is_member: true,
        };
        let started = Invocation {
            package: Some(package),
            ..started("target/debug/deps/conformance-0123abcd", None)
        };
        let again = Again::tests(&started, Some("EACH"));
        assert_eq!(
            again.command(&trial("size=1"), None, 0),
            "EACH=1 cargo test -p mine --test conformance -- --exact 'pipe/sizes[size=1]@pipe:std/pipe'"
        );
    }
}
