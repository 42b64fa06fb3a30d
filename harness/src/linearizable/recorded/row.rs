//! What one line says, and whether an operation can be like that.

use std::borrow::Cow;

use super::bare;
use super::fields::{Field, Fields};
use super::mistake::Fault;
use crate::case::name;
use crate::linearizable::{Kind, NEVER, Outcome};

/// One operation, with names as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) peer: Cow<'a, str>,
    pub(super) channel: Cow<'a, str>,
    pub(super) kind: Kind,
    pub(super) item: Option<Cow<'a, str>>,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) outcome: Outcome,
}

impl<'a> Row<'a> {
    /// What this line says.
    pub(super) fn of(line: &'a str) -> Result<Row<'a>, Fault> {
        let fields = Fields::of(line)?;
        let peer = called(&fields, Field::Peer)?;
        let channel = called(&fields, Field::Channel)?;
        let kind = word(&fields, Field::Op, &KINDS)?.ok_or_else(|| missing(&fields, Field::Op))?;
        let start = stamp(&fields, Field::Start)?.ok_or_else(|| missing(&fields, Field::Start))?;
        let end = stamp(&fields, Field::End)?.unwrap_or(NEVER);
        if end < start {
            let fault = fields.fault(Field::End, "it ends before it starts");
            return Err(fault.help("both stamps are of one clock that never goes back"));
        }
        let outcome = outcome(&fields, kind)?;
        let item = item(&fields, kind, outcome)?;
        Ok(Row {
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

/// The words for outcomes; whether an error is definite stands in a field of its own.
const OUTCOMES: [(&str, Outcome); 6] = [
    ("ok", Outcome::Ok),
    ("empty", Outcome::Empty),
    ("full", Outcome::Full),
    ("timeout", Outcome::Timeout),
    ("end", Outcome::End),
    ("error", Outcome::Error { definite: true }),
];

/// The word for what an operation does.
pub(super) fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Put => "put",
        Kind::Get => "get",
        Kind::Close => "close",
    }
}

/// The word for an outcome; none for what never came.
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

fn outcome(fields: &Fields<'_>, kind: Kind) -> Result<Outcome, Fault> {
    let said = word(fields, Field::Outcome, &OUTCOMES)?;
    let definite = definite(fields)?;
    let outcome = match (said, fields.get(Field::End)) {
        (None, None) => Outcome::Pending,
        (Some(outcome), Some(_)) => outcome,
        (Some(_), None) => {
            let fault = fields.fault(Field::Outcome, "it has an `outcome` and no `end`");
            return Err(fault.help("an operation that never returned has neither"));
        }
        (None, Some(_)) => {
            let fault = fields.fault(Field::End, "it has an `end` and no `outcome`");
            return Err(fault.help("an operation that never returned has neither"));
        }
    };
    if let Some(word) = outcome_word(outcome)
        && !kind.can_come_to(outcome)
    {
        let possible = OUTCOMES
            .iter()
            .filter(|(_, other)| kind.can_come_to(*other));
        let words: Vec<&str> = possible.map(|(word, _)| *word).collect();
        let kind = kind_word(kind);
        let fault = fields.fault(Field::Outcome, format!("no {kind} comes to `{word}`"));
        return Err(fault.help(format!("one of `{}`", words.join("`, `"))));
    }
    match (outcome, definite) {
        (Outcome::Error { .. }, Some(definite)) => Ok(Outcome::Error { definite }),
        (Outcome::Error { .. }, None) => {
            let fault = fields.fault(Field::Outcome, "an error says whether it is `definite`");
            Err(fault
                .help("`true` if it had no effect for certain, `false` if it may have had one"))
        }
        (outcome, None) => Ok(outcome),
        (_, Some(_)) => {
            let message = "only the outcome `error` is definite or not";
            Err(fields.fault(Field::Definite, message))
        }
    }
}

fn definite(fields: &Fields<'_>) -> Result<Option<bool>, Fault> {
    match fields.get(Field::Definite) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(fields.fault(Field::Definite, "`definite` is true or false")),
    }
}

fn item<'a>(
    fields: &Fields<'a>,
    kind: Kind,
    outcome: Outcome,
) -> Result<Option<Cow<'a, str>>, Fault> {
    let item = match fields.get(Field::Item) {
        None => None,
        Some(piece) => {
            let message = "an item is a number, a text, true or false";
            Some(scalar(piece).ok_or_else(|| fields.fault(Field::Item, message))?)
        }
    };
    match (kind, outcome, &item) {
        (Kind::Put, _, None) => Err(fields.fault(Field::Item, "a put has the `item` that it puts")),
        (Kind::Get, Outcome::Ok, None) => {
            let fault = fields.fault(Field::Item, "a get that is ok has the `item` that it got");
            Err(fault)
        }
        (Kind::Get, Outcome::Pending, Some(_)) => {
            let message = "a get that never returned has no `item`";
            Err(fields.fault(Field::Item, message))
        }
        (Kind::Put, ..) | (Kind::Get, Outcome::Ok, Some(_)) | (_, _, None) => Ok(item),
        (Kind::Get, ..) => {
            let message = "only a get that is ok has an `item`";
            Err(fields.fault(Field::Item, message))
        }
        (Kind::Close, ..) => Err(fields.fault(Field::Item, "a close has no `item`")),
    }
}

fn missing(fields: &Fields<'_>, field: Field) -> Fault {
    fields.fault(field, format!("`{}` is missing", field.word()))
}

fn called<'a>(fields: &Fields<'a>, field: Field) -> Result<Cow<'a, str>, Fault> {
    let piece = fields.get(field).ok_or_else(|| missing(fields, field))?;
    let name = scalar(piece).filter(|name| !matches!(&**name, "true" | "false"));
    name.ok_or_else(|| fields.fault(field, format!("`{}` is a text or a number", field.word())))
}

fn stamp(fields: &Fields<'_>, field: Field) -> Result<Option<u64>, Fault> {
    let Some(piece) = fields.get(field) else {
        return Ok(None);
    };
    match piece.parse() {
        Ok(NEVER) => {
            let fault = fields.fault(field, "no stamp is as great as 2^64 - 1");
            Err(fault.help("an operation that never returned has neither `end` nor `outcome`"))
        }
        Ok(stamp) => Ok(Some(stamp)),
        Err(_) => {
            let message = format!("`{}` is an integer from 0 to 2^64 - 2", field.word());
            Err(fields.fault(field, message))
        }
    }
}

fn word<T: Copy>(
    fields: &Fields<'_>,
    field: Field,
    known: &[(&'static str, T)],
) -> Result<Option<T>, Fault> {
    let Some(piece) = fields.get(field) else {
        return Ok(None);
    };
    let written = bare(piece);
    let found = known.iter().find(|(word, _)| *word == written);
    if let Some((_, meaning)) = found {
        return Ok(Some(*meaning));
    }
    let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
    let fault = fields.fault(field, format!("this is no `{}`", field.word()));
    Err(fault.help(name::instead(written, &words)))
}

/// A number, a text or a truth value in the one way in which it is called: texts without needless
/// escapes, all else as it is written. None for anything else.
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
