//! The fields of one line, as they stand there.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::mistake::Fault;
use crate::case::name;

/// What an operation says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Peer,
    Channel,
    Op,
    Item,
    Start,
    End,
    Outcome,
    Definite,
}

impl Field {
    pub(super) const ALL: [Field; 8] = [
        Field::Peer,
        Field::Channel,
        Field::Op,
        Field::Item,
        Field::Start,
        Field::End,
        Field::Outcome,
        Field::Definite,
    ];

    pub(super) fn word(self) -> &'static str {
        match self {
            Field::Peer => "peer",
            Field::Channel => "channel",
            Field::Op => "op",
            Field::Item => "item",
            Field::Start => "start",
            Field::End => "end",
            Field::Outcome => "outcome",
            Field::Definite => "definite",
        }
    }

    fn of(word: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.word() == word)
    }
}

/// One line's fields, each a piece of JSON that nobody has looked into.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    line: &'a str,
    pieces: Pieces<'a>,
}

impl<'a> Fields<'a> {
    /// The fields of a line that is a JSON object.
    pub(super) fn of(line: &'a str) -> Result<Fields<'a>, Fault> {
        let pieces: Pieces<'_> =
            serde_json::from_str(line).map_err(|error| syntax(line, &error))?;
        let fields = Fields { line, pieces };
        match &fields.pieces.stray {
            None => Ok(fields),
            Some(stray) => Err(fields.stray(stray)),
        }
    }

    /// What stands in a field, unless that is `null`.
    pub(super) fn get(&self, field: Field) -> Option<&'a str> {
        let piece = self.pieces.known[field as usize]?.get();
        (piece != "null").then_some(piece)
    }

    /// A mistake in what stands in this field, or all over the line if nothing does.
    pub(super) fn fault(&self, field: Field, message: impl Into<String>) -> Fault {
        let span = match self.pieces.known[field as usize] {
            Some(piece) => place(piece.get(), self.line),
            None => whole(self.line),
        };
        Fault::new(span, message)
    }

    fn stray(&self, stray: &Stray<'a>) -> Fault {
        match stray {
            Stray::Unknown(word, piece) => {
                let span = match word {
                    Cow::Borrowed(word) => place(word, self.line),
                    Cow::Owned(_) => place(piece.get(), self.line),
                };
                let help = name::instead(word, &Field::ALL.map(Field::word));
                let word: String = word.chars().take(LONGEST_WORD).collect();
                Fault::new(span, format!("`{word}` is no field of an operation")).help(help)
            }
            Stray::Again(field, piece) => {
                let message = format!("`{}` stands here for the second time", field.word());
                Fault::new(place(piece.get(), self.line), message)
            }
        }
    }
}

/// So much is told of a word that is no field, in characters.
const LONGEST_WORD: usize = 40;

/// Where a piece of a line stands in it.
fn place(piece: &str, line: &str) -> Range<usize> {
    let start = piece.as_ptr() as usize - line.as_ptr() as usize;
    start..start + piece.len()
}

/// All of the line but the blanks around it.
fn whole(line: &str) -> Range<usize> {
    let start = line.len() - line.trim_start().len();
    start..line.trim_end().len().max(start)
}

fn syntax(line: &str, error: &serde_json::Error) -> Fault {
    let said = error.to_string();
    let said = match said.rfind(" at line ") {
        Some(end) => &said[..end],
        None => &said,
    };
    // The column is a byte's, from 1; 0 is before the first.
    let mut start = error.column().saturating_sub(1).min(line.len());
    while !line.is_char_boundary(start) {
        start -= 1;
    }
    let width = line[start..].chars().next().map_or(0, char::len_utf8);
    let message = match error.classify() {
        serde_json::error::Category::Eof => "the line ends before its JSON object does".to_owned(),
        _ => said.to_owned(),
    };
    Fault::new(start..start + width, message)
}

#[derive(Debug, Default)]
struct Pieces<'a> {
    known: [Option<&'a RawValue>; Field::ALL.len()],
    /// The first that has no place among those.
    stray: Option<Stray<'a>>,
}

#[derive(Debug)]
enum Stray<'a> {
    Unknown(Cow<'a, str>, &'a RawValue),
    Again(Field, &'a RawValue),
}

impl<'de: 'a, 'a> Deserialize<'de> for Pieces<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Pieces<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an operation, which is a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pieces<'de>, A::Error> {
                let mut pieces = Pieces::default();
                while let Some(Word(word)) = map.next_key()? {
                    let piece: &RawValue = map.next_value()?;
                    let stray = match Field::of(&word) {
                        None => Stray::Unknown(word, piece),
                        Some(field) => match &mut pieces.known[field as usize] {
                            Some(_) => Stray::Again(field, piece),
                            free => {
                                *free = Some(piece);
                                continue;
                            }
                        },
                    };
                    pieces.stray.get_or_insert(stray);
                }
                Ok(pieces)
            }
        }

        from.deserialize_map(Object)
    }
}

/// A key: only one that is written with escapes is copied.
struct Word<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Word<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Owned(text.to_owned())))
            }
        }

        from.deserialize_str(Text)
    }
}
