//! Parses a line, and checks that the operation is possible.

use std::borrow::Cow;

use super::fields::{LineField, LineFields};
use super::mistake::LineError;
use super::readable::bare;
use crate::case::name;
use crate::linearizable::history::{Kind, NEVER, Outcome};

/// One operation, with names as written in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ParsedLine<'a> {
    pub(super) peer: Cow<'a, str>,
    pub(super) channel: Cow<'a, str>,
    pub(super) kind: Kind,
    pub(super) item: Option<Cow<'a, str>>,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) outcome: Outcome,
}

impl<'a> ParsedLine<'a> {
    /// Parses a line.
    pub(super) fn of(line: &'a str) -> Result<ParsedLine<'a>, LineError> {
        let fields = LineFields::of(line)?;
        let peer = name_in(&fields, LineField::Peer)?;
        let channel = name_in(&fields, LineField::Channel)?;
        let kind =
            word(&fields, LineField::Op, &KINDS)?.ok_or_else(|| missing(&fields, LineField::Op))?;
        let start =
            stamp(&fields, LineField::Start)?.ok_or_else(|| missing(&fields, LineField::Start))?;
        let end = stamp(&fields, LineField::End)?.unwrap_or(NEVER);
        if end < start {
            let error = fields.error_at(LineField::End, "the operation ends before it starts");
            return Err(error.help("read both stamps from one monotonic clock"));
        }
        let outcome = outcome(&fields, kind)?;
        let item = item(&fields, kind, outcome)?;
        Ok(ParsedLine {
            peer,
            channel,
            kind,
            item,
            start,
            end,
            outcome,
        })
    }
}

const KINDS: [(&str, Kind); 3] = [
    ("put", Kind::Put),
    ("get", Kind::Get),
    ("close", Kind::Close),
];

/// The names of outcomes. Whether an error is definite is in another field.
const OUTCOMES: [(&str, Outcome); 6] = [
    ("ok", Outcome::Ok),
    ("empty", Outcome::Empty),
    ("full", Outcome::Full),
    ("timeout", Outcome::Timeout),
    ("end", Outcome::End),
    ("error", Outcome::Error { definite: true }),
];

/// Returns the name of a kind.
pub(super) fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Put => "put",
        Kind::Get => "get",
        Kind::Close => "close",
    }
}

/// Returns the name of an outcome; `None` for a pending operation.
pub(super) fn outcome_word(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Pending => None,
        Outcome::Ok => Some("ok"),
        Outcome::Empty => Some("empty"),
        Outcome::Full => Some("full"),
        Outcome::Timeout => Some("timeout"),
        Outcome::End => Some("end"),
        Outcome::Error { .. } => Some("error"),
    }
}

fn outcome(fields: &LineFields<'_>, kind: Kind) -> Result<Outcome, LineError> {
    let written = word(fields, LineField::Outcome, &OUTCOMES)?;
    let definite = definite(fields)?;
    let outcome = match (written, fields.get(LineField::End)) {
        (None, None) => Outcome::Pending,
        (Some(outcome), Some(_)) => outcome,
        (Some(_), None) => {
            let error = fields.error_at(
                LineField::Outcome,
                "the operation has an `outcome` and no `end`",
            );
            return Err(error.help("an operation that never returned has neither"));
        }
        (None, Some(_)) => {
            let error = fields.error_at(
                LineField::End,
                "the operation has an `end` and no `outcome`",
            );
            return Err(error.help("an operation that never returned has neither"));
        }
    };
    if let Some(word) = outcome_word(outcome)
        && !kind.can_have(outcome)
    {
        let possible = OUTCOMES.iter().filter(|(_, other)| kind.can_have(*other));
        let words: Vec<&str> = possible.map(|(word, _)| *word).collect();
        let kind = kind_word(kind);
        let error = fields.error_at(
            LineField::Outcome,
            format!("a {kind} can't have the outcome `{word}`"),
        );
        return Err(error.help(format!("one of `{}`", words.join("`, `"))));
    }
    match (outcome, definite) {
        (Outcome::Error { .. }, Some(definite)) => Ok(Outcome::Error { definite }),
        (Outcome::Error { .. }, None) => {
            let error = fields.error_at(LineField::Outcome, "an error needs the field `definite`");
            Err(error.help(
                "`true` if the operation certainly had no effect, `false` if it may have had one",
            ))
        }
        (outcome, None) => Ok(outcome),
        (_, Some(_)) => {
            let message = "only the outcome `error` has the field `definite`";
            Err(fields.error_at(LineField::Definite, message))
        }
    }
}

