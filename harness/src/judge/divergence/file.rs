//! Reads a file of divergences.

use std::sync::Arc;

use semver::VersionReq;
use toml::de::DeTable;

use super::entry::LimitedSignature;
use super::quote::{Quote, QuoteSource};
use super::{DivergenceKind, Entry, Review, Shows, Signature, When, WildcardPattern};
use crate::backend::{Emulation, Key, Kind, Outcome, System};
use crate::case::lower::fields::Fields;
use crate::case::lower::word::{owned, word};
use crate::case::lower::{Node, list, one_or_list, root, span, table};
use crate::case::{Diagnostic, Diagnostics, Span, Spanned};
use crate::clause::ClauseId;
use crate::judge::FileLine;
use crate::plan::Start;

/// The divergences of a library or of a mechanism.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DivergenceFile {
    /// The adapter or feature that brings the backends, if not every program has them.
    pub brought_by: Option<String>,
    /// The entries, in order.
    pub entries: Vec<Entry>,
}

impl DivergenceFile {
    /// Returns the name of a new file for a backend, as in `pipe-some-library.toml` for
    /// `pipe:some/library`.
    pub(crate) fn name(backend: &Key) -> String {
        format!("{}.toml", backend.to_string().replace([':', '/'], "-"))
    }

    /// Parses the text of the file at `path`.
    ///
    /// # Errors
    /// Returns all mistakes of form. Of mistakes in TOML itself, returns only the first, because the
    /// rest of the text is uncertain after it.
    pub(crate) fn parse(path: &str, text: &str) -> Result<DivergenceFile, Diagnostics> {
        let root = root(text)?;
        let mut errors = Diagnostics::new();
        let file = Reader { path, text }.file(root.get_ref(), &mut errors);
        errors.or(file)
    }
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
}

impl Reader<'_> {
    fn file(&self, root: &DeTable<'_>, errors: &mut Diagnostics) -> DivergenceFile {
        let mut fields = Fields::of("a file of divergences", root, Span::default());
        let brought_by = fields
            .take("brought-by")
            .and_then(|node| filled(node, "brought-by", errors));
        let entries = fields.take("divergence");
        fields.finish(errors);
        let entries = entries.and_then(|node| {
            let expected = "entries, each under `[[divergence]]`";
            list(node, expected, errors, |node, errors| {
                self.entry(node, errors)
            })
        });
        DivergenceFile {
            brought_by: brought_by.map(|by| by.value),
            entries: entries.unwrap_or_default(),
        }
    }

    fn entry(&self, node: &Node<'_>, errors: &mut Diagnostics) -> Option<Entry> {
        let entry = table(node, "an entry under `[[divergence]]`", errors)?;
        let mut fields = Fields::of("a divergence", entry, span(node));
        let backends = some(&mut fields, "backends", errors, backend);
        let cases = some(&mut fields, "cases", errors, pattern);
        let clauses = some(&mut fields, "clauses", errors, |node, errors| {
            let clause = owned(node, errors)?;
            Some(clause.span.with(ClauseId::from(clause.as_str())))
        });
        let when = match fields.take("when") {
            Some(node) => when(node, errors),
            None => Some(When::default()),
        };
        let signatures = some(&mut fields, "signature", errors, limited_signature);
        let shows = fields.require("shows", errors).and_then(|node| {
            let words = [Shows::Always, Shows::Sometimes].map(|shows| (shows.word(), shows));
            word(node, "way to show", &words, errors)
        });
        let review = review(&mut fields, errors);
        fields.finish(errors);
        Some(Entry {
            backends: backends?,
            cases: cases?,
            clauses: clauses?,
            when: when?,
            signatures: signatures?,
            shows: shows?.value,
            review: Arc::new(review?),
            place: FileLine {
                file: self.path.to_owned(),
                line: self.text[..span(node).start].matches('\n').count() + 1,
            },
        })
    }
}

