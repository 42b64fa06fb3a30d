//! Reads a file of needs.

use toml::de::DeTable;

use crate::backend::{Capability, Kind, System};
use crate::case::lower::fields::Fields;
use crate::case::lower::word::{owned, word};
use crate::case::lower::{Node, one_or_list, root, span};
use crate::case::{Diagnostic, Diagnostics, Span, Spanned};
use crate::clause::ClauseId;
use crate::corpus::similar_names;
use crate::judge::divergence::WildcardPattern;

/// What somebody needs of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    /// What it is about, in a line.
    pub(crate) title: String,
    /// The kind of channel.
    pub(crate) kind: Kind,
    /// The systems on which all needs must be met.
    pub(crate) systems: Vec<System>,
    /// The promises that must be kept.
    pub(crate) clauses: Vec<ClauseId>,
    /// The capabilities that the library must have.
    pub(crate) capabilities: Vec<Capability>,
    /// The libraries that must meet them, as keys of backends; empty to ask which libraries do.
    pub(crate) libraries: Vec<WildcardPattern>,
}

impl Needs {
    /// Parses a file of needs. `known` has the ids of all clauses.
    ///
    /// # Errors
    /// Returns all mistakes; but of mistakes in TOML itself only the first.
    pub(crate) fn parse(text: &str, known: &[String]) -> Result<Needs, Diagnostics> {
        let root = root(text)?;
        let mut errors = Diagnostics::new();
        match needs(root.get_ref(), known, &mut errors) {
            Some(needs) => errors.or(needs),
            None => Err(errors),
        }
    }
}

fn needs(root: &DeTable<'_>, known: &[String], errors: &mut Diagnostics) -> Option<Needs> {
    let mut fields = Fields::of("a file of needs", root, Span::default());
    let title = fields.require("title", errors);
    let title = title.and_then(|node| owned(node, errors));
    let kinds = Kind::ALL.map(|kind| (kind.word(), kind));
    let kind = fields.require("kind", errors);
    let kind = kind.and_then(|node| word(node, "kind", &kinds, errors));
    let systems = System::ALL.map(|system| (system.word(), system));
    let systems = all(fields.require("systems", errors), errors, |node, errors| {
        word(node, "system", &systems, errors)
    });
    let clauses = all(fields.take("clauses"), errors, |node, errors| {
        clause(node, known, errors)
    });
    let capabilities = Capability::ALL.map(|one| (one.word(), one));
    let capabilities = all(fields.take("capabilities"), errors, |node, errors| {
        word(node, "capability", &capabilities, errors)
    });
    let libraries = all(fields.take("libraries"), errors, |node, errors| {
        library(node, kind.as_ref().map(|kind| kind.value), errors)
    });
    fields.finish(errors);
    if clauses.is_empty() && capabilities.is_empty() && errors.is_empty() {
        let what = "it needs nothing";
        let help = "name promises in `clauses`, or `capabilities`, or both";
        errors.push(Diagnostic::new(Span::default(), what).help(help));
    }
    Some(Needs {
        title: title?.value,
        kind: kind?.value,
        systems,
        clauses,
        capabilities,
        libraries,
    })
}

/// Returns the different values of a key. If the file has the key, it must have a value.
fn all<T: PartialEq>(
    node: Option<&Node<'_>>,
    errors: &mut Diagnostics,
    lower: impl FnMut(&Node<'_>, &mut Diagnostics) -> Option<Spanned<T>>,
) -> Vec<T> {
    let Some(node) = node else {
        return Vec::new();
    };
    if node
        .get_ref()
        .as_array()
        .is_some_and(|list| list.is_empty())
    {
        errors.push(Diagnostic::new(span(node), "this list is empty").help("name at least one"));
    }
    let mut values = Vec::new();
    for one in one_or_list(node, errors, lower) {
        match values.contains(&one.value) {
            true => errors.push(Diagnostic::new(one.span, "this is already in the list")),
            false => values.push(one.value),
        }
    }
    values
}

fn clause(
    node: &Node<'_>,
    known: &[String],
    errors: &mut Diagnostics,
) -> Option<Spanned<ClauseId>> {
    let written = owned(node, errors)?;
    if known.contains(&written.value) {
        return Some(written.span.with(ClauseId::from(written.as_str())));
    }
    let message = format!("no clause is called `{}`", written.value);
    let help = match similar_names(&written.value, known).as_slice() {
        [] => "`list clauses` shows what there is".to_owned(),
        similar => format!("did you mean `{}`?", similar.join("` or `")),
    };
    errors.push(Diagnostic::new(written.span, message).help(help));
    None
}

fn library(
    node: &Node<'_>,
    kind: Option<Kind>,
    errors: &mut Diagnostics,
) -> Option<Spanned<WildcardPattern>> {
    let written = owned(node, errors)?;
    let of = written
        .split_once(':')
        .and_then(|(of, _)| Kind::from_word(of));
    match (of, kind) {
        (None, _) => {
            let message = format!("`{}` is not a backend", written.value);
            let help = "a backend is its kind and its name, as in \"queue:some/library\"; `*` stands for any text";
            errors.push(Diagnostic::new(written.span, message).help(help));
            None
        }
        (Some(of), Some(kind)) if of != kind => {
            let message = format!("this is a {of}, and the needs are of a {kind}");
            errors.push(Diagnostic::new(written.span, message));
            None
        }
        _ => Some(written.span.with(WildcardPattern::from(written.as_str()))),
    }
}
