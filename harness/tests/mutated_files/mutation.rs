//! One change of a valid file.

use fastrand::Rng;

/// Numbers at which types end, and what isn't a number.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1.5",
    "255",
    "65536",
    "10000000",
    "2147483648",
    "4294967296",
    "1000000000000",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "1e999",
    "nan",
    "-inf",
];

/// Values of all types.
const VALUES: &[&str] = &[
    "\"\"",
    "\"x\"",
    "true",
    "null",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "0",
    "\"$item\"",
    "\"$none\"",
    "\"0\"",
    "\"\\n\\u001b[2J\\u202e\"",
    "1979-05-27",
];

/// Texts that may mean something where they stand.
const WORDS: &[&str] = &[
    "[", "]", "{", "}", "\"", "'", "\"\"\"", "=", ",", ":", ".", "#", "\\", "\n", "\r\n", "\0",
    "\u{1b}", "\u{feff}", "\u{202e}", "é", "🦀", "$", "@", "~", "*", "/", "..", "\\u", "\\ud800",
];

/// Returns the text with one change.
pub(super) fn mutated(text: &str, rng: &mut Rng) -> Vec<u8> {
    match rng.u8(0..14) {
        0..=2 => replaced(text, &numbers(text), pick(NUMBERS, rng), rng),
        3..=4 => replaced(text, &values(text), pick(VALUES, rng), rng),
        5 => nested(text, rng),
        6 => long(text, rng),
        7 => lines(text, rng),
        8 => text.as_bytes()[..rng.usize(0..=text.len())].to_vec(),
        9 => {
            let mut bytes = text.as_bytes().to_vec();
            let at = rng.usize(0..bytes.len());
            bytes[at] ^= 1 << rng.u8(0..8);
            bytes
        }
        10 => inserted(text, pick(WORDS, rng), rng),
        11 => field_twice(text, rng),
        12 => {
            let found = words(text);
            let word = found[rng.usize(0..found.len())].clone();
            replaced(text, &found, &text[word], rng)
        }
        _ => {
            let mut bytes = text.as_bytes().to_vec();
            bytes.remove(rng.usize(0..bytes.len()));
            bytes
        }
    }
}

type Part = std::ops::Range<usize>;

fn pick<'a>(from: &[&'a str], rng: &mut Rng) -> &'a str {
    from[rng.usize(0..from.len())]
}

/// Returns the parts of the text that consist of such characters.
fn parts(text: &str, is_inside: impl Fn(char) -> bool) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| is_inside(*c)) {
        match parts.last_mut() {
            Some(last) if last.end == at => last.end += c.len_utf8(),
            _ => parts.push(at..at + c.len_utf8()),
        }
    }
    parts
}

fn numbers(text: &str) -> Vec<Part> {
    parts(text, |c| c.is_ascii_digit())
}

fn words(text: &str) -> Vec<Part> {
    parts(text, |c| c.is_ascii_alphanumeric() || "-_$./".contains(c))
}

/// Returns the texts in quotes, and the numbers.
fn values(text: &str) -> Vec<Part> {
    let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    let quoted = quotes.windows(2).map(|pair| pair[0]..pair[1] + 1);
    quoted.chain(numbers(text)).collect()
}

fn replaced(text: &str, parts: &[Part], by: &str, rng: &mut Rng) -> Vec<u8> {
    if parts.is_empty() {
        return inserted(text, by, rng);
    }
    let Part { start, end } = parts[rng.usize(0..parts.len())].clone();
    [&text[..start], by, &text[end..]].concat().into_bytes()
}

fn inserted(text: &str, what: &str, rng: &mut Rng) -> Vec<u8> {
    let at = text.floor_char_boundary(rng.usize(0..=text.len()));
    [&text[..at], what, &text[at..]].concat().into_bytes()
}

/// Puts a value into many lists or maps.
fn nested(text: &str, rng: &mut Rng) -> Vec<u8> {
    let values = values(text);
    let Some(value) = values.get(rng.usize(0..values.len().max(1))).cloned() else {
        return text.as_bytes().to_vec();
    };
    let depth = [2, 30, 100, 1_000, 10_000][rng.usize(0..5)];
    let (open, close) = [
        ("[", "]"),
        ("{ a = ", " }"),
        ("{\"a\":", "}"),
        ("{ repeat = { steps = [", "] } }"),
    ][rng.usize(0..4)];
    let inside = &text[value.clone()];
    let nested = [open.repeat(depth), inside.to_owned(), close.repeat(depth)].concat();
    [&text[..value.start], &nested, &text[value.end..]]
        .concat()
        .into_bytes()
}

/// Adds a list with many values, or a long word.
fn long(text: &str, rng: &mut Rng) -> Vec<u8> {
    let length = [10, 1_000, 30_000, 100_000, 10_000_000][rng.usize(0..50).min(4)];
    let length = if rng.u8(0..20) > 0 {
        length.min(100_000)
    } else {
        length
    };
    match rng.u8(0..3) {
        0 => {
            let numbers: Vec<String> = (0..length).map(|number| number.to_string()).collect();
            let numbers = numbers.join(",");
            match text.find("\n[") {
                Some(at) => {
                    let axes = format!("\n[axes]\nmany = [{numbers}]\n");
                    [&text[..at], &axes, &text[at..]].concat().into_bytes()
                }
                None => replaced(text, &values(text), &format!("[{numbers}]"), rng),
            }
        }
        1 => replaced(
            text,
            &values(text),
            &format!("\"{}\"", "x".repeat(length)),
            rng,
        ),
        _ => inserted(text, &"x".repeat(length), rng),
    }
}

/// Doubles, removes or moves a line.
fn lines(text: &str, rng: &mut Rng) -> Vec<u8> {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (one, other) = (rng.usize(0..lines.len()), rng.usize(0..lines.len()));
    match rng.u8(0..3) {
        0 => lines.insert(other, lines[one]),
        1 => drop(lines.remove(one)),
        _ => lines.swap(one, other),
    }
    lines.concat().into_bytes()
}

/// Doubles what stands between two commas.
fn field_twice(text: &str, rng: &mut Rng) -> Vec<u8> {
    let commas: Vec<usize> = text.match_indices(',').map(|(at, _)| at).collect();
    if commas.len() < 2 {
        return lines(text, rng);
    }
    let first = rng.usize(0..commas.len() - 1);
    let field = &text[commas[first]..commas[first + 1]];
    [&text[..commas[first]], field, &text[commas[first]..]]
        .concat()
        .into_bytes()
}