/// Returns the values of a key that is required and not empty.
fn some<T>(
    fields: &mut Fields<'_, '_>,
    key: &'static str,
    errors: &mut Diagnostics,
    lower: impl FnMut(&Node<'_>, &mut Diagnostics) -> Option<T>,
) -> Option<Vec<T>> {
    let node = fields.require(key, errors)?;
    if node
        .get_ref()
        .as_array()
        .is_some_and(|list| list.is_empty())
    {
        let message = format!("`{key}` is empty");
        errors.push(Diagnostic::new(span(node), message).help("name at least one"));
        return None;
    }
    Some(one_or_list(node, errors, lower))
}

fn backend(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<WildcardPattern>> {
    let written = owned(node, errors)?;
    let kind = written.split_once(':').map(|(kind, _)| kind);
    if kind.is_some_and(|kind| kind.contains('*') || Kind::from_word(kind).is_some()) {
        return Some(written.span.with(WildcardPattern::from(written.as_str())));
    }
    let message = format!("`{}` is not a backend", written.value);
    let help = "a backend is its kind and its name, as in \"pipe:std/pipe\"";
    errors.push(Diagnostic::new(written.span, message).help(help));
    None
}

fn pattern(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<WildcardPattern>> {
    let written = owned(node, errors)?;
    Some(written.span.with(WildcardPattern::from(written.as_str())))
}

/// Reads the cause: its kind, the reason, and the quote with its source.
fn review(fields: &mut Fields<'_, '_>, errors: &mut Diagnostics) -> Option<Review> {
    let kinds = DivergenceKind::ALL.map(|kind| (kind.word(), kind));
    let kind = fields
        .require("kind", errors)
        .filter(|node| filled(node, "kind", errors).is_some())
        .and_then(|node| word(node, "kind", &kinds, errors));
    let mut text = |key| {
        let node = fields.require(key, errors)?;
        filled(node, key, errors)
    };
    let reason = text("reason");
    let source = text("source");
    let link = text("link");
    let quotes = some(fields, "quote", errors, |node, errors| {
        filled(node, "quote", errors)
    });
    let (kind, source, link) = (kind?, source?, link?);
    let Some(place) = QuoteSource::parse(&source) else {
        let message = format!("`{}` is no source of a quote", source.value);
        let help = "write `crate:NAME/FILE`, `python:FILE`, `package:FILE`, `man:PAGE` \
                    or an `https:` address";
        errors.push(Diagnostic::new(source.span, message).help(help));
        return None;
    };
    let is_code = |one: &Spanned<String>| {
        QuoteSource::parse(one).is_some_and(|source| source.is_no_document())
    };
    let mut named = [&source, &link].into_iter();
    if let (DivergenceKind::Documented, Some(code)) = (kind.value, named.find(|one| is_code(one))) {
        let message = "source code and trackers document nothing";
        let help = "quote a document that the library publishes, or write `kind = \"broken\"`";
        errors.push(Diagnostic::new(code.span, message).help(help));
        return None;
    }
    Some(Review {
        kind: kind.value,
        reason: reason?.value,
        quote: Quote {
            texts: quotes?.into_iter().map(|quote| quote.value).collect(),
            source: place,
        },
        link: link.value.clone(),
    })
}

/// A text that isn't empty.
fn filled(node: &Node<'_>, key: &str, errors: &mut Diagnostics) -> Option<Spanned<String>> {
    let text = owned(node, errors)?;
    if text.trim().is_empty() {
        errors.push(empty(node, key));
        return None;
    }
    Some(text)
}

fn empty(node: &Node<'_>, key: &str) -> Diagnostic {
    let help = match key {
        "kind" => {
            "write `documented` if a document that the library publishes says so, and else `broken`"
        }
        "reason" => "say why it breaks",
        "quote" => "quote what the library's documents or source say about it",
        "source" => "say where the quote is, as in \"man:mq_send(3)\"",
        "link" => "give the address at which people can read the source",
        _ => "give a value, or remove the key",
    };
    Diagnostic::new(span(node), format!("the {key} is empty")).help(help)
}

fn when(node: &Node<'_>, errors: &mut Diagnostics) -> Option<When> {
    let expected = "circumstances, as in { os = \"linux\" }";
    let mut fields = Fields::of("`when`", table(node, expected, errors)?, span(node));
    let systems = System::ALL.map(|os| (os.word(), os));
    let os = fields.take("os").map(|node| {
        one_or_list(node, errors, |node, errors| {
            word(node, "operating system", &systems, errors)
        })
    });
    let emulations = [Emulation::Wine].map(|emulation| (emulation.word(), emulation));
    let emulation = fields
        .take("emulation")
        .and_then(|node| word(node, "emulation", &emulations, errors));
    let version = fields
        .take("version")
        .and_then(|node| versions(node, errors));
    let starts = [Start::Spawn, Start::Fork, Start::Forkserver].map(|start| (start.word(), start));
    let start = fields
        .take("start")
        .and_then(|node| word(node, "start method", &starts, errors));
    fields.finish(errors);
    Some(When {
        os: os.into_iter().flatten().map(|os| os.value).collect(),
        emulation: emulation.map(|emulation| emulation.value),
        version,
        start: start.map(|start| start.value),
    })
}

/// The versions of a library, as a semver requirement.
fn versions(node: &Node<'_>, errors: &mut Diagnostics) -> Option<VersionReq> {
    let written = filled(node, "version", errors)?;
    let requirement = VersionReq::parse(&written);
    requirement
        .map_err(|error| {
            let message = format!(
                "`{}` is no requirement for a version: {error}",
                written.value
            );
            let help = "write it as in Cargo.toml: \"2.4.*\", \"=2.4.7\" or \">=3.8, <3.13\"";
            errors.push(Diagnostic::new(span(node), message).help(help));
        })
        .ok()
}

fn limited_signature(node: &Node<'_>, errors: &mut Diagnostics) -> Option<LimitedSignature> {
    let expected = "a signature, as in { step = \"recv p.rx\", outcome = \"timeout\" }";
    let mut fields = Fields::of("a signature", table(node, expected, errors)?, span(node));
    let step = fields
        .require("step", errors)
        .and_then(|node| filled(node, "step", errors));
    let outcomes = Outcome::ALL.map(|outcome| (outcome.word(), outcome));
    let outcome = fields
        .require("outcome", errors)
        .and_then(|node| word(node, "outcome", &outcomes, errors));
    let raw = fields
        .take("raw")
        .and_then(|node| filled(node, "raw", errors));
    let mut limits = |key| {
        let node = fields.take(key)?;
        let patterns = one_or_list(node, errors, pattern).into_iter();
        Some(patterns.map(|pattern| pattern.value).collect())
    };
    let [backends, cases, clauses] =
        ["backends", "cases", "clauses"].map(|key| limits(key).unwrap_or_default());
    fields.finish(errors);
    Some(LimitedSignature {
        signature: Signature {
            step: step?.value,
            outcome: outcome?.value,
            raw: raw.map(|raw| raw.value),
        },
        backends,
        cases,
        clauses,
        span: span(node),
    })
}

#[cfg(test)]
pub(in crate::judge::divergence) mod tests;