fn definite(fields: &LineFields<'_>) -> Result<Option<bool>, LineError> {
    match fields.get(LineField::Definite) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(fields.error_at(LineField::Definite, "`definite` is true or false")),
    }
}

fn item<'a>(
    fields: &LineFields<'a>,
    kind: Kind,
    outcome: Outcome,
) -> Result<Option<Cow<'a, str>>, LineError> {
    let item = match fields.get(LineField::Item) {
        None => None,
        Some(piece) => {
            let message = "an item is a number, a string, true or false";
            Some(scalar(piece).ok_or_else(|| fields.error_at(LineField::Item, message))?)
        }
    };
    match (kind, outcome, &item) {
        (Kind::Put, _, None) => {
            Err(fields.error_at(LineField::Item, "a put needs the `item` that it puts"))
        }
        (Kind::Get, Outcome::Ok, None) => {
            let error = fields.error_at(
                LineField::Item,
                "a get that is ok needs the `item` that it got",
            );
            Err(error)
        }
        (Kind::Get, Outcome::Pending, Some(_)) => {
            let message = "a get that never returned has no `item`";
            Err(fields.error_at(LineField::Item, message))
        }
        (Kind::Put, ..) | (Kind::Get, Outcome::Ok, Some(_)) | (_, _, None) => Ok(item),
        (Kind::Get, ..) => {
            let message = "only a get that is ok has an `item`";
            Err(fields.error_at(LineField::Item, message))
        }
        (Kind::Close, ..) => Err(fields.error_at(LineField::Item, "a close has no `item`")),
    }
}

fn missing(fields: &LineFields<'_>, field: LineField) -> LineError {
    fields.error_at(field, format!("`{}` is missing", field.word()))
}

fn name_in<'a>(fields: &LineFields<'a>, field: LineField) -> Result<Cow<'a, str>, LineError> {
    let piece = fields.get(field).ok_or_else(|| missing(fields, field))?;
    let name = scalar(piece).filter(|name| !matches!(&**name, "true" | "false"));
    name.ok_or_else(|| {
        fields.error_at(field, format!("`{}` is a string or a number", field.word()))
    })
}

fn stamp(fields: &LineFields<'_>, field: LineField) -> Result<Option<u64>, LineError> {
    let Some(piece) = fields.get(field) else {
        return Ok(None);
    };
    match piece.parse() {
        Ok(NEVER) => {
            let error = fields.error_at(field, "a stamp is less than 2^64 - 1");
            Err(error.help("an operation that never returned has neither `end` nor `outcome`"))
        }
        Ok(stamp) => Ok(Some(stamp)),
        Err(_) => {
            let message = format!("`{}` is an integer from 0 to 2^64 - 2", field.word());
            Err(fields.error_at(field, message))
        }
    }
}

fn word<T: Copy>(
    fields: &LineFields<'_>,
    field: LineField,
    known: &[(&'static str, T)],
) -> Result<Option<T>, LineError> {
    let Some(piece) = fields.get(field) else {
        return Ok(None);
    };
    let written = bare(piece);
    let found = known.iter().find(|(word, _)| *word == written);
    if let Some((_, meaning)) = found {
        return Ok(Some(*meaning));
    }
    let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
    let error = fields.error_at(field, format!("unknown `{}`", field.word()));
    Err(error.help(name::instead(written, &words)))
}

/// Returns the name that a JSON number, string or boolean stands for: a string without needless
/// escapes, and anything else as written. Returns `None` for other JSON.
fn scalar(piece: &str) -> Option<Cow<'_, str>> {
    match piece.as_bytes().first()? {
        b'"' if piece.contains('\\') => {
            let text: String = serde_json::from_str(piece).ok()?;
            serde_json::to_string(&text).ok().map(Cow::Owned)
        }
        b'"' | b'0'..=b'9' | b'-' | b't' | b'f' => Some(Cow::Borrowed(piece)),
        _ => None,
    }
}
