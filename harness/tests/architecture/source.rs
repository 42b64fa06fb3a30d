//! The sources of a crate, and the paths that each file names.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::scan::{Mention, Scan, below};

/// The module that only passes on what tests use, and so is no room.
const HIDDEN: &str = "internals";

/// The sources of one crate.
pub(crate) struct Tree {
    /// Without the files that are compiled only for tests.
    pub(crate) files: Vec<Source>,
}

/// One file, as the rules need it.
pub(crate) struct Source {
    /// The path relative to the folder of the sources, with `/` on every system.
    pub(crate) path: String,
    /// The module directly below the root that contains it; none for the root and the binary.
    pub(crate) top: Option<String>,
    /// Every path that it names, resolved.
    pub(crate) names: Vec<Name>,
    /// The places with `unsafe`.
    pub(crate) unsafe_at: Vec<usize>,
    /// The macros that it calls, with their places.
    pub(crate) macros: Vec<(String, usize)>,
    /// Its length without the tests at its end.
    pub(crate) lines: usize,
}

/// A path that a file names: `crate::…`, `std::…` or another crate's.
pub(crate) struct Name {
    pub(crate) path: Vec<String>,
    /// The file of this crate that defines the named item; none for another crate's.
    pub(crate) file: Option<String>,
    /// Whether the file only re-exports the name.
    pub(crate) is_reexport: bool,
    pub(crate) line: usize,
}

impl Tree {
    /// Reads all `.rs` files in a folder and below.
    pub(crate) fn read(folder: &Path) -> Tree {
        let mut texts = Vec::new();
        read_folder(folder, "", &mut texts);
        Tree::of(&texts)
    }

    /// Returns a tree of files with these paths and texts.
    pub(crate) fn of<P: AsRef<str>, T: AsRef<str>>(texts: &[(P, T)]) -> Tree {
        let mut files = BTreeMap::new();
        for (path, text) in texts {
            let (path, text) = (path.as_ref(), text.as_ref());
            let module = module_of(path);
            let scan = Scan::of(&module, text)
                .unwrap_or_else(|error| panic!("{path} isn't Rust source: {error}"));
            files.insert(path, (module, scan, text.lines().count()));
        }
        let only_for_tests: Vec<Vec<String>> = files
            .values_mut()
            .flat_map(|(_, scan, _)| std::mem::take(&mut scan.test_modules))
            .collect();
        files.retain(|_, (module, ..)| !only_for_tests.iter().any(|test| module.starts_with(test)));

        let scopes = Scopes::of(files.values().map(|(_, scan, _)| scan));
        let homes: BTreeMap<&[String], &str> = files
            .iter()
            .map(|(path, (module, ..))| (module.as_slice(), *path))
            .collect();
        let files = files
            .iter()
            .map(|(path, (module, scan, lines))| Source {
                path: (*path).to_owned(),
                top: module.first().filter(|top| *top != HIDDEN).cloned(),
                names: scan
                    .mentions
                    .iter()
                    .map(|mention| Name {
                        path: scopes.resolve(mention),
                        file: scopes.home(mention, &homes),
                        is_reexport: mention.is_reexport,
                        line: mention.line,
                    })
                    .collect(),
                unsafe_at: scan.unsafe_at.clone(),
                macros: scan.macros.clone(),
                lines: scan.tests_at.map_or(*lines, |line| line - 1),
            })
            .collect();
        Tree { files }
    }

    /// Returns the names of the modules directly below the root.
    pub(crate) fn top_modules(&self) -> BTreeSet<&str> {
        self.files
            .iter()
            .filter_map(|file| file.top.as_deref())
            .collect()
    }
}

fn read_folder(folder: &Path, prefix: &str, texts: &mut Vec<(String, String)>) {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("can't list {}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.expect("a folder that could be opened can be listed");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), texts);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path())
                .unwrap_or_else(|error| panic!("can't read {name}: {error}"));
            texts.push((name, text));
        }
    }
}

