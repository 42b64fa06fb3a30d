//! Reads the file with the divergences of one backend.

use toml::de::DeTable;

use super::{Divergence, Shows, Signature, When, WildcardPattern};
use crate::backend::{Emulation, Key, Kind, Outcome, System};
use crate::case::lower::fields::Fields;
use crate::case::lower::word::{owned, text, word};
use crate::case::lower::{Node, list, one_or_list, span, table};
use crate::case::{Diagnostic, Diagnostics, Span, Spanned};
use crate::clause::ClauseId;
use crate::judge::FileLine;
use crate::plan::Start;

/// One backend's divergences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DivergenceFile {
    /// The backend.
    pub backend: Spanned<Key>,
    /// The adapter or feature that brings the backend, if not every program has it.
    pub brought_by: Option<String>,
    /// The entries, in order.
    pub divergences: Vec<Divergence>,
}

impl DivergenceFile {
    /// Returns the name of a backend's file, as in `pipe-some-library.toml` for `pipe:some/library`.
    pub(crate) fn name(backend: &Key) -> String {
        format!("{}.toml", backend.to_string().replace([':', '/'], "-"))
    }

    /// Parses the text of the file at `path`.
    ///
    /// # Errors
    /// Returns all mistakes of form. Of mistakes in TOML itself, returns only the first, because the
    /// rest of the text is uncertain after it.
    pub(crate) fn parse(path: &str, text: &str) -> Result<DivergenceFile, Diagnostics> {
        let root = DeTable::parse(text).map_err(|error| {
            let place = error.span().unwrap_or(text.len()..text.len());
            Diagnostic::new(Span::from(place), error.message())
        })?;
        let mut errors = Diagnostics::new();
        let reader = Reader { path, text };
        match reader.file(root.get_ref(), &mut errors) {
            Some(file) => errors.or(file),
            None => Err(errors),
        }
    }
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
}

impl Reader<'_> {
    fn file(&self, root: &DeTable<'_>, errors: &mut Diagnostics) -> Option<DivergenceFile> {
        let mut fields = Fields::of("a file of divergences", root, Span::default());
        let backend = fields
            .require("backend", errors)
            .and_then(|node| self.backend(node, errors));
        let brought_by = fields
            .take("brought-by")
            .and_then(|node| filled(node, "brought-by", errors));
        let entries = fields.take("divergence");
        fields.finish(errors);
        let backend = backend?;
        let entries = entries.and_then(|node| {
            let expected = "entries, each under `[[divergence]]`";
            list(node, expected, errors, |node, errors| {
                self.divergence(node, &backend, errors)
            })
        });
        Some(DivergenceFile {
            backend,
            brought_by: brought_by.map(|by| by.value),
            divergences: entries.unwrap_or_default(),
        })
    }

    fn backend(&self, node: &Node<'_>, errors: &mut Diagnostics) -> Option<Spanned<Key>> {
        let written = text(node, "a backend, as in \"pipe:std/pipe\"", errors)?;
        let key = written
            .split_once(':')
            .and_then(|(kind, name)| Some(Key::new(Kind::from_word(kind)?, name)));
        let Some(key) = key else {
            let message = format!("`{written}` is not a backend");
            let help = "a backend is its kind and its name, as in \"pipe:std/pipe\"";
            errors.push(Diagnostic::new(span(node), message).help(help));
            return None;
        };
        let name = DivergenceFile::name(&key);
        if self.path.rsplit(['/', '\\']).next() != Some(name.as_str()) {
            let message = format!("the divergences of `{key}` are in the wrong file");
            let help = format!("move them to `{name}`");
            errors.push(Diagnostic::new(span(node), message).help(help));
        }
        Some(span(node).with(key))
    }

    fn divergence(
        &self,
        node: &Node<'_>,
        backend: &Key,
        errors: &mut Diagnostics,
    ) -> Option<Divergence> {
        let entry = table(node, "an entry under `[[divergence]]`", errors)?;
        let mut fields = Fields::of("a divergence", entry, span(node));
        let clause = fields
            .require("clause", errors)
            .and_then(|node| owned(node, errors));
        let case = fields
            .require("case", errors)
            .and_then(|node| owned(node, errors));
        let when = match fields.take("when") {
            Some(node) => when(node, errors),
            None => Some(When::default()),
        };
        let signatures = fields
            .require("signature", errors)
            .map(|node| one_or_list(node, errors, signature));
        let shows = fields.require("shows", errors).and_then(|node| {
            let words = [Shows::Always, Shows::Sometimes].map(|shows| (shows.word(), shows));
            word(node, "way to show", &words, errors)
        });
        let mut text = |key| {
            let node = fields.require(key, errors)?;
            filled(node, key, errors)
        };
        let (reason, link) = (text("reason"), text("link"));
        fields.finish(errors);
        let clause = clause?;
        let case = case?;
        Some(Divergence {
            backend: backend.clone(),
            clause: clause.span.with(ClauseId::from(clause.as_str())),
            case: case.span.with(WildcardPattern::from(case.as_str())),
            when: when?,
            signatures: signatures?,
            shows: shows?.value,
            reason: reason?,
            link: link?,
            place: FileLine {
                file: self.path.to_owned(),
                line: self.text[..span(node).start].matches('\n').count() + 1,
            },
        })
    }
}

/// A text that isn't empty.
fn filled(node: &Node<'_>, key: &str, errors: &mut Diagnostics) -> Option<Spanned<String>> {
    let text = owned(node, errors)?;
    if text.trim().is_empty() {
        let message = format!("the {key} is empty");
        let help = match key {
            "reason" => "quote what the library's documents or source say about it",
            "link" => "give the source of the reason",
            _ => "give a value, or remove the key",
        };
        errors.push(Diagnostic::new(span(node), message).help(help));
        return None;
    }
    Some(text)
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
        .and_then(|node| filled(node, "version", errors));
    let starts = [Start::Spawn, Start::Fork, Start::Forkserver].map(|start| (start.word(), start));
    let start = fields
        .take("start")
        .and_then(|node| word(node, "start method", &starts, errors));
    fields.finish(errors);
    Some(When {
        os: os.into_iter().flatten().map(|os| os.value).collect(),
        emulation: emulation.map(|emulation| emulation.value),
        version: version.map(|version| WildcardPattern::from(version.as_str())),
        start: start.map(|start| start.value),
    })
}

fn signature(node: &Node<'_>, errors: &mut Diagnostics) -> Option<Signature> {
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
    fields.finish(errors);
    Some(Signature {
        step: step?.value,
        outcome: outcome?.value,
        raw: raw.map(|raw| raw.value),
    })
}

#[cfg(test)]
pub(in crate::judge::divergence) mod tests;
