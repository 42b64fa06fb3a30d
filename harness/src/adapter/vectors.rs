//! The test vectors of the kits: payloads and values, as files that the test of every kit reads.
//!
//! `INSTA_UPDATE=always cargo test --lib vectors` writes them again. It runs in no other test program,
//! so nothing but this file knows the form of the vectors.

use std::env;
use std::fs;
use std::path::Path;

use rstest::rstest;
use serde_json::{Value, json};

use crate::plan::{Item, payload};

/// Sizes around the number, the words of the pattern and the blocks in which kits compute them.
const SIZES: [u64; 16] = [
    0, 1, 7, 8, 9, 15, 16, 17, 64, 65, 527, 529, 4096, 65_537, 98_311, 1_048_576,
];
const NUMBERS: [u64; 4] = [0, 1, 255, 1 << 53];

#[rstest]
#[case("payloads.json", payloads())]
#[case("values.json", values())]
fn the_vectors_of_the_kits_follow_from_this_crate(#[case] name: &str, #[case] vectors: Vec<Value>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/adapters/kits/vectors");
    let lines: Vec<String> = vectors.iter().map(Value::to_string).collect();
    let expected = format!("[\n{}\n]\n", lines.join(",\n"));
    let file = folder.join(name);
    if env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        fs::write(&file, &expected).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == expected,
        "{name} doesn't follow from this crate any more: write it with INSTA_UPDATE=always, and \
         then correct the kits"
    );
}

/// Each payload by its checksum and its last bytes.
fn payloads() -> Vec<Value> {
    let of = |number, size: u64| {
        let bytes = payload::generate(number, size);
        let tail = &bytes[bytes.len().saturating_sub(16)..];
        json!({
            "number": number,
            "size": size,
            "adler32": adler32(&bytes),
            "tail": crate::plan::hex::encode(tail),
        })
    };
    let all = SIZES.iter().flat_map(|&size| NUMBERS.map(|n| (n, size)));
    all.filter(|&(n, size)| n <= payload::largest_number(size))
        .map(|(n, size)| of(n, size))
        .collect()
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1, 0);
    for &byte in bytes {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

/// Each item with the form in which `print` steps show it.
fn values() -> Vec<Value> {
    let items = [
        json!("none"),
        json!({ "bool": true }),
        json!({ "bool": false }),
        json!({ "int": 0 }),
        json!({ "int": -5 }),
        json!({ "int": 1_i64 << 53 }),
        json!({ "int": i64::MAX }),
        json!({ "int": i64::MIN }),
        json!({ "big-int": "9223372036854775808" }),
        json!({ "big-int": format!("-{}", "9".repeat(400)) }),
        json!({ "float": "0.1" }),
        json!({ "float": "2.0" }),
        json!({ "float": "-0.0" }),
        json!({ "float": "nan" }),
        json!({ "float": "inf" }),
        json!({ "float": "-inf" }),
        json!({ "float": "1e300" }),
        json!({ "float": "5e-324" }),
        json!({ "float": "123456789.125" }),
        json!({ "text": "" }),
        json!({ "text": "NUL \0, \u{e9}, e\u{301}, \u{1f600}, \" and \\" }),
        json!({ "bytes": "" }),
        json!({ "bytes": "00ff0a0d" }),
        json!({ "list": [] }),
        json!({ "list": ["none", { "text": "a \"quoted\" \\ text\n\t\0" }, { "list": [{ "float": "2.0" }] }] }),
        json!({ "map": {} }),
        json!({ "map": { "b": { "int": 1 }, "a": { "map": { "c": { "bytes": "ff" } } } } }),
        json!({ "payload": { "number": 7, "size": 4096 } }),
    ];
    let of = |item: Value| {
        let parsed: Item = serde_json::from_value(item.clone()).expect("it is an item");
        json!({ "item": item, "shown": parsed.to_string() })
    };
    items.into_iter().map(of).collect()
}