/// Returns the module of a file: `case/parse.rs` is `case::parse`, and the root is empty. `main.rs` is
/// the root of another crate, and names this one from outside.
fn module_of(path: &str) -> Vec<String> {
    match path.trim_end_matches(".rs") {
        "lib" | "main" => Vec::new(),
        path => path.split('/').map(str::to_owned).collect(),
    }
}

/// The meaning of names in each module: its imports, and the modules below it.
#[derive(Default)]
struct Scopes<'a> {
    bindings: BTreeMap<(&'a [String], &'a str), &'a Mention>,
    modules: BTreeSet<&'a [String]>,
}

impl<'a> Scopes<'a> {
    fn of(scans: impl Iterator<Item = &'a Scan>) -> Scopes<'a> {
        let mut scopes = Scopes::default();
        for scan in scans {
            scopes
                .modules
                .extend(scan.modules.iter().map(Vec::as_slice));
            scopes.bindings.extend(scan.bindings.iter().map(|binding| {
                let scope = binding.mention.module.as_slice();
                ((scope, binding.name.as_str()), &binding.mention)
            }));
        }
        scopes
    }

    /// Returns the path that a mention means, as far as this is known without compiling.
    fn resolve(&self, mention: &Mention) -> Vec<String> {
        // A chain of imports is short; a longer one is a circle.
        let path = self.anchored(mention, 16);
        // A re-export of the root counts as the module that it comes from. Other re-exports need no
        // resolution, because the module that makes one names its source itself.
        match path.as_slice() {
            [root, name, rest @ ..] if root == "crate" => {
                match self.bindings.get(&([].as_slice(), name.as_str())) {
                    Some(target) if !std::ptr::eq(*target, mention) => {
                        [self.anchored(target, 16).as_slice(), rest].concat()
                    }
                    _ => path,
                }
            }
            _ => path,
        }
    }

    /// Returns the file that defines the item, through all re-exports.
    fn home(&self, mention: &Mention, homes: &BTreeMap<&[String], &str>) -> Option<String> {
        let mut path = self.anchored(mention, 16);
        for _ in 0..16 {
            if path.first().is_none_or(|root| root != "crate") {
                return None;
            }
            let inner = &path[1..];
            let depth = (0..=inner.len())
                .rev()
                .find(|depth| *depth == 0 || self.modules.contains(&inner[..*depth]))?;
            let (module, rest) = inner.split_at(depth);
            let source = rest.split_first().and_then(|(name, rest)| {
                let target = self.bindings.get(&(module, name.as_str()))?;
                Some([self.anchored(target, 16).as_slice(), rest].concat())
            });
            match source {
                Some(source) if source != path => path = source,
                _ => {
                    let mut outer = (0..=depth).rev();
                    let home = outer.find_map(|depth| homes.get(&inner[..depth]))?;
                    return Some((*home).to_owned());
                }
            }
        }
        None
    }

    /// Returns the path with its first segment made explicit.
    fn anchored(&self, mention: &Mention, hops: usize) -> Vec<String> {
        let segments = mention.segments.as_slice();
        let (first, rest) = segments.split_first().expect("a path has a first segment");
        let absolute =
            |module: &[String], rest: &[String]| [&["crate".to_owned()], module, rest].concat();
        if mention.global {
            return segments.to_vec();
        }
        match first.as_str() {
            "crate" => segments.to_vec(),
            "std" | "core" | "alloc" => [&["std".to_owned()], rest].concat(),
            "self" | "super" => {
                let climbs = segments
                    .iter()
                    .filter(|segment| *segment == "super")
                    .count();
                let names = segments.iter().filter(|s| *s != "super" && *s != "self");
                let depth = mention.module.len().saturating_sub(climbs);
                absolute(
                    &mention.module[..depth],
                    &names.cloned().collect::<Vec<_>>(),
                )
            }
            name if self
                .modules
                .contains(below(&mention.module, name).as_slice()) =>
            {
                absolute(&mention.module, segments)
            }
            name => match self.bindings.get(&(mention.module.as_slice(), name)) {
                Some(target) if hops > 0 && !std::ptr::eq(*target, mention) => {
                    [self.anchored(target, hops - 1).as_slice(), rest].concat()
                }
                _ => segments.to_vec(),
            },
        }
    }
}
