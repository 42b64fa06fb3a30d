//! Splits a line into its fields.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::mistake::LineError;
use crate::case::name;

/// A field of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineField {
    Peer,
    Channel,
    Op,
    Item,
    Start,
    End,
    Outcome,
    Definite,
}

impl LineField {
    pub(super) const ALL: [LineField; 8] = [
        LineField::Peer,
        LineField::Channel,
        LineField::Op,
        LineField::Item,
        LineField::Start,
        LineField::End,
        LineField::Outcome,
        LineField::Definite,
    ];

    pub(super) fn word(self) -> &'static str {
        match self {
            LineField::Peer => "peer",
            LineField::Channel => "channel",
            LineField::Op => "op",
            LineField::Item => "item",
            LineField::Start => "start",
            LineField::End => "end",
            LineField::Outcome => "outcome",
            LineField::Definite => "definite",
        }
    }

    fn of(word: &str) -> Option<LineField> {
        LineField::ALL
            .into_iter()
            .find(|field| field.word() == word)
    }
}

/// The fields of one line, each an unparsed piece of JSON.
#[derive(Debug)]
pub(super) struct LineFields<'a> {
    line: &'a str,
    raw: RawFields<'a>,
}

impl<'a> LineFields<'a> {
    /// Splits a line, which must be a JSON object.
    pub(super) fn of(line: &'a str) -> Result<LineFields<'a>, LineError> {
        let raw: RawFields<'_> =
            serde_json::from_str(line).map_err(|error| syntax(line, &error))?;
        let fields = LineFields { line, raw };
        match &fields.raw.stray {
            None => Ok(fields),
            Some(stray) => Err(fields.stray(stray)),
        }
    }

    /// Returns the JSON in a field; `None` if the field is missing or `null`.
    pub(super) fn get(&self, field: LineField) -> Option<&'a str> {
        let piece = self.raw.known[field as usize]?.get();
        (piece != "null").then_some(piece)
    }

    /// Makes a mistake at this field, or at the whole line if the field is missing.
    pub(super) fn error_at(&self, field: LineField, message: impl Into<String>) -> LineError {
        let span = match self.raw.known[field as usize] {
            Some(piece) => place(piece.get(), self.line),
            None => whole(self.line),
        };
        LineError::new(span, message)
    }

    fn stray(&self, stray: &Stray<'a>) -> LineError {
        match stray {
            Stray::Unknown(word, piece) => {
                let span = match word {
                    Cow::Borrowed(word) => place(word, self.line),
                    Cow::Owned(_) => place(piece.get(), self.line),
                };
                let help = name::instead(word, &LineField::ALL.map(LineField::word));
                let word: String = word.chars().take(LONGEST_NAME).collect();
                LineError::new(span, format!("unknown field `{word}`")).help(help)
            }
            Stray::Again(field, piece) => {
                let message = format!("field `{}` appears twice", field.word());
                LineError::new(place(piece.get(), self.line), message)
            }
        }
    }
}

/// The longest unknown field name that a message quotes in full, in characters.
const LONGEST_NAME: usize = 40;

/// Returns the bytes of a piece in its line.
fn place(piece: &str, line: &str) -> Range<usize> {
    let start = piece.as_ptr() as usize - line.as_ptr() as usize;
    start..start + piece.len()
}

/// Returns the bytes of the line without leading and trailing blanks.
fn whole(line: &str) -> Range<usize> {
    let start = line.len() - line.trim_start().len();
    start..line.trim_end().len().max(start)
}

fn syntax(line: &str, error: &serde_json::Error) -> LineError {
    let text = error.to_string();
    let text = match text.rfind(" at line ") {
        Some(end) => &text[..end],
        None => &text,
    };
    // The column counts bytes from 1; 0 is before the first.
    let mut start = error.column().saturating_sub(1).min(line.len());
    while !line.is_char_boundary(start) {
        start -= 1;
    }
    let width = line[start..].chars().next().map_or(0, char::len_utf8);
    let message = match error.classify() {
        serde_json::error::Category::Eof => "the line ends before its JSON object does".to_owned(),
        _ => text.to_owned(),
    };
    LineError::new(start..start + width, message)
}

#[derive(Debug, Default)]
struct RawFields<'a> {
    known: [Option<&'a RawValue>; LineField::ALL.len()],
    /// The first field that is unknown or repeated.
    stray: Option<Stray<'a>>,
}

#[derive(Debug)]
enum Stray<'a> {
    Unknown(Cow<'a, str>, &'a RawValue),
    Again(LineField, &'a RawValue),
}

impl<'de: 'a, 'a> Deserialize<'de> for RawFields<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = RawFields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an operation, which is a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawFields<'de>, A::Error> {
                let mut raw = RawFields::default();
                while let Some(FieldName(word)) = map.next_key()? {
                    let piece: &RawValue = map.next_value()?;
                    let stray = match LineField::of(&word) {
                        None => Stray::Unknown(word, piece),
                        Some(field) => match &mut raw.known[field as usize] {
                            Some(_) => Stray::Again(field, piece),
                            free => {
                                *free = Some(piece);
                                continue;
                            }
                        },
                    };
                    raw.stray.get_or_insert(stray);
                }
                Ok(raw)
            }
        }

        from.deserialize_map(ObjectVisitor)
    }
}

/// A key, copied only if it contains escapes.
struct FieldName<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for FieldName<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = FieldName<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<FieldName<'de>, E> {
                Ok(FieldName(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<FieldName<'de>, E> {
                Ok(FieldName(Cow::Owned(text.to_owned())))
            }
        }

        from.deserialize_str(NameVisitor)
    }
}
