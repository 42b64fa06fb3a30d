//! Every recorded divergence has a cause, a kind and a quote, and the quote is where its source says.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use ipc_conformance::internals::{CaseFolder, Divergence, DivergenceKind, QuoteSource};
use ipc_conformance::registry::Registry;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// The environment variable with the folder of Python's documentation as HTML, in which there is
/// `library/multiprocessing.html`.
const PYTHON_DOCUMENTS: &str = "IPC_CONFORMANCE_PYTHON_DOCS";

#[test]
fn every_entry_has_a_cause_a_kind_and_a_quote_that_its_source_contains() {
    let entries = entries(Path::new(PACKAGE));
    assert!(!entries.is_empty());
    let mut wrong = Vec::new();
    let mut unchecked = Vec::new();
    for (place, entry) in &entries {
        let review = &entry.review;
        assert!(!review.reason.trim().is_empty(), "{place}");
        assert!(!review.quote.texts.is_empty(), "{place}");
        let source = &review.quote.source;
        match text(source, review.kind) {
            Some(text) => {
                let missing = review.quote.texts.iter().filter(|quote| {
                    let quote = squeezed(quote);
                    quote.is_empty() || !squeezed(&text).contains(&quote)
                });
                wrong.extend(missing.map(|quote| format!("{place}: {quote:?} isn't in {source}")));
            }
            None => unchecked.push(format!("{place}: {source}")),
        }
    }
    // The output of a test that passes isn't shown, but what is written past the capture is.
    let mut shown = io::stderr();
    for one in &unchecked {
        let _ = writeln!(
            shown,
            "quote not checked, because its source isn't on disk: {one}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What this package and its lock file bring is on every machine that runs this test.
    let is_ours = |one: &&String| one.contains(" package:") || one.contains(" crate:interprocess/");
    let ours: Vec<&String> = unchecked.iter().filter(is_ours).collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn a_document_of_a_crate_is_its_documentation_comments() {
    let source = QuoteSource::Crate {
        name: "interprocess".to_owned(),
        file: "src/os/unix/c_wrappers.rs".to_owned(),
    };
    let has = |kind, quote| {
        let text = text(&source, kind).expect("the lock file names the crate");
        squeezed(&text).contains(&squeezed(quote))
    };
    let code = "Some(libc::EAGAIN)";
    assert!(has(DivergenceKind::Broken, code));
    assert!(!has(DivergenceKind::Documented, code));
}

/// Returns the first divergence of each entry, by the entry's place.
fn entries(root: &Path) -> BTreeMap<String, Divergence> {
    let folder = CaseFolder::open(Some(root)).expect("the package has cases");
    let (cases, _) = folder.cases();
    let divergences = folder.divergences(&cases, &Registry::builtin(), &[]);
    assert!(
        divergences.rejected.is_empty(),
        "{:?}",
        divergences.rejected
    );
    let mut entries = BTreeMap::new();
    for divergence in divergences.iter() {
        let place = divergence.place.to_string();
        entries.entry(place).or_insert_with(|| divergence.clone());
    }
    entries
}

/// Returns the text of a source, if it is on this machine. Of a crate whose documents are meant,
/// returns only the documentation comments.
fn text(source: &QuoteSource, kind: DivergenceKind) -> Option<String> {
    match source {
        QuoteSource::Crate { name, file } => {
            let code = fs::read_to_string(crate_folder(name)?.join(file)).ok()?;
            Some(match kind {
                DivergenceKind::Documented => comments(&code),
                DivergenceKind::Broken => format!("{}\n{code}", comments(&code)),
            })
        }
        QuoteSource::Python(file) => {
            let standard_library = "import sysconfig; print(sysconfig.get_paths()['stdlib'])";
            let folder = output(Command::new("python3").args(["-c", standard_library]))?;
            fs::read_to_string(Path::new(folder.trim()).join(file)).ok()
        }
        QuoteSource::Package(file) => fs::read_to_string(Path::new(PACKAGE).join(file)).ok(),
        QuoteSource::Manual(page) => {
            let (name, section) = page.trim_end_matches(')').split_once('(')?;
            let file = format!("/usr/share/man/man{section}/{name}.{section}.gz");
            Some(manual(&output(Command::new("gzip").args(["-dc", &file]))?))
        }
        QuoteSource::Web(address) => {
            let page = address.strip_prefix("https://docs.python.org/3/")?;
            let mut folders = python_documents().into_iter();
            let text = folders.find_map(|folder| fs::read_to_string(folder.join(page)).ok());
            text.map(|page| words(&page))
        }
    }
}

/// Returns the folders in which Python's documentation may be, as HTML: the one that a variable names,
/// and those of the system's packages.
fn python_documents() -> Vec<PathBuf> {
    let named = env::var_os(PYTHON_DOCUMENTS).map(PathBuf::from);
    let packages = fs::read_dir("/usr/share/doc").into_iter().flatten();
    let of_packages = packages.filter_map(|package| {
        let name = package.as_ref().ok()?.file_name();
        let is_python = name.to_str()?.starts_with("python3");
        is_python.then_some(package.ok()?.path().join("html"))
    });
    named.into_iter().chain(of_packages).collect()
}

/// Returns the words of a page of HTML.
fn words(page: &str) -> String {
    let mut text = String::new();
    for part in page.split('<') {
        let (_, after) = part.split_once('>').unwrap_or(("", part));
        text.push_str(after);
    }
    let replaced = [
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        ("\u{201c}", "\""),
        ("\u{201d}", "\""),
        ("\u{2019}", "'"),
    ];
    let replace = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
    replaced.iter().fold(text, replace)
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}

/// Returns the folder of a crate of the lock file in cargo's registry.
fn crate_folder(name: &str) -> Option<PathBuf> {
    let lock = fs::read_to_string(Path::new(PACKAGE).join("Cargo.lock")).ok()?;
    let (_, after) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    let (version, _) = after.split_once('"')?;
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    let registries = fs::read_dir(home.join("registry/src")).ok()?;
    let mut folders = registries
        .filter_map(|registry| Some(registry.ok()?.path().join(format!("{name}-{version}"))));
    folders.find(|folder| folder.is_dir())
}

/// Returns the documentation comments of Rust code, without the marks of comments.
fn comments(code: &str) -> String {
    let lines = code.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the words of a manual page, without the requests and escapes of its format.
fn manual(page: &str) -> String {
    let lines = page.lines().filter_map(|line| {
        let Some(request) = line.strip_prefix('.') else {
            return Some(line.to_owned());
        };
        let (_, words) = request.split_once(' ')?;
        Some(words.replace('"', ""))
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let escapes = ["\\fB", "\\fI", "\\fR", "\\fP", "\\&", "\\"];
    escapes.iter().fold(text, |text, one| text.replace(one, ""))
}

/// Returns the text without white space, which differs between a source and its quote.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}
